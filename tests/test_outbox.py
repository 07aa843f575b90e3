"""The outbox: batches, acknowledgements, and what is too big."""

import asyncio

import pytest
from aiokafka.errors import KafkaError

from stream_app.outbox import Outbox
from tests.workers.fakes import FakeProducer


def outbox(producer: FakeProducer) -> Outbox:
    return Outbox(lambda: producer, {"a": 3, "b": 1})


async def test_a_key_goes_where_kafka_puts_it():
    """The expected partitions are those that Java's default partitioner gives."""
    producer = FakeProducer()
    box = outbox(producer)
    for key in (b"c-00001", b"c-00002", b"c-00003", b"c-00004"):
        box.add("a", key, b"")
    await box.flush()
    await box.drain()
    from stream_app.partitioners import Partitioner, partition_of

    expected = {key: partition_of(key, 3, Partitioner.MURMUR2) for _, key, _ in producer.sent["a"]}
    assert expected == {key: partition for partition, key, _ in producer.sent["a"]}
    assert 4 == len(expected)


async def test_one_batch_for_each_partition_and_round():
    producer = FakeProducer()
    box = outbox(producer)
    for number in range(20):
        box.add("b", str(number).encode(), b"x")
    await box.flush()
    await box.drain()
    assert ["send b", "acknowledged b"] == producer.journal


async def test_what_does_not_fit_goes_into_the_next_batch():
    producer = FakeProducer(room=10)
    assert 2 == await outbox(producer).write("b", 0, [(b"k", b"1234"), (b"k", b"5678"), (b"k", b"90")])
    assert ["send b", "send b"] == [line for line in producer.journal if line.startswith("send")]
    assert [b"1234", b"5678", b"90"] == [value for _, _, value in producer.sent["b"]]


async def test_what_fits_no_batch_is_an_error():
    with pytest.raises(ValueError, match="a record of 11 bytes for b is larger than a batch"):
        await outbox(FakeProducer(room=10)).write("b", 0, [(b"", b"12345678901")])


@pytest.mark.parametrize("rounds", [0, 1, 50])
async def test_a_batch_that_failed_is_met_by_the_next_drain(rounds):
    """However long ago it failed, and whatever has arrived since."""
    producer = FakeProducer(failing={"a"})
    box = outbox(producer)
    box.add("a", b"k", b"v")
    await box.flush()
    for _ in range(rounds):
        await asyncio.sleep(0)
    box.add("b", b"k", b"v")
    await box.flush()
    with pytest.raises(KafkaError):
        await box.drain()


async def test_a_failed_write_raises():
    with pytest.raises(KafkaError):
        await outbox(FakeProducer(failing={"b"})).write("b", 0, [(b"k", None)])


async def test_drain_waits_for_what_is_under_way():
    producer = FakeProducer(hold=True)
    box, told = outbox(producer), list[str]()
    box.add("b", b"k", b"v")
    await box.flush(lambda: told.append("arrived"))
    draining = asyncio.create_task(box.drain())
    for _ in range(20):
        await asyncio.sleep(0)
    assert ([], False) == (told, draining.done())
    producer.acknowledge()
    await draining
    assert ["arrived"] == told


async def test_nothing_is_sent_for_nothing():
    producer = FakeProducer()
    await outbox(producer).flush()
    assert [] == producer.journal
