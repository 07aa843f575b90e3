"""The demonstration's clock: everybody wakes at the moment asked for, and time waits for who is awake."""

import asyncio

from stream_app.demo.clock import TrafficClock


async def test_sleepers_wake_in_order_and_at_their_moments() -> None:
    """Whoever asked for 10 wakes at 10, though the clock was told to run to 100."""
    clock, woken = TrafficClock(0), []

    async def sleeper(at: int) -> None:
        await clock.sleep_until(at, asyncio.Event())
        woken.append((at, clock.now()))

    tasks = [asyncio.ensure_future(sleeper(at)) for at in (30, 10, 20)]
    await asyncio.sleep(0)
    await clock.run_to(100)
    await asyncio.gather(*tasks)
    assert [(10, 10), (20, 20), (30, 30)] == woken
    assert clock.now() == 100


async def test_time_waits_for_who_is_awake() -> None:
    """What takes real time takes none of the traffic's: between two moments everybody finishes what they began."""
    clock, said = TrafficClock(0), []

    async def worker() -> None:
        for at in (10, 20):
            await clock.sleep_until(at, asyncio.Event())
            for _ in range(5):
                await asyncio.sleep(0)
            said.append(clock.now())
        await clock.sleep_until(None, asyncio.Event())

    task = asyncio.ensure_future(worker())
    await asyncio.sleep(0)
    await clock.run_to(50)
    assert said == [10, 20]
    task.cancel()


async def test_who_need_not_sleep_lets_no_time_pass() -> None:
    """A moment that has come, or news that are there, are no reason to go on without who asked."""
    clock, said, news = TrafficClock(0), [], asyncio.Event()
    news.set()

    async def worker() -> None:
        await clock.sleep_until(10, asyncio.Event())
        for at, woken in ((10, asyncio.Event()), (5, asyncio.Event()), (30, news)):
            await clock.sleep_until(at, woken)
            for _ in range(5):
                await asyncio.sleep(0)
            said.append(clock.now())
        await clock.sleep_until(None, asyncio.Event())

    tasks = [asyncio.ensure_future(worker()), asyncio.ensure_future(clock.sleep_until(20, asyncio.Event()))]
    await asyncio.sleep(0)
    await clock.run_to(50)
    assert said == [10, 10, 10]
    for task in tasks:
        task.cancel()


async def test_time_that_is_moved_from_two_sides_waits_all_the_same() -> None:
    """Whoever is second begins when the first has come to where it was told to run."""
    clock, said = TrafficClock(0), []

    async def worker(at: int) -> None:
        await clock.sleep_until(at, asyncio.Event())
        for _ in range(5):
            await asyncio.sleep(0)
        said.append((at, clock.now()))
        await clock.sleep_until(None, asyncio.Event())

    tasks = [asyncio.ensure_future(worker(at)) for at in (10, 20, 30)]
    await asyncio.sleep(0)
    await asyncio.gather(clock.run_to(15), clock.run_to(40))
    assert said == [(10, 10), (20, 20), (30, 30)]
    for task in tasks:
        task.cancel()


async def test_news_wake_at_once() -> None:
    """A sleeper whose event is set wakes without the clock, and its moment is forgotten."""
    clock, news = TrafficClock(0), asyncio.Event()
    task = asyncio.ensure_future(clock.sleep_until(40, news))
    await asyncio.sleep(0)
    news.set()
    await task
    assert clock.now() == 0
    await clock.run_to(50)
    assert clock.now() == 50


async def test_who_ends_or_is_cancelled_holds_nothing_up() -> None:
    """A task that is gone is not waited for."""
    clock = TrafficClock(0)

    async def short() -> None:
        await clock.sleep_until(10, asyncio.Event())

    ended, cancelled = asyncio.ensure_future(short()), asyncio.ensure_future(clock.sleep_until(20, asyncio.Event()))
    await asyncio.sleep(0)
    await clock.run_to(15)
    cancelled.cancel()
    await asyncio.gather(ended, cancelled, return_exceptions=True)
    async with asyncio.timeout(5):
        await clock.run_to(30)
    assert clock.now() == 30


async def test_time_waits_for_who_attends_though_they_never_slept() -> None:
    """A task is known to the clock from when it says so."""
    clock, said = TrafficClock(0), []

    async def newcomer() -> None:
        clock.attend()
        for _ in range(5):
            await asyncio.sleep(0)
        said.append(clock.now())

    tasks = [asyncio.ensure_future(newcomer()), asyncio.ensure_future(clock.sleep_until(20, asyncio.Event()))]
    await asyncio.sleep(0)
    await clock.run_to(50)
    await asyncio.gather(*tasks)
    assert said == [0]
