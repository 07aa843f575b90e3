"""Workers as processes are killed at random while they tell: every alert is told, and what is told twice says so."""

import asyncio
import json
import signal
import time
from collections import Counter
from random import Random

import pytest
from msgspec.structs import replace

from stream_app.cluster import create_topics
from stream_app.core.alerts import Severity
from stream_app.core.events import SECOND
from stream_app.settings import load
from tests.faults.processes import WorkerProcess
from tests.notify.alerts import published
from tests.notify.stage import Stage, until

pytestmark = pytest.mark.kafka

KILLS = 4
ALERTS = 160
SETTINGS = """
[[routes]]
name = "risk"
intent = ["churn"]
sink = "file"
pass_outside_hours = ["high", "medium", "low"]
[fallback]
sink = "file"
"""


class Scene:
    """A group of two workers on topics of their own."""

    def __init__(self, servers, folder, name):
        (folder / "settings.toml").write_text(SETTINGS)
        self.noted = folder / "noted.jsonl"
        self.noted.touch()
        self.seen = 0
        self.environ = {
            "STREAM_APP_CONFIG": str(folder / "settings.toml"),
            "STREAM_APP_BOOTSTRAP_SERVERS": servers,
            "STREAM_APP_TOPIC_PREFIX": f"{name}.",
            "STREAM_APP_GROUP": f"{name}-detect",
            "STREAM_APP_NOTIFY__GROUP": name,
            "STREAM_APP_TOPICS__PARTITIONS": "2",
            "STREAM_APP_NOTIFY__PORT": "0",
            "STREAM_APP_KAFKA__SESSION_TIMEOUT": "2s",
            "NOTED": str(self.noted),
            "NAP": "0.05",
        }
        self.workers = [
            WorkerProcess(self.environ, folder / f"worker-{each}.log", "tests.notify.process") for each in range(2)
        ]

    def lines(self):
        """Return what was noted; a last line that is still being written is left out."""
        return [json.loads(line) for line in self.noted.read_text().splitlines() if line.endswith("}")]

    def told(self):
        """Return the ids of alerts that were shown."""
        return {alert for line in self.lines() for alert in line["alerts"]}

    def has_more(self):
        """Say whether more was noted since last asked."""
        before, self.seen = self.seen, len(self.lines())
        return self.seen > before

    def start(self, worker):
        """Start a worker, or start it again, with a log of its own: a stop is asked for when it hears signals."""
        worker.log_file = worker.log_file.with_suffix(f".{time.time_ns()}.log")
        worker.start()

    def all_hear(self):
        """Say whether every worker has come to where it hears signals."""
        served = "metrics and probes are served"
        return all(any(line["event"] == served for line in worker.log()) for worker in self.workers)

    def logs(self):
        """Return the ends of what the workers logged, for whoever reads a failure."""
        return "\n".join(worker.log_tail() for worker in self.workers)


def of_now(number):
    """Return a high alert of now, each of a customer of its own."""
    now = time.time_ns() // 1000
    alert = published(number, customer_id=f"c-{number}")
    return replace(alert, severity=Severity.HIGH, occurred_at=now - SECOND, detected_at=now)


@pytest.mark.parametrize("seed", [1, 2])
async def test_whoever_is_killed_every_alert_is_told_and_repeats_are_marked(kafka, tmp_path, seed):
    name, rng = f"k{time.time_ns()}", Random(seed)
    scene = Scene(kafka.bootstrap_servers, tmp_path, name)
    settings = load(environ=scene.environ)
    await create_topics(settings)
    stage = NamedStage(kafka.bootstrap_servers, name)
    try:
        for worker in scene.workers:
            scene.start(worker)
        for round_ in range(KILLS):
            await stage.alert(*map(of_now, range(round_ * 40, round_ * 40 + 40)))
            await until(scene.has_more, 60)
            await asyncio.sleep(rng.uniform(0, 0.5))
            killed = rng.choice(scene.workers)
            await asyncio.to_thread(killed.end, signal.SIGKILL)
            scene.start(killed)
        sent = {f"{number:032x}" for number in range(ALERTS)}
        await until(lambda: scene.told() >= sent and scene.all_hear(), 90)
        ends = [await asyncio.to_thread(worker.end, signal.SIGTERM) for worker in scene.workers]
    except BaseException:
        print(scene.logs())
        raise
    finally:
        for worker in scene.workers:
            worker.kill()
    assert sent == scene.told()
    assert [0, 0] == [code for code, _ in ends], scene.logs()
    assert_repeats_are_marked(scene.lines())
    assert {(alert, "delivered") for alert in sent} == set(await stage.fates())


def assert_repeats_are_marked(lines):
    """At most one for a kill and desk, of which there is one here; an alert is in no second parcel."""
    said = Counter(line["id"] for line in lines)
    marked = Counter(line["id"] for line in lines if line["repeat"])
    assert {} == {parcel: count for parcel, count in said.items() if count - 1 > marked[parcel]}
    assert KILLS >= marked.total()
    parcels = {(alert, line["id"]) for line in lines for alert in line["alerts"]}
    assert len(parcels) == len({alert for alert, _ in parcels})


class NamedStage(Stage):
    """The topics as the settings name them."""

    @property
    def topics(self):
        named = {"churn": "cs-alerts-churn"}
        base = super().topics
        return replace(base, alerts=(f"{self.name}.{named['churn']}",))
