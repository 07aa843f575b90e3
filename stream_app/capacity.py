"""How many partitions and workers a load needs, and what they need: arithmetic over measured figures."""

from dataclasses import dataclass
from math import ceil

from stream_app.core.events import DAY, SECOND, Micros
from stream_app.core.rule_set import RuleSetName
from stream_app.topics import CHANGELOG_CONFIGS, InputTopic, NotifyTopic, OutputTopic

CPU_MICROS = {RuleSetName.SIMPLE: 53, RuleSetName.FULL: 88}
"""Of the whole worker for an event, by rule set: measured while it catches up."""

REKEY_CPU_MICROS = 40  # of an event of a topic that is rekeyed, besides

BUSY = 0.5  # of a core at the peak: the other half catches up after a stop
STATE_BYTES = 1_250  # of a customer, half of whom have less: a month of the simulator's
BESIDE_STATE_BYTES = 300  # that a customer takes besides in the memory store: key, dictionary, when to be looked at
WORKER_BYTES = 200_000_000  # of a worker without customers
RESTORED_A_SECOND = 40_000  # records of the changelog, by one worker: RocksDB; in memory it is more
EVENT_BYTES = 400  # of a page view in Kafka: JSON
DAY_TO_PEAK = 1 / 3  # the mean of a day to its busiest time
RESTORE_SECONDS = 600  # that everything may take, on as many workers as there can be
GROWTH = 4  # what the load may become before a worker more is one too many
FEWEST_PARTITIONS = 6
MEMORY_STORE_BYTES = 4_000_000_000  # of a worker; above that the memory store is not advised
TOPICS = len(InputTopic) + len(OutputTopic) + len(NotifyTopic) + 2  # with both changelogs
UNCOMPACTED: Micros = (int(CHANGELOG_CONFIGS["min.compaction.lag.ms"]) + int(CHANGELOG_CONFIGS["segment.ms"])) * 1000
"""How long all changes of a customer stay in the changelog, and not only the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What comes in: events a second at the peak, all input topics together, and customers that are remembered."""

    events_per_second: float
    customers: int
    rule_set: RuleSetName
    retention: Micros  # of the input topics


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a load needs. Bytes are of one worker or of one replica in Kafka, seconds of the work of one worker."""

    partitions: int
    workers: int
    needed_workers: int  # without the one that may be missing
    cores: float  # that judging keeps busy at the peak
    store: str
    worker_bytes: int
    state_bytes: int  # of all customers
    input_bytes: int
    changelog_bytes: int
    changelog_records: int
    restore_seconds: float  # of what one lost worker had, by one other
    topic_partitions: int  # in the whole cluster, each as often as there are replicas


def plan(load: Load) -> Plan:
    """Return what a load needs."""
    cores = load.events_per_second * CPU_MICROS[load.rule_set] / SECOND
    needed = max(1, ceil(cores / BUSY))
    events_a_day = load.events_per_second * DAY_TO_PEAK * (DAY / SECOND)
    records = round(load.customers + events_a_day * UNCOMPACTED / DAY)
    workers = needed + 1
    partitions = _round_up(max(GROWTH * needed, workers, ceil(records / RESTORED_A_SECOND / RESTORE_SECONDS)))
    in_memory = WORKER_BYTES + ceil(load.customers / needed) * (STATE_BYTES + BESIDE_STATE_BYTES)
    store = "memory" if in_memory <= MEMORY_STORE_BYTES else "rocksdb"
    return Plan(
        partitions=partitions,
        workers=workers,
        needed_workers=needed,
        cores=cores,
        store=store,
        worker_bytes=in_memory if store == "memory" else 2 * WORKER_BYTES,
        state_bytes=load.customers * STATE_BYTES,
        input_bytes=round(events_a_day * load.retention / DAY * EVENT_BYTES),
        changelog_bytes=records * STATE_BYTES,
        changelog_records=records,
        restore_seconds=records / workers / RESTORED_A_SECOND,
        topic_partitions=partitions * TOPICS,
    )


def _round_up(partitions: int) -> int:
    """Return 6, 12, 24 and so on: two, three, four or six workers share such a number evenly."""
    found = FEWEST_PARTITIONS
    while found < partitions:
        found *= 2
    return found
