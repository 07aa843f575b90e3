"""Where Slack posts: what is signed is heard, and everything else is refused alike, whatever it is made of."""

import asyncio
import gzip
import io
import json

import aiohttp
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream_app.core.notify.orders import Action
from stream_app.settings.sinks import SlackSettings
from stream_app.sinks.slack_endpoint import MAX_BODY, serve_slack
from tests.sinks.slack_said import event, form, interaction, signed

SECRET = "signing-secret"
NOW = 1_700_000_000
BUTTON = {"action_id": "stream_app_acknowledge", "value": '{"case_id":"case-1"}'}
PRESS, REPLY = form(interaction(BUTTON)), orjson.dumps(event())
PATHS = ["/slack/interactivity", "/slack/events"]


class Endpoint:
    """The endpoint with a clock that stands still; what it heard is in `heard`."""

    def __init__(self):
        self.heard, self.fails, self.hangs = [], None, False

    async def hear(self, heard):
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails:
            raise self.fails
        self.heard.append(heard)

    async def post(self, path, body, headers):
        """Return status and text of the answer."""
        url, sent = self.url + path, io.BytesIO(body)
        async with aiohttp.ClientSession() as session, session.post(url, data=sent, headers=headers) as answer:
            return answer.status, await answer.text()

    async def raw(self, head, body):
        """Return the status of a request sent byte by byte."""
        host, port = self.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(head + b"\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        status = int((await reader.readline()).split()[1])
        writer.close()
        return status


@pytest.fixture
async def endpoint():
    one = Endpoint()
    slack = SlackSettings(signing_secret=SECRET, port=0)
    async with serve_slack(slack, one.hear, now=lambda: float(NOW)) as one.url:
        yield one


@pytest.mark.parametrize(
    ("path", "body", "action"),
    [("/slack/interactivity", PRESS, Action.ACKNOWLEDGE), ("/slack/events", REPLY, Action.REPLY)],
)
@pytest.mark.parametrize("age", [0, 300, -300])
async def test_what_is_signed_and_new_is_heard(endpoint, path, body, action, age):
    assert (200, "") == await endpoint.post(path, body, signed(SECRET, body, NOW - age))
    assert [action] == [one.action for one in endpoint.heard]


async def test_the_challenge_is_answered_once_it_is_signed(endpoint):
    body = json.dumps({"type": "url_verification", "challenge": "<b>3eZb"}).encode()

    assert 401 == (await endpoint.post("/slack/events", body, signed("another", body, NOW)))[0]
    assert (200, '{"challenge": "<b>3eZb"}') == await endpoint.post("/slack/events", body, signed(SECRET, body, NOW))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"payload=",
        b"payload=%ff",
        b"payload=[]",
        b"a=1&" * 5_000,
        b"[" * 100_000,
        REPLY,
        b'"\\ud800"',
    ],
    ids=lambda body: repr(body[:20]),
)
@pytest.mark.parametrize("path", PATHS)
async def test_what_is_not_ours_is_taken_and_passed_over(endpoint, path, body):
    expected = [Action.REPLY] if (path, body) == ("/slack/events", REPLY) else []

    assert (200, "") == await endpoint.post(path, body, signed(SECRET, body, NOW))
    assert expected == [one.action for one in endpoint.heard]


GOOD = signed(SECRET, PRESS, NOW)
TIMESTAMP, SIGNATURE = GOOD


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {TIMESTAMP: GOOD[TIMESTAMP]},
        {SIGNATURE: GOOD[SIGNATURE]},
        signed("another", PRESS, NOW),
        signed(SECRET, PRESS + b" ", NOW),
        signed(SECRET, PRESS, NOW - 301),
        signed(SECRET, PRESS, NOW + 301),
        *({**GOOD, TIMESTAMP: text} for text in ("abc", "", "-1", "1e9", "nan", "9" * 400, "٣٤", "1_700_000_000")),
        *({**GOOD, TIMESTAMP: f"{NOW}{end}"} for end in (".0", " 1")),
        *({**GOOD, SIGNATURE: text} for text in ("", "v0=", "v1=" + "0" * 64, "v0=" + "é" * 64, "x" * 4_000)),
        {**GOOD, SIGNATURE: GOOD[SIGNATURE].upper()},
    ],
    ids=lambda headers: str(headers)[:90],
)
@pytest.mark.parametrize("path", PATHS)
async def test_what_is_not_slacks_is_refused(endpoint, path, headers):
    status, text = await endpoint.post(path, PRESS, headers)

    assert ((401, "401: Unauthorized"), []) == ((status, text), endpoint.heard)


@pytest.mark.parametrize("name", [TIMESTAMP, SIGNATURE])
async def test_a_header_that_stands_twice_is_refused(endpoint, name):
    headers = [*GOOD.items(), (name, GOOD[name])]

    assert 401 == (await endpoint.post("/slack/interactivity", PRESS, headers))[0]


async def test_bytes_that_are_no_text_are_refused(endpoint):
    body = b"\xff\xfe\x00" + PRESS

    assert 401 == (await endpoint.post("/slack/interactivity", body, signed(SECRET, body, NOW)))[0]


@pytest.mark.parametrize(("length", "expected"), [(MAX_BODY, 200), (MAX_BODY + 1, 401)])
async def test_a_body_has_a_largest_size(endpoint, length, expected):
    body = b"a" * length

    assert expected == (await endpoint.post("/slack/events", body, signed(SECRET, body, NOW)))[0]


@pytest.mark.parametrize("body", [gzip.compress(b"a" * 10_000_000), b"not packed at all"], ids=["bomb", "lie"])
async def test_a_packed_body_is_not_unpacked(endpoint, body):
    headers = {**signed(SECRET, PRESS, NOW), "Content-Encoding": "gzip"}

    assert 401 == (await endpoint.post("/slack/events", body, headers))[0]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.binary(max_size=40), name=st.sampled_from([b"X-Slack-Signature", b"X-Slack-Request-Timestamp"]))
def test_no_bytes_in_a_header_are_an_error_of_ours(value, name):
    async def asked():
        one = Endpoint()
        slack = SlackSettings(signing_secret=SECRET, port=0)
        async with serve_slack(slack, one.hear, now=lambda: float(NOW)) as one.url:
            return await one.raw(b"POST /slack/events HTTP/1.1\r\n" + name + b": " + value, PRESS)

    assert asyncio.run(asked()) in (400, 401)


async def test_a_body_that_does_not_come_is_not_waited_for(endpoint):
    head = "\r\n".join(["POST /slack/events HTTP/1.1", *(f"{name}: {value}" for name, value in GOOD.items())])
    host, port = endpoint.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(head.encode() + b"\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    status = (await reader.readline()).split()[1]
    writer.close()

    assert b"401" == status


@pytest.mark.parametrize("error", [RuntimeError("broker"), TimeoutError()], ids=repr)
async def test_what_is_not_safe_is_not_said_to_be_taken(endpoint, error):
    endpoint.fails = error

    assert 503 == (await endpoint.post("/slack/interactivity", PRESS, GOOD))[0]


async def test_slack_gets_its_answer_though_hearing_takes_for_ever(endpoint):
    endpoint.hangs = True

    assert 503 == (await endpoint.post("/slack/interactivity", PRESS, GOOD))[0]


async def test_there_is_nothing_else(endpoint):
    async with aiohttp.ClientSession() as session:
        statuses = []
        for path in ("/", "/metrics", "/slack", "/slack/events/"):
            async with session.get(endpoint.url + path) as answer:
                statuses.append(answer.status)

    assert [404] * 4 == statuses
