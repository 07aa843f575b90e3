"""The inbox on a real broker, from what stood in the topics before it to what readers do, and over a new start."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import orjson
import pytest
from pydantic import SecretStr

from stream_app.codec.erasures import encode_erasure, erasure_key
from stream_app.codec.notify import decode_feedback, encode_delivery, encode_order
from stream_app.core.erasure import Erasure, hash_of
from stream_app.core.events import DAY, HOUR
from stream_app.core.notify.fates import Fate, FateReason
from stream_app.core.notify.keys import target_key
from stream_app.core.notify.orders import Action
from stream_app.inbox.run import serving
from stream_app.settings.inbox import InboxSettings
from stream_app.testing import builders
from stream_app.topics import InputTopic, NotifyTopic, OutputTopic
from tests.inbox.inbox_cases import AT, OWNER, PEOPLE, SLACK, fate, told
from tests.inbox.inbox_server import OURS, TOKEN

pytestmark = pytest.mark.kafka

NOW = AT + HOUR
SALT = "cd" * 16
IDS = [f"{number:032x}" for number in range(4)]
WITHIN = 30  # seconds, for what takes milliseconds


def queued(order):
    return NotifyTopic.QUEUE, target_key(SLACK.target), encode_order(order)


def fated(delivery):
    return NotifyTopic.DELIVERIES, b"a-1", encode_delivery(delivery)


def erased(customer_id):
    erasure = Erasure(hash=hash_of(customer_id, SALT), salt=SALT, erased_at=AT + DAY, upto={})
    return OutputTopic.ERASURES, erasure_key(erasure), encode_erasure(erasure)


@asynccontextmanager
async def inbox(ground):
    """Serve the inbox of these topics; yield its address and somebody who has logged in, once it is up."""
    own = InboxSettings(port=0, token=SecretStr(TOKEN))
    settings = ground.settings.model_copy(update={"inbox": own, "people": PEOPLE})
    jar = aiohttp.CookieJar(unsafe=True)
    async with serving(settings, lambda: NOW) as served, aiohttp.ClientSession(cookie_jar=jar) as session:
        assert 401 == (await get(served.address, session, "/api/cases"))[0]
        await post(served.address, session, "/login", {"token": TOKEN, "who": OWNER})
        async with asyncio.timeout(WITHIN):
            while 503 == (await get(served.address, session, "/readyz"))[0]:
                await asyncio.sleep(0.05)
        yield served.address, session


async def get(address, session, path):
    async with session.get(address + path) as answer:
        return answer.status, await (answer.json() if answer.content_type == "application/json" else answer.text())


async def post(address, session, path, body=None):
    async with session.post(address + path, json=body, headers={**OURS, "Origin": address}) as answer:
        return answer.status, await answer.json()


async def events(address, session, count, after=""):
    """Return the next events from a place on, as (id, event, data)."""
    found, fields = [], {}
    headers = {"Last-Event-ID": after} if after else {}
    async with asyncio.timeout(WITHIN), session.get(address + "/events", headers=headers) as answer:
        async for raw in answer.content:
            name, _, value = raw.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif fields and "id" in fields:
                found.append((fields["id"], fields["event"], orjson.loads(fields["data"])))
                fields = {}
                if len(found) == count:
                    return found
    raise AssertionError(f"the stream ended after {found}")


async def test_what_the_topics_say_is_seen_without_a_gap_and_what_readers_do_is_written(ground):
    """Read, followed, acted upon, erased, and read again by a new start: what stands there is always the same."""
    await ground.create()
    view = builders.page_view(customer_id="c-1", account_id="a-1", occurred_at="2026-06-02T01:00:00Z")
    await ground.write(
        [
            (InputTopic.PAGE_VIEWS, b"c-1", orjson.dumps(view)),
            erased("c-9"),
            queued(told(3, case=3, customer_id="c-9", account_id="a-9")),
            queued(told(1)),
            (NotifyTopic.QUEUE, target_key(SLACK.target), b"no order"),
        ]
    )

    async with inbox(ground) as (address, session):
        _, cases = await get(address, session, "/api/cases?scope=mine")
        assert [(IDS[1], "waiting")] == [(one["id"], one["state"]) for one in cases["cards"]]

        await ground.write([fated(fate(1, Fate.DELIVERED, FateReason.SENT)), queued(told(2, case=2))])
        seen = await events(address, session, 2, cases["as_of"])
        assert {(IDS[1], "told"), (IDS[2], "waiting")} == {(data["id"], data["state"]) for _, _, data in seen}

        status, said = await post(address, session, f"/api/cases/{IDS[1]}/acknowledge")
        assert (200, "Tantou") == (status, said["by"])
        # Nobody listened meanwhile: who comes back hears what is new since, and nothing else.
        ((last, kind, data),) = await events(address, session, 1, seen[-1][0])
        assert ("card", IDS[1], "acknowledged") == (kind, data["id"], data["state"])
        found = await ground.read([f"{ground.name}.{NotifyTopic.FEEDBACK}"])
        (record,) = (record for records in found.values() for record in records)
        written = decode_feedback(record.value)
        assert (b"a-1", IDS[1], Action.ACKNOWLEDGE, "Tantou", NOW) == (
            record.key,
            written.case_id,
            written.action,
            written.by,
            written.at,
        )
        ((reset, kind, _),) = await events(address, session, 1, "1-1")
        assert (last, "reset") == (reset, kind)

        _, timeline = await get(address, session, "/api/accounts/a-1/timeline")
        assert 1 == sum(day["views"] for day in timeline["days"])
        _, why = await get(address, session, "/api/why?customer=c-1&language=en")
        assert ("c-1", "customer") == (why["sought"], why["about"])

        await ground.write([erased("c-1")])
        await events(address, session, 2, last)
        gone = await events(address, session, 2, cases["as_of"])  # from before they were erased nothing else is left
        assert {("gone", IDS[1]), ("gone", IDS[2])} == {(kind, data["id"]) for _, kind, data in gone}
        assert [] == (await get(address, session, "/api/cases"))[1]["cards"]

        await ground.write([queued(told(4, case=4, customer_id="c-4"))])
        await events(address, session, 1, gone[-1][0])

    async with inbox(ground) as (address, session):
        _, cases = await get(address, session, "/api/cases")
        assert [f"{4:032x}"] == [one["id"] for one in cases["cards"]]
        ((_, kind, _),) = await events(address, session, 1, last)
        assert "reset" == kind
