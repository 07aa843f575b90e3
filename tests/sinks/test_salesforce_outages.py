"""Salesforce slow, down, rude or half done: what is tried again, what is not, and that no second task comes of it."""

import asyncio

import pytest

from stream_app.sinks.base import SinkError, SinkRejected
from stream_app.sinks.salesforce import Salesforce
from tests.sinks.crm_servers import SALESFORCE_SECRET, SalesforceServer
from tests.sinks.envelopes import CASE, envelope, user, whole
from tests.sinks.scripted import Fault

NOW = 1_781_092_800.0
CASES = [f"{number:032x}" for number in range(250)]


def error(code, message=""):
    """Return the body of an answer that is one error."""
    return [{"errorCode": code, "message": message}]


def refusal(code, message=""):
    """Return the errors of an item."""
    return {"statusCode": code, "message": message, "fields": []}


@pytest.fixture
async def server():
    async with SalesforceServer() as one:
        yield one


@pytest.fixture
async def sink(server):
    one = Salesforce(server.settings(), timeout=5.0, clock=lambda: NOW)
    yield one
    await one.close()


async def outcomes(sink, cases):
    """Return what came of each case, all delivered at once."""
    return await asyncio.gather(*(sink.deliver(envelope(whole(case))) for case in cases), return_exceptions=True)


def upserts(server):
    """Return the keys of what was written, a list for each request."""
    writes = [asked.json["records"] for asked in server.asked if asked.method == "PATCH"]
    return [[record["StreamAppCase__c"] for record in records] for records in writes]


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (Fault(status=429, headers={"Retry-After": "30"}), 30.0),
        (Fault(status=429), None),
        (Fault(status=429, headers={"Retry-After": "abc"}), None),
        (Fault(status=429, headers={"Retry-After": "86400"}), 86_400.0),
        (Fault(status=429, headers={"Retry-After": "Wed, 10 Jun 2026 12:02:00 GMT"}), 120.0),
        (Fault(status=403, body=error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")), None),
        (Fault(status=500, body=error("UNKNOWN_EXCEPTION")), None),
        (Fault(status=500, applied=True), None),
        (Fault(status=502, body="<html>"), None),
        (Fault(status=503, headers={"Retry-After": "5"}), 5.0),
        (Fault(status=400, body=error("UNABLE_TO_LOCK_ROW")), None),
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
        Fault(cuts=True),
        Fault(cuts=True, applied=True),
        Fault(status=200, body="<html>", applied=True),
        Fault(status=200, body=[], applied=True),
    ],
)
async def test_what_may_have_arrived_makes_one_task(server, fault):
    sink = Salesforce(server.settings(), timeout=0.3, clock=lambda: NOW)
    server.faults.append(fault)
    with pytest.raises(SinkError) as raised:
        await sink.deliver(envelope())
    await sink.deliver(envelope())
    await sink.close()

    assert (True, [CASE]) == (raised.value.unsure, server.made)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault(status=300, body=["/a", "/b"]), "300: several records have the same external id"),
        (Fault(status=302, headers={"Location": "/"}), "302: redirects are not followed"),
        (Fault(status=400, body=error("INVALID_FIELD", "No such column")), "400: INVALID_FIELD No such column"),
        (Fault(status=403, body=error("API_DISABLED_FOR_ORG", "No API")), "403: API_DISABLED_FOR_ORG No API"),
        (Fault(status=404, body=error("NOT_FOUND", "no\r\nsuch\x1b[31m path")), "404: NOT_FOUND no such[31m path"),
    ],
)
async def test_what_will_not_pass_is_refused_with_its_reason(server, sink, fault, why):
    server.outage = fault
    with pytest.raises(SinkRejected) as raised:
        await sink.deliver(envelope())

    assert (f"Salesforce answered {why}", []) == (str(raised.value), server.made)


async def test_calls_that_wait_go_as_batches_and_their_results_are_told_apart(server, sink):
    server.refused = {
        CASES[3]: refusal("UNABLE_TO_LOCK_ROW"),
        CASES[4]: refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", "say why"),
        CASES[5]: refusal("DUPLICATE_VALUE", "duplicate value found: StreamAppCase__c duplicates value on record"),
        CASES[6]: refusal("DUPLICATE_VALUE", "duplicate value found: Other__c duplicates value on record"),
    }
    told = await outcomes(sink, CASES)

    assert [200, 50] == [len(keys) for keys in upserts(server)]
    assert [SinkError, SinkRejected, SinkError, SinkRejected] == [type(one) for one in told[3:7]]
    assert "Salesforce did not take it: FIELD_CUSTOM_VALIDATION_EXCEPTION say why" == str(told[4])
    assert {case: server.records[case]["Id"] for case in CASES[7:]} == {
        case: place.id for case, place in zip(CASES[7:], told[7:], strict=True)
    }
    assert 1 == server.logins


async def test_one_case_is_not_twice_in_a_batch(server, sink):
    await outcomes(sink, [CASES[0], CASES[1], CASES[0]])

    assert [[CASES[0], CASES[1]], [CASES[0]]] == upserts(server)


async def test_a_batch_refused_as_a_whole_is_asked_again_one_by_one(server, sink):
    server.faults.append(Fault(status=400, body=error("JSON_PARSER_ERROR", "one of them")))
    told = await outcomes(sink, CASES[:3])

    assert CASES[:3] == [case for case, one in zip(CASES, told, strict=False) if one.id]


async def test_an_expired_token_is_renewed_once_for_all(server, sink):
    server.users = {"tantou@example.co.jp": ["005000000000001AAA"]}
    await sink.deliver(envelope())
    server.tokens.clear()
    await asyncio.gather(
        *(sink.deliver(envelope(whole(case), target=user("tantou@example.co.jp"))) for case in CASES[:5])
    )

    assert (2, 6) == (server.logins, len(server.records))


async def test_a_new_token_that_is_not_taken_is_not_renewed_again(server, sink):
    server.outage = Fault(status=401, body=error("INVALID_SESSION_ID", "expired"))
    with pytest.raises(SinkRejected) as raised:
        await sink.deliver(envelope())

    assert ("Salesforce answered 401: INVALID_SESSION_ID expired", 2) == (str(raised.value), server.logins)


async def test_nobody_waits_for_a_sink_that_is_closed(server, sink):
    server.outage = Fault(hangs=True)
    waiting = [asyncio.create_task(sink.deliver(envelope(whole(case)))) for case in CASES[:3]]
    while not upserts(server):
        await asyncio.sleep(0)
    await sink.close()

    assert [SinkError] * 3 == [type(one) for one in await asyncio.gather(*waiting, return_exceptions=True)]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
async def test_no_error_gives_a_secret_away(server, sink, status):
    """Even where the server says them back."""
    await sink.deliver(envelope())
    secrets = [SALESFORCE_SECRET, *server.tokens]
    server.outage = Fault(status=status, body=error("X", f"you sent {' '.join(secrets)}"))
    server.login_fault = Fault(status=status, body={"error": "x", "error_description": f"{' '.join(secrets)}"})
    with pytest.raises((SinkError, SinkRejected)) as raised:
        await sink.deliver(envelope())

    assert [] == [secret for secret in secrets if secret in repr(raised.value)]
