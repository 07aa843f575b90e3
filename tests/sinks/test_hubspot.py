"""Tasks in HubSpot: one for each case, whatever its answers are."""

import asyncio

import pytest

from stream_app.core.alerts import Severity
from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Kind
from stream_app.core.routes import Sink
from stream_app.core.routing import Target
from stream_app.sinks.base import SinkError, SinkRejected
from stream_app.sinks.hubspot import HubSpot
from tests.sinks.crm_servers import HUBSPOT_TOKEN, HubSpotServer
from tests.sinks.envelopes import CASE, MANY, NOTE, envelope, queue, user, whole
from tests.sinks.scripted import Fault

NOW = 1_781_092_800.0
CASES = [f"{number:032x}" for number in range(150)]


@pytest.fixture
async def server():
    async with HubSpotServer() as one:
        yield one


@pytest.fixture
async def sink(server):
    one = HubSpot(server.settings(), timeout=5.0, clock=lambda: NOW)
    yield one
    await one.close()


async def outcomes(sink, cases):
    """Return what came of each case, all delivered at once."""
    return await asyncio.gather(*(sink.deliver(envelope(whole(case))) for case in cases), return_exceptions=True)


def upserts(server):
    """Return the keys of what was written, a list for each request."""
    return [[one["id"] for one in asked.json["inputs"]] for asked in server.asked if asked.method == "POST"]


async def test_a_case_becomes_a_task_with_all_that_is_known(server, sink):
    letter = whole(notes=("本日3回目",), also=("別の利用者",))
    place = await sink.deliver(envelope(letter, target=user("42", Sink.HUBSPOT)))
    task = dict(server.records[CASE])
    body = task.pop("hs_task_body").split("<br>")

    assert Place(id="1") == place
    assert {
        "hs_object_id": "1",
        "stream_app_case": CASE,
        "hs_task_subject": letter.message.heading,
        "hs_task_priority": "HIGH",
        "hs_task_status": "NOT_STARTED",
        "hs_task_type": "TODO",
        "hs_timestamp": "1781092800000",
        "hubspot_owner_id": "42",
    } == task
    assert [letter.message.heading, "本日3回目", letter.message.headline] == body[:3]
    assert "別の利用者" in body
    assert [(CASE, "stream_app_case", CASE)] == [
        (one["id"], one["idProperty"], one["objectWriteTraceId"]) for one in server.asked[0].json["inputs"]
    ]


@pytest.mark.parametrize("severity", Severity)
async def test_severity_is_priority(server, sink, severity):
    await sink.deliver(envelope(whole(severity=severity)))

    assert severity.upper() == server.records[CASE]["hs_task_priority"]


@pytest.mark.parametrize("kind", [Kind.RAISE, Kind.ADD, Kind.UPDATE])
async def test_later_parcels_write_the_same_task_and_leave_what_people_set(server, sink, kind):
    place = await sink.deliver(envelope(target=user("42", Sink.HUBSPOT)))
    theirs = {"hs_task_status": "COMPLETED", "hubspot_owner_id": "43", "hs_timestamp": "1"}
    server.records[CASE] |= theirs
    again = await sink.deliver(
        envelope(whole(notes=("本日2回目",)), kind=kind, target=user("42", Sink.HUBSPOT), place=place)
    )

    assert ([CASE], None) == (server.made, again)
    assert theirs == {name: server.records[CASE][name] for name in theirs}
    assert "本日2回目" in server.records[CASE]["hs_task_body"]


async def test_a_task_that_somebody_deleted_is_made_anew_with_its_owner(server, sink):
    place = await sink.deliver(envelope(target=user("42", Sink.HUBSPOT)))
    del server.records[CASE]
    anew = await sink.deliver(envelope(kind=Kind.UPDATE, target=user("42", Sink.HUBSPOT), place=place))

    assert (Place(id="2"), "42") == (anew, server.records[CASE]["hubspot_owner_id"])


@pytest.mark.parametrize(
    ("kind", "letter"),
    [(Kind.REMIND, NOTE), (Kind.ESCALATE, NOTE), (Kind.BUNDLE, MANY), (Kind.DIGEST, MANY), (Kind.ADD, NOTE)],
)
async def test_what_is_no_state_of_a_case_never_reaches_it(server, sink, kind, letter):
    with pytest.raises(SinkRejected):
        await sink.deliver(envelope(letter, kind=kind))

    assert [] == server.asked


@pytest.mark.parametrize(
    ("target", "name", "value"),
    [
        (user("tantou@example.co.jp", Sink.HUBSPOT), "hubspot_owner_id", "77"),
        (queue("88", Sink.HUBSPOT), "hs_queue_membership_ids", "88"),
        (Target(sink=Sink.HUBSPOT), "hubspot_owner_id", None),
    ],
)
async def test_an_owner_is_looked_up_and_a_queue_is_named(server, sink, target, name, value):
    server.owners = {"tantou@example.co.jp": ["77"]}
    await sink.deliver(envelope(target=target))

    assert value == server.records[CASE].get(name)


@pytest.mark.parametrize(("owners", "how_many"), [([], "none"), (["1", "2"], "several")])
async def test_an_owner_that_is_not_one_is_said(server, sink, owners, how_many):
    server.owners = {"a@example.com": owners}
    with pytest.raises(SinkRejected) as raised:
        await sink.deliver(envelope(target=user("a@example.com", Sink.HUBSPOT)))

    assert f"HubSpot must have one owner a@example.com, it has {how_many}" == str(raised.value)


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (Fault(status=429, headers={"Retry-After": "30"}, body={"policyName": "SECONDLY"}), 30.0),
        (Fault(status=429, headers={"Retry-After": "abc"}, body={"policyName": "SECONDLY"}), 10.0),
        (Fault(status=429, body={"policyName": "TEN_SECONDLY_ROLLING"}), 10.0),
        (Fault(status=429, body="<html>"), 10.0),
        (Fault(status=429, body={"policyName": "DAILY", "message": "daily limit"}), 900.0),
        (Fault(status=500, applied=True), None),
        (Fault(status=503, headers={"Retry-After": "Wed, 10 Jun 2026 12:02:00 GMT"}), 120.0),
        (Fault(status=423), None),
        (Fault(status=409, applied=True), None),
        (Fault(status=477, headers={"Retry-After": "86400"}), 86_400.0),
    ],
)
async def test_what_passes_is_tried_again_and_makes_one_task(server, sink, fault, seconds):
    server.faults.append(fault)
    with pytest.raises(SinkError) as raised:
        await sink.deliver(envelope())
    await sink.deliver(envelope())

    assert (seconds, False, [CASE]) == (raised.value.retry_after, raised.value.unsure, server.made)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(hangs=True),
        Fault(hangs=True, applied=True),
        Fault(cuts=True, applied=True),
        Fault(status=200, body="<html>", applied=True),
        Fault(status=200, body={"results": []}, applied=True),
    ],
)
async def test_what_may_have_arrived_makes_one_task(server, fault):
    sink = HubSpot(server.settings(), timeout=0.3, clock=lambda: NOW)
    server.faults.append(fault)
    with pytest.raises(SinkError) as raised:
        await sink.deliver(envelope())
    await sink.deliver(envelope())
    await sink.close()

    assert (True, [CASE]) == (raised.value.unsure, server.made)


async def test_a_wrong_token_is_refused_for_good(server):
    sink = HubSpot(server.settings(token="another"), timeout=5.0)
    with pytest.raises(SinkRejected) as raised:
        await sink.deliver(envelope())
    await sink.close()

    assert "HubSpot answered 401: INVALID_AUTHENTICATION token not found" == str(raised.value)


async def test_calls_that_wait_go_as_batches_and_their_results_are_told_apart(server, sink):
    server.refused = {
        CASES[3]: {"category": "CONFLICT", "message": "written by another"},
        CASES[4]: {"category": "VALIDATION_ERROR", "message": "no such owner"},
        CASES[5]: {"category": "VALIDATION_ERROR", "message": "nameless", "context": {}},
    }
    told = await outcomes(sink, CASES)

    assert [100, 50] == [len(keys) for keys in upserts(server)]
    assert [SinkError, SinkRejected, SinkError] == [type(one) for one in told[3:6]]
    assert "HubSpot did not take it: VALIDATION_ERROR no such owner" == str(told[4])
    assert {case: Place(id=server.records[case]["hs_object_id"]) for case in CASES[6:]} == dict(
        zip(CASES[6:], told[6:], strict=True)
    )


async def test_an_error_without_a_name_is_that_of_the_only_task(server, sink):
    server.refused = {CASE: {"category": "VALIDATION_ERROR", "message": "nameless", "context": {}}}
    with pytest.raises(SinkRejected):
        await sink.deliver(envelope())


@pytest.mark.parametrize("status", [207, 400, 401, 403, 404, 429, 500])
async def test_no_error_gives_the_token_away(server, sink, status):
    """Even where the server says it back."""
    said = f"you sent {HUBSPOT_TOKEN}"
    server.outage = Fault(status=status, body={"message": said, "errors": [{"category": "X", "message": said}]})
    with pytest.raises((SinkError, SinkRejected)) as raised:
        await sink.deliver(envelope())

    assert HUBSPOT_TOKEN not in repr(raised.value)
