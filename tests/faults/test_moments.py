"""Faults at the worst moments, each of them in turn also with its guard taken out: then the verdict is red."""

import signal

import pytest

from stream_app.workers.stops import EXIT_GAP
from tests.faults.cases import HeldBack, killed_before_the_commit, recovered_with_a_slow_seek, tail
from tests.faults.ground import Ground

pytestmark = pytest.mark.kafka


@pytest.mark.parametrize("store", ["memory", "rocksdb"])
async def test_killed_when_all_is_durable_but_the_commit(ground: Ground, store: str) -> None:
    """What is read again is known to have been applied."""
    verdict = await killed_before_the_commit(ground, store=store)
    assert verdict.clean, f"{verdict}\n{tail(ground.folder)}"


async def test_without_the_fence_it_is_applied_again(ground: Ground) -> None:
    verdict = await killed_before_the_commit(ground, without="fence")
    assert verdict.wrong, f"{verdict}\n{tail(ground.folder)}"


@pytest.mark.parametrize(("how", "store"), [(signal.SIGKILL, "memory"), (signal.SIGTERM, "rocksdb")])
async def test_stopped_with_a_chunk_held_back(ground: Ground, how: signal.Signals, store: str) -> None:
    """Purchases that wait for older page views have arrived and are not committed."""
    case = HeldBack(ground)
    verdict = await case.run(how, store=store)
    assert case.waiting["purchases"] > 0
    assert 0 == case.committed["purchases"] < case.committed["page-views"]
    assert verdict.clean, f"{verdict}\n{tail(ground.folder)}"
    assert case.exit_code == (0 if how is signal.SIGTERM else -how)


async def test_without_the_commit_position_what_was_held_back_is_lost(ground: Ground) -> None:
    verdict = await HeldBack(ground).run(signal.SIGKILL, without="commit_position")
    assert verdict.lost, f"{verdict}\n{tail(ground.folder)}"


async def test_a_slow_seek_after_a_recovery_loses_nothing(ground: Ground) -> None:
    verdict, code = await recovered_with_a_slow_seek(ground)
    assert (True, None) == (verdict.clean, code), f"{verdict}\n{tail(ground.folder)}"


async def test_without_the_safe_recovery_a_gap_is_noticed(ground: Ground) -> None:
    """Faust's own recovery drops chunks; before state is touched the worker ends, to read them again."""
    _, code = await recovered_with_a_slow_seek(ground, without="safe_recovery")
    assert code == EXIT_GAP, tail(ground.folder)
