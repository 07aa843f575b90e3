"""Two notify workers as processes on topics of their own, told of alerts, and what they say became of them."""

import asyncio
import json
import signal
import time
from collections import defaultdict

import orjson
from aiokafka import AIOKafkaProducer

from stream_app import deliveries
from stream_app.cluster import create_topics
from stream_app.codec import encode_alert
from stream_app.core.alerts import Evidence, Intent, Polarity, PublishedAlert, Severity, Snapshot, account_key
from stream_app.core.events import SECOND
from stream_app.notify.changelog import reader
from stream_app.settings import load
from stream_app.topics import ALERT_TOPICS, NotifyTopic, OutputTopic
from tests.faults.processes import WorkerProcess
from tests.notify.stage import everything

WORKERS = 2
ALWAYS_OPEN = """
[hours]
timezone = "{zone}"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
opens = "00:00"
closes = "24:00"
country = ""
"""


def always_open():
    """Return hours without an end, in a zone where it is not midnight soon."""
    return ALWAYS_OPEN.format(zone="UTC" if 6 <= time.gmtime().tm_hour < 18 else "Asia/Tokyo")


class Play:
    """Everything of one test: started and ended by `async with`."""

    def __init__(self, ground, text, **environ):
        (ground.folder / "settings.toml").write_text(always_open() + text)
        self.ground = ground
        self.environ = {
            **ground.environ(),
            "STREAM_APP_CONFIG": str(ground.folder / "settings.toml"),
            "STREAM_APP_NOTIFY__PORT": "0",
            "STREAM_APP_KAFKA__SESSION_TIMEOUT": "2s",
            **environ,
        }
        self.settings = load(environ=self.environ)
        logs = [ground.folder / f"worker-{each}.log" for each in range(WORKERS)]
        self.workers = [WorkerProcess(self.environ, log, "tests.acceptance_notify.notify_worker") for log in logs]
        self.sent = []

    async def __aenter__(self):
        """Start the workers."""
        await create_topics(self.settings)
        for worker in self.workers:
            worker.start()
        return self

    async def __aexit__(self, kind, *error):
        """End them; what they logged is for whoever reads a failure."""
        for worker in self.workers:
            worker.kill()
            if kind is not None:
                print(worker.log_tail())

    async def tell(self, *alerts):
        """Write alerts as detect does."""
        async with AIOKafkaProducer(**self.settings.client_options()) as producer:
            for alert in alerts:
                topic = self.settings.topic(ALERT_TOPICS[alert.intent])
                await producer.send(topic, encode_alert(alert, alert.detected_at), key=account_key(alert).encode())
            await producer.flush()
        self.sent += alerts

    async def end(self, worker, how):
        """End a worker and start it again; return how it ended."""
        code, _ = await asyncio.to_thread(worker.end, how)
        worker.start()
        return code

    async def stop(self):
        """Return how the workers end that are asked to."""
        return [(await asyncio.to_thread(worker.end, signal.SIGTERM))[0] for worker in self.workers]

    async def read(self, topic):
        """Return what stands on a topic."""
        async with reader(self.settings.client_options()) as consumer:
            records = await everything(consumer, self.settings.topic(topic), self.settings.topics.partitions)
        return [orjson.loads(record.value) for record in records]

    async def fates(self):
        """Return by (alert, route) what became of it: one fate, if all is well."""
        found = defaultdict(set)
        for line in await self.read(NotifyTopic.DELIVERIES):
            found[line["alert_id"], line["route"]].add((line["fate"], line["reason"]))
        return found

    async def in_hand(self):
        """Return the messages that are not done."""
        return [each async for each in deliveries.in_hand(self.settings)]

    async def dead_letters(self):
        """Return what could not be read."""
        return await self.read(OutputTopic.DEAD_LETTERS)

    def logged(self, event):
        """Return the lines of this event that the workers logged."""
        return [line for worker in self.workers for line in worker.log() if line["event"] == event]


def file_lines(path):
    """Return what the file sink wrote; a last line that is still being written is left out."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def alert_of(number, account, intent=Intent.CHURN, severity=Severity.HIGH, **customer):
    """Return an alert of now, of a person of their own."""
    now = time.time_ns() // 1000
    page = Evidence(event_id=f"v-{number}", occurred_at=now - SECOND, category="support", url="https://a.example/x")
    return PublishedAlert(
        alert_id=f"{number:032x}",
        intent=intent,
        rule_id="r",
        severity=severity,
        polarity=Polarity.RISK,
        customer_id=f"c-{number}",
        account_id=account,
        customer=Snapshot(name=name_of(number), account_name=f"account {account}", **customer),
        occurred_at=now - SECOND,
        detected_at=now,
        rule_set="test",
        reason="a test",
        evidence=(page,),
    )


def name_of(number):
    """Return the name of the person whom an alert is about."""
    return f"P{number:05}P"
