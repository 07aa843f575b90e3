"""What a receiver reads on the wire: headers that no customer can add to, and nothing without a good certificate."""

import asyncio
import re
import ssl
import time

import orjson
import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pydantic import SecretStr

from stream_app.settings.sinks import WebhookSettings
from stream_app.sinks.base import SinkError
from stream_app.sinks.webhook import Webhook
from tests.sinks.parcels import PUBLISHED, envelope
from tests.sinks.webhook_server import NEW_SECRET


def clock():
    return time.time_ns() // 1_000


hostile = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["a\r\nx-evil: 1", "\r\n\r\nGET / HTTP/1.1\r\n", "\x00", "\u2028", "\x85"]
)


async def captured(text):
    """Return the bytes that a receiver reads of an alert with this text wherever a customer can put one."""
    raw = bytearray()

    async def answer(reader, writer):
        raw.extend(await reader.readuntil(b"\r\n\r\n"))
        raw.extend(await reader.readexactly(int(re.search(rb"(?i)content-length: (\d+)", raw)[1])))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    seen = replace(PUBLISHED.evidence[0], title=text, url=text, category=text)
    customer = replace(PUBLISHED.customer, name=text, account_name=text, owner=text)
    alert = replace(PUBLISHED, customer_id=text, account_id=text, customer=customer, evidence=(seen,), reason=text)
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        there = WebhookSettings(url=SecretStr(url), secrets=(SecretStr(NEW_SECRET),), allow=("127.0.0.1",))
        await Webhook(there, clock).deliver(envelope(alerts=[alert]))
    return bytes(raw)


@settings(max_examples=25, deadline=None)
@given(hostile)
def test_no_text_makes_a_header(text):
    head, _, body = asyncio.run(captured(text)).partition(b"\r\n\r\n")
    names = sorted(line.partition(b":")[0].lower().decode() for line in head.split(b"\r\n")[1:])

    assert [
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "user-agent",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
    ] == names
    assert text == orjson.loads(body)["data"].get("reason", "")


async def test_a_certificate_that_nobody_vouches_for_is_told_nothing():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    read = []

    async def accept(reader, writer):
        read.append(await reader.read())

    async with await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/geheim"
        there = WebhookSettings(url=SecretStr(url), secrets=(SecretStr(NEW_SECRET),), allow=("127.0.0.1",))
        with pytest.raises(SinkError) as caught:
            await Webhook(there, clock).deliver(envelope())

    said = "https://127.0.0.1 cannot be reached: ClientConnectorCertificateError"
    assert (said, False, []) == (str(caught.value), caught.value.unsure, read)
