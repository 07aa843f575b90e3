"""Tasks in Salesforce: one for each case, whatever its answers are."""

import pytest

from stream_app.core.alerts import Severity
from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Kind
from stream_app.core.routes import Sink
from stream_app.core.routing import Target
from stream_app.sinks.base import SinkRejected
from stream_app.sinks.salesforce import Salesforce
from tests.sinks.crm_servers import INTEGRATION_USER, SalesforceServer
from tests.sinks.envelopes import CASE, MANY, NOTE, envelope, queue, user, whole

NOW = 1_781_092_800.0
USER, QUEUE = "005000000000001AAA", "00G000000000001AAA"


@pytest.fixture
async def server():
    async with SalesforceServer() as one:
        yield one


@pytest.fixture
async def sink(server):
    one = Salesforce(server.settings(account_id_field="Account_Key__c"), timeout=5.0, clock=lambda: NOW)
    yield one
    await one.close()


async def test_a_case_becomes_a_task_with_all_that_is_known(server, sink):
    letter = whole(notes=("本日3回目",), also=("別の利用者  料金プラン",))
    place = await sink.deliver(envelope(letter, target=user(USER)))
    task = server.records[CASE]

    assert Place(id=task["Id"]) == place
    assert ["/services/data/v62.0/composite/sobjects/Task/StreamAppCase__c"] == [
        asked.path for asked in server.asked if asked.method == "PATCH"
    ]
    assert ("Not Started", "High", USER, "a-0007") == (
        task["Status"],
        task["Priority"],
        task["OwnerId"],
        task["Account_Key__c"],
    )
    assert letter.message.heading == task["Subject"]
    lines = task["Description"].split("\n")
    assert [letter.message.heading, "本日3回目", letter.message.headline] == lines[:3]
    assert ["", "■ 他の方", "別の利用者  料金プラン"] == lines[lines.index("■ 他の方") - 1 :][:3]
    assert "https://crm.example.com/accounts/a-0007" in task["Description"]


@pytest.mark.parametrize(
    ("severity", "priority"), [(Severity.HIGH, "High"), (Severity.MEDIUM, "Normal"), (Severity.LOW, "Low")]
)
async def test_severity_is_priority(server, sink, severity, priority):
    await sink.deliver(envelope(whole(severity=severity)))

    assert priority == server.records[CASE]["Priority"]


@pytest.mark.parametrize("kind", [Kind.RAISE, Kind.ADD, Kind.UPDATE])
async def test_later_parcels_write_the_same_task_and_leave_what_people_set(server, sink, kind):
    place = await sink.deliver(envelope(whole(severity=Severity.MEDIUM), target=user(USER)))
    server.records[CASE] |= {"Status": "In Progress", "OwnerId": "005000000000009AAA"}
    again = await sink.deliver(envelope(whole(notes=("本日2回目",)), kind=kind, target=user(USER), place=place))
    task = server.records[CASE]

    assert ([CASE], None) == (server.made, again)
    assert ("In Progress", "005000000000009AAA", "High") == (task["Status"], task["OwnerId"], task["Priority"])
    assert "本日2回目" in task["Description"]


async def test_a_task_that_somebody_deleted_is_made_anew_with_its_owner(server, sink):
    place = await sink.deliver(envelope(target=user(USER)))
    del server.records[CASE]
    anew = await sink.deliver(envelope(kind=Kind.UPDATE, target=user(USER), place=place))

    assert (Place(id=server.records[CASE]["Id"]), USER) == (anew, server.records[CASE]["OwnerId"])


@pytest.mark.parametrize(
    ("kind", "letter"),
    [
        (Kind.REMIND, NOTE),
        (Kind.ESCALATE, NOTE),
        (Kind.BUNDLE, MANY),
        (Kind.DIGEST, MANY),
        (Kind.REMIND, whole()),
        (Kind.ADD, NOTE),
    ],
)
async def test_what_is_no_state_of_a_case_never_reaches_it(server, sink, kind, letter):
    with pytest.raises(SinkRejected):
        await sink.deliver(envelope(letter, kind=kind))

    assert [] == server.asked


@pytest.mark.parametrize(
    ("target", "owner"),
    [
        (user(USER), USER),
        (user(USER[:15]), USER[:15]),
        (user("tantou@example.co.jp"), USER),
        (user("o'hara\\@example.com"), USER),
        (queue(QUEUE), QUEUE),
        (queue("Churn Desk"), QUEUE),
        (Target(sink=Sink.SALESFORCE), INTEGRATION_USER),
    ],
)
async def test_an_owner_is_an_id_or_looked_up(server, sink, target, owner):
    server.users = {"tantou@example.co.jp": [USER], "o'hara\\@example.com": [USER]}
    server.queues = {"Churn Desk": QUEUE}
    await sink.deliver(envelope(target=target))

    assert owner == server.records[CASE]["OwnerId"]


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (user("nobody@example.com"), "Salesforce must have one active user nobody@example.com, it has none"),
        (user("both@example.com"), "Salesforce must have one active user both@example.com, it has several"),
        (user("' OR Email != '"), "Salesforce must have one active user ' OR Email != ', it has none"),
        (queue("Nowhere"), "Salesforce must have one queue Nowhere, it has none"),
    ],
)
async def test_an_owner_that_is_not_one_is_said(server, sink, target, why):
    server.users = {"both@example.com": [USER, "005000000000002AAA"]}
    with pytest.raises(SinkRejected) as raised:
        await sink.deliver(envelope(target=target))

    assert (why, {}) == (str(raised.value), server.records)
