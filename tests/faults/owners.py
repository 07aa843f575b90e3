"""Which worker had which partitions when, as their logs tell."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from urllib.request import urlopen

from tests.faults.processes import WorkerProcess

BEGINS, GIVES_UP = "state is restored, work begins", "partitions are given up"
SERVED = "metrics and probes are served"
ALWAYS = "9999"  # later than every time stamp


@dataclass(frozen=True, kw_only=True, order=True)
class Held:
    """From when to when (time stamps) a worker judged a partition; `until` is ALWAYS where it still does."""

    since: str
    until: str
    worker: str


def held(workers: Iterable[WorkerProcess]) -> dict[int, list[Held]]:
    """Return who held each partition, in order."""
    found: defaultdict[int, list[Held]] = defaultdict(list)
    for worker in workers:
        since: dict[int, str] = {}
        for line in worker.log():
            if line["event"] == BEGINS:
                since = dict.fromkeys(line["partitions"], line["timestamp"])
            elif line["event"] == GIVES_UP:
                for number in line["partitions"]:
                    one = Held(since=since.pop(number), until=line["timestamp"], worker=worker.log_file.stem)
                    found[number].append(one)
        for number, began in since.items():
            found[number].append(Held(since=began, until=ALWAYS, worker=worker.log_file.stem))
    return {number: sorted(times) for number, times in sorted(found.items())}


def owned(workers: Iterable[WorkerProcess]) -> list[list[int]]:
    """Return the partitions of each worker now, those with the fewest first; those that nobody has are missing."""
    now = defaultdict[str, list[int]](list)
    for number, times in held(workers).items():
        for one in times:
            if one.until == ALWAYS:
                now[one.worker].append(number)
    return sorted(now.values(), key=lambda numbers: (len(numbers), numbers))


def twice(times: Iterable[Held]) -> list[tuple[Held, Held]]:
    """Return where one held a partition while another did."""
    return [(one, other) for one, other in pairwise(times) if other.since < one.until]


def customers(worker: WorkerProcess) -> int:
    """Return how many customers a worker says that it has in its store."""
    address = [line["address"] for line in worker.log() if line["event"] == SERVED][-1]
    with urlopen(f"{address}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return int(float(next(line.split()[1] for line in lines if line.startswith("cs_state_customers "))))
