"""What is asked over HTTP, and what each answer means."""

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from stream_app.sinks.base import SinkError, SinkRejected
from stream_app.sinks.http import Answer, HttpClient, decoded, failure, quoted
from tests.sinks.scripted import Fault, ScriptedServer

NOW = 1_781_092_800.0  # Wed, 10 Jun 2026 12:00:00 GMT


class Plain(ScriptedServer):
    """Says how much it is asked to say."""

    async def answer(self, asked):
        return web.Response(text="x" * int(asked.query.get("size", "2")))


@pytest.fixture
async def server():
    async with Plain() as one:
        yield one


@pytest.fixture
async def client():
    one = HttpClient("The sink", timeout=5.0)
    yield one
    await one.close()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, SinkError) for status in (408, 423, 425, 429, 500, 502, 503, 504, 599)),
        *((status, SinkRejected) for status in (300, 301, 302, 307, 308, 400, 401, 403, 404, 409, 410, 422)),
    ],
)
def test_a_status_says_whether_another_try_may_help(status, kind):
    answer = Answer(status=status, headers={"Retry-After": "30"}, body=b"")
    error = failure("The sink", answer, NOW)

    assert kind is type(error)
    assert getattr(error, "retry_after", 30.0) == 30.0


def test_a_sink_may_know_more_statuses_that_pass():
    answer = Answer(status=409, headers={}, body=b"")

    assert isinstance(failure("The sink", answer, NOW, again={409}), SinkError)


@pytest.mark.parametrize(
    ("fault", "unsure", "why"),
    [
        (Fault(hangs=True), True, "The sink did not answer: TimeoutError"),
        (Fault(cuts=True), True, "The sink did not answer: ClientPayloadError"),
    ],
)
async def test_what_was_sent_and_not_answered_may_have_arrived(server, fault, unsure, why):
    client = HttpClient("The sink", timeout=0.3)
    server.outage = fault
    with pytest.raises(SinkError) as raised:
        await client.ask("POST", f"{server.url}/secret-path")
    await client.close()

    assert (unsure, why) == (raised.value.unsure, str(raised.value))


async def test_what_could_not_be_sent_did_not_arrive(client):
    async with Plain() as gone:
        url = gone.url
    with pytest.raises(SinkError) as raised:
        await client.ask("POST", f"{url}/secret-path")

    assert (False, "The sink cannot be reached: ClientConnectorError") == (raised.value.unsure, str(raised.value))


@pytest.mark.parametrize("url", ["http://[", "no address", "http://127.0.0.1:99999/"])
async def test_what_is_no_address_is_refused_for_good(client, url):
    with pytest.raises(SinkRejected):
        await client.ask("POST", url)


async def test_a_header_cannot_be_broken_in_two(server, client):
    with pytest.raises(SinkRejected) as raised:
        await client.ask("GET", server.url, headers={"Authorization": "Bearer a\r\nX-Other: b"})

    assert ([], "The sink cannot be asked: ValueError") == (server.asked, str(raised.value))


async def test_redirects_are_not_followed(server, client):
    server.faults.append(Fault(status=302, headers={"Location": f"{server.url}/elsewhere"}))
    answer = await client.ask("POST", server.url)

    assert ["/"] == [asked.path for asked in server.asked]
    assert "The sink answered 302: redirects are not followed" == str(failure("The sink", answer, NOW))


@pytest.mark.parametrize(("size", "read"), [(9, 9), (10, 10), (11, 10), (5_000_000, 10)])
async def test_no_more_is_read_than_asked_for(server, client, size, read):
    answer = await client.ask("GET", f"{server.url}/?size={size}", most=10)

    assert b"x" * read == answer.body


async def test_a_large_body_is_sent_without_a_warning(server, client):
    value = {"text": "長" * 1_000_000}
    await client.ask("POST", server.url, json=value)

    assert (value, "application/json") == (server.asked[0].json, server.asked[0].headers["Content-Type"])


async def test_proxies_of_the_environment_are_not_used(server, client, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    assert 200 == (await client.ask("GET", server.url)).status


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100_000, b'"\xff"', b'{"a": 1}', b'["a", 1]'])
def test_what_cannot_be_read_may_have_arrived(body):
    with pytest.raises(SinkError) as raised:
        decoded(Answer(status=200, headers={}, body=body), list[str], "The sink")

    assert (True, "The sink answered 200 with what cannot be read") == (raised.value.unsure, str(raised.value))


@given(st.text(), st.text())
def test_a_quotation_is_short_one_line_and_without_secrets(before, after):
    said = quoted(f"{before}the-secret{after}", ("the-secret", ""))

    assert "the-secret" not in said
    assert len(said.splitlines()) <= 1
