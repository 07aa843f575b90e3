"""Three times as long a history needs no more memory: it lies on disk, and what is over is forgotten."""

import tracemalloc

from tests.backtest.histories import setup, tried, written

AN_EVENT = 100
"""Bytes for each event more: states grow for some months, but no event is kept in memory, where it takes 900."""


def most(files, setups):
    """Return the events, and the most bytes that judging and telling held at a time."""
    tracemalloc.start()
    try:
        return tried(files, *setups, partitions=1).events, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_history(tmp_path):
    """The first run, which is not measured, fills what remembers days, hours and addresses, up to a fixed size."""
    files, setups = {}, (setup(), setup("simple"))
    for days in (20, 60):
        (folder := tmp_path / str(days)).mkdir()
        files[days] = written(folder, customers=20, days=days)
    tried(files[60], *setups)
    (events, shorter), (more_events, longer) = (most(files[days], setups) for days in (20, 60))

    assert more_events > 2.5 * events
    assert (longer - shorter) / (more_events - events) < AN_EVENT
