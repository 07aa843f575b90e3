"""A million events with bytes turned: each is an event or a dead letter, and no memory stays behind.

FAULTS_FUZZED says how many. It needs no broker but for the part of them that a worker reads.
"""

import asyncio
import os
from itertools import islice
from random import Random

import pytest

from stream_app.codec import DecodeError, IgnoredInput, decode
from stream_app.topics import InputTopic
from tests.faults.cases import tail, worker
from tests.faults.ground import Ground
from tests.faults.hostile import Hostile, hostile
from tests.faults.test_hostile import mixed
from tests.faults.verdict import verify

pytestmark = [pytest.mark.kafka, pytest.mark.faults]

FUZZED = int(os.environ.get("FAULTS_FUZZED", "1000000"))
READ = 8_000
LONGEST = 20_000  # bytes; larger ones are refused unread, and turning their bytes takes most of the time
GROWTH = 30 * 2**20  # bytes: of buffers that follow the largest records
NOW_MS = 1_900_000_000_000


def turned(rng: Random, record: Hostile) -> bytes:
    """Return its value with some bytes turned, taken out or doubled."""
    value = bytearray(record[2] or b"{}")
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(value)) if value else 0
        match rng.randrange(3):
            case 0:
                value[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del value[at : at + rng.randrange(4)]
            case _:
                value[at:at] = value[at : at + rng.randrange(20)]
    return bytes(value)


def test_a_million_turned_events_are_events_or_dead_letters() -> None:
    rng, words = Random(24), dict.fromkeys(("event", "dead letter", "ignored"), 0)
    corpus = [record for record in mixed() if len(record[2] or b"") < LONGEST]
    for record in (rng.choice(corpus) for _ in range(FUZZED)):
        try:
            decode(InputTopic(record[0]), record[1], turned(rng, record), NOW_MS)
            words["event"] += 1
        except DecodeError:
            words["dead letter"] += 1
        except IgnoredInput:
            words["ignored"] += 1
    print(words)
    assert FUZZED == sum(words.values())
    assert min(words["event"], words["dead letter"]) > FUZZED // 20


async def test_a_worker_reads_turned_events_and_does_not_grow(ground: Ground) -> None:
    """The second half finds it as large as the first has left it.

    Turned bytes turn times too, so that what comes of the events depends on what had arrived when: only what is a dead
    letter does not.
    """
    await ground.create()
    rng, sizes = Random(25), list[int]()
    good = mixed(READ)[::2]
    bad = [(topic, key, turned(rng, (topic, key, value))) for topic, key, value in islice(hostile(25, READ), READ)]
    records = [one for pair in zip(good, bad, strict=False) for one in pair]
    with worker(ground) as process:
        process.start()
        for half in (records[: len(records) // 2], records[len(records) // 2 :]):
            await ground.write(half)
            await ground.idle()
            sizes.append(await asyncio.to_thread(process.resident_bytes))
        assert process.exit_code is None
    verdict = await verify(ground)
    amiss = [one for one in verdict.wrong if one.startswith("dead letter")]
    print(verdict.alerts, "alerts", [size // 2**20 for size in sizes], "MiB")
    assert [] == amiss, tail(ground.folder)
    assert sizes[1] - sizes[0] < GROWTH
