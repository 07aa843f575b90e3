"""What a worker makes of erasures: read before anything is judged, told before the state goes, never shown again."""

import asyncio

import orjson
import pytest
from faust.types import TP

from stream_app.codec.erasures import ErasuresError, decode_erasure, encode_erasure
from stream_app.core.erasure import Erasure, hash_of
from stream_app.workers.erased import ErasuresRead, known_of, remember
from tests.acceptance.wire import CANCEL, H, erase, profile, view
from tests.workers.fakes import ALL, CUSTOMERS, EPOCH, SALT, VIEWS, Bench, chunk, record

PLACE = TP("erasures", 3)
FIRST = Erasure(hash=hash_of("c1", SALT), salt=SALT, erased_at=0, upto={"page-views": {3: 7}})
LESS = Erasure(hash=FIRST.hash, salt=SALT, erased_at=0, upto={"page-views": {3: 4}})


async def read(*values: bytes | None, remembered: bytes | None = None):
    """Return what is made of these values, all of one key."""
    records = [record(PLACE, at, FIRST.hash.encode(), value) for at, value in enumerate(values)]

    async def ends(places):
        return dict.fromkeys(places, len(records))

    async def read_from(topic, partition, first, last):
        assert (PLACE, 0, len(records) - 1) == (TP(topic, partition), first, last)
        return records

    return await ErasuresRead("erasures", ends, read_from)(3, remembered)


async def test_a_partition_goes_on_with_its_salt_and_begins_with_one_of_its_own():
    first, second = await read(), await read()
    assert (SALT, True) == ((await read(encode_erasure(FIRST))).salt, first.salt != second.salt)


async def test_a_record_that_says_less_at_the_end_is_written_over():
    """Compaction would keep it alone; it is of a worker that had lost the partition."""
    late = await read(encode_erasure(FIRST), encode_erasure(LESS))
    fine = await read(encode_erasure(LESS), encode_erasure(FIRST))
    assert ([FIRST], [FIRST], []) == (list(late.erasures), late.amends, fine.amends)


@pytest.mark.parametrize("values", [(), (encode_erasure(FIRST), None)], ids=["deleted", "made void"])
async def test_a_topic_that_holds_fewer_than_were_known_stops_the_worker(values):
    with pytest.raises(ErasuresError, match="topics recreated erasures"):
        await read(*values, remembered=remember(1, 5))


def test_what_is_remembered_is_read_back():
    assert ((3, 7), (0, 0)) == (known_of(remember(3, 7)), known_of(None))


async def erased(bench: Bench) -> None:
    """Let a customer be seen, then erased."""
    bench.ends.ends = {VIEWS: 2, CUSTOMERS: 1}
    bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL), view("w", H, CANCEL)))
    await bench.round()
    bench.detector.receive(chunk(0, erase(0 * H)))
    await bench.round()
    await bench.round()


async def test_an_erasure_is_acknowledged_before_the_state_goes():
    """Nothing of the checkpoint is on its way before."""
    bench = Bench(checkpoint_seconds=1e-9)
    for step, hold in ((view("v", 0 * H, CANCEL), False), (erase(0 * H), True)):
        bench.producer.hold = hold
        seen = chunk(0, step)
        bench.detector.receive(seen)
        bench.detector.ended(EPOCH, seen.arrival, dict.fromkeys(ALL, 0))
        await bench.detector._round()
        if not hold:
            await bench.detector._kept()
    kept = len(bench.producer.sent["changelog"])
    for _ in range(20):
        await asyncio.sleep(0)
    assert (1, kept) == (len(bench.producer.sent["erasures"]), len(bench.producer.sent["changelog"]))
    bench.producer.hold = False
    bench.producer.acknowledge()
    await bench.detector._kept()
    assert (0, b"c1", None) in bench.producer.sent["changelog"]


async def test_an_erasure_says_all_that_was_read():
    bench = Bench()
    await erased(bench)
    ((partition, key, value),) = bench.producer.sent["erasures"]
    told = decode_erasure(value or b"", "erasures")
    assert (0, told.hash.encode(), {"customers": {0: 0}, "page-views": {0: 1}}) == (partition, key, told.upto)


@pytest.mark.parametrize(("erasures", "letters"), [([], 1), ([0], 0)])
async def test_no_dead_letter_shows_who_was_erased(erasures, letters):
    bench = Bench()
    for upto in erasures:
        known = Erasure(hash=hash_of("c1", SALT), salt=SALT, erased_at=0, upto={"customers": {0: upto}})
        bench.erasures.add(known)
    topic, broken = profile(0 * H)
    bench.detector.receive(chunk(0, (topic, broken | {"renewal_date": "someday"})))
    await bench.round()
    assert letters == len(bench.producer.sent.get("dead-letters", []))
    assert 1 - letters == bench.said("cs_events_total", topic="customers", outcome="erased")


async def test_nothing_of_an_erasure_names_the_customer():
    bench = Bench()
    await erased(bench)
    ((_, key, value),) = bench.producer.sent["erasures"]
    assert {"hash", "salt", "erased_at", "upto", "schema_version"} == set(orjson.loads(value or b""))
    assert b"c1" not in key + (value or b"").replace(hash_of("c1", SALT).encode(), b"")
