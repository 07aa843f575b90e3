"""Runs the benchmark's job through each engine and prints one table. See README.md beside this file.

python tests/benchmarks/compare.py
python tests/benchmarks/compare.py --events 100000 --engines detect,textbook --json result.json
python tests/benchmarks/compare.py --engines detect --profile
"""

import argparse
import asyncio
import itertools
import json
import os
import platform
import pstats
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import psutil
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.partitioner import murmur2

from stream_app import codec, settings
from stream_app.cluster import create_topics
from stream_app.core.order import ALWAYS, Waiting, merge
from stream_app.core.pipeline import Verdict, process
from stream_app.core.timeline import States, Timeline
from stream_app.core.tuning import Feed
from stream_app.testing import EmbeddedKafka
from stream_app.testing.simulator import simulate
from stream_app.topics import ALERT_TOPICS, InputTopic

HERE = Path(__file__).parent
PARTITIONS = 4
CUSTOMERS = 20_000
WARM_UP = 2_000
GIVE_UP_SECONDS = 1_800
ENGINES = ("detect", "detect-full", "detect-each", "textbook")

Record = tuple[InputTopic, int, bytes, bytes]  # topic, partition, key, value


@dataclass(kw_only=True)
class Row:
    """A line of the table."""

    engine: str
    cpu_us_per_event: float
    events_per_s: float
    p50_ms: float | None
    p99_ms: float | None
    rss_mb: float
    alerts: int
    wrong: int


def job(events: int) -> list[Record]:
    """Return the input in the order in which it is produced."""
    days = max(2, events // 60_000 + 2)
    traffic = (s for s in simulate(seed=7, customers=CUSTOMERS, days=days) if s.customer_id)
    records = []
    for one in itertools.islice(traffic, events):
        key = one.customer_id.encode()
        records.append((one.topic, (murmur2(key) & 0x7FFFFFFF) % PARTITIONS, key, orjson.dumps(one.value)))
    return records


def chosen(engine: str) -> dict[str, str]:
    """Return which rules an engine asks: all of them with every feed there, or the simple ones."""
    if engine == "detect-full":
        return {"STREAM_APP_RULES__SET": "full", "STREAM_APP_FEEDS": json.dumps(list(Feed))}
    return {"STREAM_APP_RULES__SET": "simple"}


def truth(records: list[Record], engine: str) -> set[str]:
    """Return the ids of the alerts that are right: each partition's topics merged by event time, judged in one pass."""
    rules, ids, topics = settings.load(environ=chosen(engine)).rule_set(), set(), list(InputTopic)
    lanes = [[[] for _ in topics] for _ in range(PARTITIONS)]
    for topic, partition, key, value in records:
        event = codec.decode(topic, key, value, -1)
        lanes[partition][topics.index(topic)].append(Waiting(event.occurred_at, 0, 0, 0, event))
    for partition in lanes:
        customers = States()
        timeline = Timeline(customers, rules)
        for _, waiting in merge([deque(lane) for lane in partition], [ALWAYS] * len(topics)):
            event = waiting.event
            while timeline.reach(event.occurred_at) and (outcome := timeline.judge_next()) is not None:
                ids.update(alert.alert_id for alert in outcome.alerts)
            before = customers.state_of(event.customer_id)
            outcome = process(event, before, rules)
            ids.update(alert.alert_id for alert in outcome.alerts)
            if outcome.verdict is Verdict.USED:
                customers.keep(event.customer_id, outcome.state)
                timeline.happened(event, before, outcome.state)
    return ids


class Run:
    """One engine on topics of its own."""

    def __init__(self, engine: str, broker: str, folder: Path, profile: Path | None) -> None:
        self.engine = engine
        self.broker = broker
        self.prefix = f"{engine}{'-profiled' if profile else ''}."
        self.group = f"{self.prefix}textbook" if engine == "textbook" else f"{self.prefix}detect"
        self.folder = folder / self.prefix
        self.folder.mkdir()
        self.profile = profile

    def environ(self) -> dict[str, str]:
        return {
            "STREAM_APP_BOOTSTRAP_SERVERS": self.broker,
            "STREAM_APP_TOPIC_PREFIX": self.prefix,
            "STREAM_APP_GROUP": self.group,
            "STREAM_APP_DATA_DIR": str(self.folder),
            "STREAM_APP_ALERTS_FROM": "earliest",
            **chosen(self.engine),
            "STREAM_APP_WEB__PORT": "0",
            "STREAM_APP_KAFKA__SESSION_TIMEOUT": "60s",  # an engine is stopped while the input is produced
            "STREAM_APP_CHECKPOINT_INTERVAL": "0s" if self.engine == "detect-each" else "1s",
        }

    def start(self) -> subprocess.Popen[bytes]:
        asyncio.run(create_topics(settings.load(environ=self.environ())))
        env = {**os.environ, **self.environ()}
        if self.engine == "textbook":
            env |= {
                "BENCH_BROKER": self.broker,
                "BENCH_PREFIX": self.prefix,
                "BENCH_PARTITIONS": str(PARTITIONS),
                "BENCH_DATA": str(self.folder),
                "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path]),
            }
            command = ["-m", "faust", "-A", "textbook", "worker", "-l", "info", "--without-web"]
        elif self.profile:
            command = ["-m", "cProfile", "-o", str(self.profile), "-m", "stream_app", "detect"]
        else:
            command = ["-m", "stream_app", "detect"]
        log = (self.folder / "log").open("wb")
        return subprocess.Popen([sys.executable, *command], env=env, stdout=log, stderr=log, cwd=self.folder)

    def measure(self, records: list[Record], right: set[str]) -> Row:
        process = self.start()
        try:
            self.produce(records[:WARM_UP])
            self.wait(process)
            os.kill(process.pid, signal.SIGSTOP)
            self.produce(records[WARM_UP:])
            cpu, began = cpu_seconds(process.pid), time.monotonic()
            os.kill(process.pid, signal.SIGCONT)
            self.wait(process)
            wall, used = time.monotonic() - began, cpu_seconds(process.pid) - cpu
            memory = psutil.Process(process.pid).memory_info().rss / 1e6
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
        ids = asyncio.run(self.alert_ids())
        events = len(records) - WARM_UP
        return Row(
            engine=self.engine,
            cpu_us_per_event=used / events * 1e6,
            events_per_s=events / wall,
            p50_ms=None,
            p99_ms=None,
            rss_mb=memory,
            alerts=len(ids),
            wrong=len(set(ids) ^ right),
        )

    def produce(self, records: list[Record]) -> None:
        asyncio.run(self._produce(records))

    async def _produce(self, records: list[Record]) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.broker, max_batch_size=500_000) as producer:
            by_partition: dict[tuple[str, int], list[tuple[bytes, bytes]]] = {}
            for topic, partition, key, value in records:
                by_partition.setdefault((f"{self.prefix}{topic}", partition), []).append((key, value))
            for (topic, partition), values in by_partition.items():
                for batch in batches(producer, values):
                    await (await producer.send_batch(batch, topic, partition=partition))

    def wait(self, process: subprocess.Popen[bytes]) -> None:
        """Return when all input is committed."""
        asyncio.run(self._wait(process))

    async def _wait(self, process: subprocess.Popen[bytes]) -> None:
        tps = [TopicPartition(f"{self.prefix}{topic}", n) for topic in InputTopic for n in range(PARTITIONS)]
        async with AIOKafkaConsumer(
            bootstrap_servers=self.broker, group_id=self.group, enable_auto_commit=False
        ) as consumer:
            consumer.assign(tps)  # only looks at the group, never joins it
            ends = {tp: end for tp, end in (await consumer.end_offsets(tps)).items() if end}
            give_up = time.monotonic() + GIVE_UP_SECONDS
            while not all([(await consumer.committed(tp) or 0) >= end for tp, end in ends.items()]):
                if process.poll() is not None or time.monotonic() > give_up:
                    tail = (self.folder / "log").read_text()[-3000:]
                    raise SystemExit(f"{self.engine} did not finish:\n{tail}")
                await asyncio.sleep(0.05)

    async def alert_ids(self) -> list[str]:
        topics = [f"{self.prefix}{name}" for name in ALERT_TOPICS.values()]
        tps = [TopicPartition(topic, n) for topic in topics for n in range(PARTITIONS)]
        ids = []
        async with AIOKafkaConsumer(bootstrap_servers=self.broker) as consumer:
            consumer.assign(tps)
            await consumer.seek_to_beginning()
            ends = await consumer.end_offsets(tps)
            while any([await consumer.position(tp) < end for tp, end in ends.items()]):
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    ids += [orjson.loads(record.value)["alert_id"] for record in batch]
        return ids


def batches(producer: AIOKafkaProducer, values: list[tuple[bytes, bytes]]) -> Iterator[object]:
    """Yield record batches that hold all values."""
    batch = producer.create_batch()
    for key, value in values:
        if batch.append(key=key, value=value, timestamp=None) is None:
            yield batch
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=None)
    yield batch


def cpu_seconds(pid: int) -> float:
    """Return the user and system time of a process, its threads included."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def show(rows: list[Row], events: int) -> None:
    """Print the table."""
    print(f"\n{events:,} events, {CUSTOMERS:,} customers, {PARTITIONS} partitions")
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, embedded Kafka, one process per engine\n")
    print(f"{'engine':<14}{'CPU µs/event':>14}{'events/s':>12}{'RSS MB':>9}{'alerts':>9}{'wrong':>8}")
    for row in rows:
        print(
            f"{row.engine:<14}{row.cpu_us_per_event:>14.1f}{row.events_per_s:>12,.0f}{row.rss_mb:>9.0f}"
            f"{row.alerts:>9,}{row.wrong:>8,}"
        )
    by_name = {row.engine: row.cpu_us_per_event for row in rows}
    if {"detect", "textbook"} <= by_name.keys():
        print(f"\ndetect needs {by_name['textbook'] / by_name['detect']:.1f} times less CPU than the textbook app")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000, help="how many events (default: %(default)s)")
    parser.add_argument("--engines", default=",".join(ENGINES), help="which, with commas (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="write the rows to this file, too")
    parser.add_argument("--profile", action="store_true", help="say where the time of detect goes")
    arguments = parser.parse_args()
    engines = arguments.engines.split(",")
    if unknown := set(engines) - set(ENGINES):
        parser.error(f"no such engine: {', '.join(sorted(unknown))}; there are {', '.join(ENGINES)}")
    print("preparing the input and the truth …", flush=True)
    records = job(arguments.events)
    right = {engine: truth(records, engine) for engine in engines}
    with EmbeddedKafka() as kafka, tempfile.TemporaryDirectory() as folder:
        rows = []
        for engine in engines:
            print(f"running {engine} …", flush=True)
            rows.append(Run(engine, kafka.bootstrap_servers, Path(folder), None).measure(records, right[engine]))
        show(rows, len(records) - WARM_UP)
        if arguments.profile:
            stats = Path(folder) / "profile"
            Run("detect", kafka.bootstrap_servers, Path(folder), stats).measure(records, truth(records, "detect"))
            pstats.Stats(str(stats)).sort_stats("tottime").print_stats(35)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=2))


if __name__ == "__main__":
    main()
