"""What a task says: customers' text as it is, harmless, and within the limits."""

import re
from html import unescape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Kind
from stream_app.render.message import Fact, Ids
from stream_app.sinks.hubspot import HubSpot
from stream_app.sinks.salesforce import Salesforce
from stream_app.sinks.tasks import cut, task_of
from tests.sinks.crm_servers import HubSpotServer, SalesforceServer
from tests.sinks.envelopes import CASE, NOTE, envelope, whole

NASTY = (
    "<script>alert(1)</script>",
    "<a href='https://evil.example'>x</a>",
    '"}]}, {"Subject": "',
    "\r\nX-Other: 1",
    "\x00\x1b[31m\u202e\u2066\ufeff",
    "https://evil.example/x",
    "WWW.evil.example",
    "\ud800",
    "𠮷" * 300,
    "@[担当者] @all",
)
TEXTS = st.one_of(st.sampled_from(NASTY), st.text(st.characters(), max_size=300))
LETTER = whole()


def hostile(text):
    """Return a letter with the text wherever a customer's may stand."""
    message = replace(
        LETTER.message,
        heading=text,
        who=(Fact(label="お名前", text=text),),
        happened=text,
        ids=Ids(alert_id=CASE, rule_id="r", customer_id=text, account_id=text),
    )
    return replace(LETTER, message=message, notes=(text,), also=(text,))


def visible(text):
    """Tell a text without controls, direction marks and halves of characters."""
    return (
        re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]", text)
        is None
    )


@given(TEXTS)
def test_a_task_has_nothing_unseen_and_no_link_of_a_customer(text):
    task = task_of(envelope(hostile(text)))
    links = [link.url for link in LETTER.message.links]

    assert visible(task.subject + task.text + task.account_id)
    assert "\n" not in task.subject
    assert links == re.findall(r"\w+://\S+", task.text)
    assert [] == re.findall(r"\bwww\.", task.text, re.IGNORECASE)


@given(TEXTS, st.integers(1, 300))
def test_a_text_is_cut_to_what_a_field_takes(text, limit):
    short = cut(text, limit)

    assert len(short.encode("utf-16-le", errors="replace")) <= 2 * limit
    assert text == short or (short.endswith("…") and text.startswith(short[:-1]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
async def test_hostile_text_stays_in_its_fields_in_salesforce(text):
    async with SalesforceServer() as server:
        sink = Salesforce(server.settings(account_id_field="Account_Key__c"))
        place = await sink.deliver(envelope(hostile(text)))
        await sink.close()
    fields = {"attributes", "Subject", "Description", "Priority", "Account_Key__c", "Id", "Status", "OwnerId"}

    assert [CASE] == list(server.records)
    assert fields >= server.records[CASE].keys()
    assert Place(id=server.records[CASE]["Id"]) == place


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
async def test_hostile_text_is_no_markup_in_hubspot(text):
    async with HubSpotServer() as server:
        sink = HubSpot(server.settings())
        await sink.deliver(envelope(hostile(text)))
        await sink.close()
    body, told = server.records[CASE]["hs_task_body"], task_of(envelope(hostile(text))).text

    assert len(body) <= 65_536
    assert {"<br>"} >= set(re.findall(r"<[^>]*>?", body))
    assert told.startswith(unescape(body.replace("<br>", "\n")))


@pytest.mark.parametrize("char", ["長", "𠮷", "&", "'", "\n"])
async def test_what_is_too_long_is_cut(char):
    """Salesforce's fake refuses what is longer than its fields."""
    async with SalesforceServer() as salesforce, HubSpotServer() as hubspot:
        sinks = Salesforce(salesforce.settings()), HubSpot(hubspot.settings())
        for sink in sinks:
            await sink.deliver(envelope(hostile(char * 100_000)))
            await sink.close()
    body = hubspot.records[CASE]["hs_task_body"]

    assert len(salesforce.records[CASE]["Description"]) > 10_000
    assert 65_000 < len(body.encode("utf-16-le")) // 2 <= 65_536


def test_a_task_of_somebody_who_was_erased_says_only_that():
    task = task_of(envelope(NOTE, kind=Kind.ERASE, place=Place(id="t-1")))

    assert ("お知らせ", "お知らせ", "", CASE) == (task.subject, task.text, task.account_id, task.case_id)
