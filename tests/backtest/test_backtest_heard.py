"""What notify reads, put aside: in order of time over all partitions, as it was, and not in memory."""

import tracemalloc

import pytest

from stream_app.backtest.heard import Heard
from stream_app.core.notify.orders import Contacted, Solved


def said(at):
    """Return something that happened then, of one sort or the other."""
    return (Solved if at % 2 else Contacted)(customer_id=f"c-{at:05}", at=at)


def test_it_comes_back_in_order_of_time_and_of_partitions():
    with Heard() as heard:
        for partition in ([1, 4, 4, 9], [], [2, 4, 7]):
            for at in partition:
                heard.add(at, said(at))
            heard.next_partition()
        found = list(heard.in_order())

    assert [(at, said(at)) for at in (1, 2, 4, 4, 4, 7, 9)] == found
    assert 7 == heard.count


@pytest.mark.parametrize("partitions", [1, 5])
def test_memory_does_not_grow_with_it(partitions):
    peaks = []
    for count in (2_000, 20_000):
        tracemalloc.start()
        with Heard() as heard:
            for partition in range(partitions):
                for at in range(count // partitions):
                    heard.add(at * partitions + partition, said(at))
                heard.next_partition()
            assert count == sum(1 for _ in heard.in_order())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 1.3 * peaks[0]
