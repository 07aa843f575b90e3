"""2,000 hostile inputs between good events: each is accounted for, and the good ones are judged as if alone."""

import asyncio

import pytest

from stream_app.topics import ALERT_TOPICS, InputTopic, OutputTopic
from tests.faults.cases import tail, worker
from tests.faults.ground import Ground, raw
from tests.faults.history import history
from tests.faults.hostile import SECRET, Hostile, hostile
from tests.faults.truth import truth_of
from tests.faults.verdict import verify

pytestmark = pytest.mark.kafka

HOSTILE = 2_000


def mixed(count: int = HOSTILE) -> list[Hostile]:
    """Return good events and hostile inputs, one after the other."""
    good = [(topic, *raw(record)) for topic, record in history(9, events=count)]
    bad = list(hostile(9, count))
    return [one for pair in zip(good, bad, strict=False) for one in pair]


async def test_hostile_inputs_between_good_events(ground: Ground) -> None:
    await ground.create()
    records = mixed()
    await ground.write(records)
    with worker(ground) as process:
        process.start()
        await ground.idle()
        counts = await asyncio.to_thread(process.event_counts)
        assert process.exit_code is None
    verdict = await verify(ground)
    print(verdict, dict(counts))
    assert verdict.clean, tail(ground.folder)
    assert len(records) == counts.total()
    inputs = await ground.read([ground.settings.topic(topic) for topic in InputTopic])
    assert dict(truth_of(ground, inputs).counts) == dict(counts)


async def test_no_secret_of_an_address_is_seen_again(ground: Ground) -> None:
    await ground.create()
    addresses = [one for one in hostile(3, 400) if SECRET.encode() in (one[2] or b"")]
    await ground.write(addresses)
    with worker(ground) as process:
        process.start()
        await ground.idle()
    outputs = [ground.settings.topic(topic) for topic in (*ALERT_TOPICS.values(), OutputTopic.FATES)]
    said = await ground.read([*outputs, ground.changelog])
    values = [record.value for found in said.values() for record in found]
    assert len(addresses) > 10
    assert [] == [value for value in values if SECRET.encode() in value]
    assert SECRET not in process.log_file.read_text()
    assert values
