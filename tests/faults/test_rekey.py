"""Topics that are keyed otherwise, or not at all: what detect says is what it says of the same events keyed rightly."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance.wire import Step
from tests.faults.cases import PATIENCE, tail, until
from tests.faults.ground import Ground
from tests.faults.harness import Chaos, Plan
from tests.faults.injections import Fault
from tests.faults.processes import WorkerProcess
from tests.faults.proxy import kafka_behind_a_proxy
from tests.faults.rekeyed import RekeyedGround, alert_ids, crossing, keyed_rightly, steps_of
from tests.faults.verdict import Verdict, verify

pytestmark = pytest.mark.kafka

BEGINS = "rekey begins"


@pytest.fixture(name="astray")
def _astray(ground: Ground) -> RekeyedGround:
    return RekeyedGround(ground.bootstrap_servers, ground.folder, ground.name)


@contextmanager
def workers(ground: RekeyedGround, number: int, **more: str) -> Iterator[list[WorkerProcess]]:
    """Yield workers, started, that do not outlive the block."""
    found = []
    for each in range(number):
        log = ground.folder / f"worker-{each}.log"
        environ = ground.environ(each, FAULTS_DIED=str(ground.folder / "died"), **more)
        found.append(WorkerProcess(environ, log, "tests.faults.rekey_worker"))
    try:
        for process in found:
            process.start()
        yield found
    finally:
        for process in found:
            process.kill()


def begun(process: WorkerProcess) -> int:
    """Return how often a worker has begun to rekey a topic."""
    return sum(line["event"] == BEGINS for line in process.log())


async def one_has_died(found: Sequence[WorkerProcess]) -> None:
    """Return when one has died, and is started again."""
    await until(lambda: any(process.exit_code is not None for process in found), "nobody has died")
    for process in found:
        if process.exit_code is not None:
            assert -signal.SIGKILL == process.exit_code, process.log_tail()
            process.start()


async def judged(ground: RekeyedGround) -> Verdict:
    """Return what is amiss; what cannot be read has its dead letter under the place where it was written."""
    found = await crossing(ground)

    def told(truth, _):
        truth.dead |= set(found.unreadable)

    verdict = await verify(ground, told=told)
    print(verdict)
    return verdict


async def test_killed_in_the_midst_of_transactions(astray: RekeyedGround) -> None:
    """One dies with something sent and not committed, then both anywhere, and Kafka forgets how far they were.

    Each event of a source is written once, under its own origin; what cannot be read has a dead letter, of which the
    last ones come again where it was forgotten that they were written.
    """
    steps = steps_of(seed=11, events=6_000)
    half = len(steps) // 2
    await astray.create()
    await astray.write_astray(steps[:half])
    with workers(astray, 2, FAULTS_REKEY_DIES="1000", FAULTS_REKEY_RESTS="0.05") as both:
        await one_has_died(both)
        before = [begun(process) for process in both]
        await astray.write_astray(steps[half:])
        await until(lambda: [begun(process) for process in both] != before, "nobody goes on to rekey")
        for process in both:
            process.kill()
        await astray.forget_groups()
        for process in both:
            process.start()
        await astray.idle(PATIENCE)
    found, verdict = await crossing(astray), await judged(astray)
    assert (found.events, found.unreadable) == (found.rekeyed, sorted(set(found.letters)))
    assert verdict.clean, f"{verdict}\n{tail(astray.folder)}"
    assert keyed_rightly(astray, steps).alert_ids == await alert_ids(astray)
    assert len(await alert_ids(astray)) > 100


@pytest.mark.faults
@pytest.mark.parametrize(
    ("guard", "more"),
    [
        pytest.param("committed", {"FAULTS_REKEY_DIES": "1500"}, id="what was never committed is judged, too"),
        pytest.param("gate", {"FAULTS_REKEY_RESTS": "0.2"}, id="other topics overtake what is not rekeyed yet"),
    ],
)
async def test_without_its_guard_it_goes_wrong(astray: RekeyedGround, guard: str, more: dict[str, str]) -> None:
    """Three customers have more events in a transaction than ids are remembered of each."""
    steps: list[Step] = steps_of(seed=12, events=4_000, customers=3)
    await astray.create()
    await astray.write_astray(steps)
    with workers(astray, 1, FAULTS_WITHOUT=guard, **more) as alone:
        if guard == "committed":
            await one_has_died(alone)
        await astray.idle(PATIENCE)
    right = keyed_rightly(astray, steps).alert_ids == await alert_ids(astray)
    assert not (right and (await judged(astray)).clean), tail(astray.folder)


@pytest.mark.faults
async def test_a_broker_killed_and_a_network_that_is_cut_and_stalls(tmp_path: Path) -> None:
    """What is keyed rightly already keeps its order, so that the load may go on meanwhile."""
    faults = (Fault.CUT, Fault.KILL, Fault.BROKER_KILL, Fault.KILL, Fault.STALL)
    async with kafka_behind_a_proxy() as (broker, proxy):
        ground = RekeyedGround(broker.bootstrap_servers, tmp_path, "rekeyed", source_partitions=4)
        plan = Plan(seed=3, rounds=len(faults), workers=2, faults=faults, per_second=300)
        report = await Chaos(ground, plan, broker, proxy).run()
        found = await crossing(ground)
    print(report)
    assert report.verdict.clean, tail(tmp_path)
    assert found.events == found.rekeyed
