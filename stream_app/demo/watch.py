"""What comes of the traffic, seen from outside: the output topics, the group's offsets, the worker's metrics."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from typing import Self

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families

from stream_app.core.alerts import Intent
from stream_app.metrics import EventOutcome
from stream_app.report import OUTCOMES, Latency, Report
from stream_app.settings import Settings
from stream_app.topics import ALERT_TOPICS, RECORDED, InputTopic, OutputTopic

ASK_SECONDS = 0.2
POLL_MS = 100

INTENTS: Mapping[OutputTopic, Intent] = {topic: intent for intent, topic in ALERT_TOPICS.items()}


class _Why(Struct, frozen=True):
    reason: str


class Heard:
    """Counts of what stands on the output topics."""

    def __init__(self) -> None:
        self.alerts: Counter[str] = Counter({str(intent): 0 for intent in Intent})
        self.suppressed: Counter[str] = Counter()
        self.dead_letters: Counter[str] = Counter()
        self._why = msgspec.json.Decoder(_Why)

    def hear(self, topic: OutputTopic, value: bytes) -> None:
        """Count a record."""
        if topic in INTENTS:
            self.alerts[INTENTS[topic]] += 1
        elif topic is OutputTopic.FATES:
            self.suppressed[self._why.decode(value).reason] += 1
        elif topic is OutputTopic.DEAD_LETTERS:
            self.dead_letters[self._why.decode(value).reason] += 1


class Watch:
    """Looks at the cluster while the traffic flows; `async with Watch(...)`."""

    def __init__(self, settings: Settings) -> None:
        options = settings.client_options()
        outputs = {settings.topic(topic): topic for topic in OutputTopic}
        self._outputs = outputs
        self._inputs = [settings.topic(topic) for topic in InputTopic]
        self._group = settings.group
        self._partitions = range(settings.topics.partitions)
        self._consumer = AIOKafkaConsumer(**options, auto_offset_reset="earliest", enable_auto_commit=False)
        self._admin = AIOKafkaAdminClient(**options)
        self._read: Counter[TopicPartition] = Counter()
        self._news = asyncio.Event()
        self._stack = AsyncExitStack()
        self.judged = 0  # records, as of the last commit that was seen

    async def __aenter__(self) -> Self:
        """Connect."""
        async with AsyncExitStack() as stack:
            for client, close in ((self._consumer, self._stop_consumer), (self._admin, self._admin.close)):
                stack.push_async_callback(close)
                await client.start()
            self._consumer.assign(self._places(self._outputs))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self._stack.aclose()

    async def listen(self, hear: Callable[[OutputTopic, bytes], object]) -> None:
        """Tell of every record of the output topics, for ever."""
        while True:
            for place, records in (await self._consumer.getmany(timeout_ms=POLL_MS)).items():
                for record in records:
                    hear(self._outputs[place.topic], record.value)
                self._read[place] = records[-1].offset + 1
                self._news.set()

    async def follow(self) -> None:
        """Keep `judged` up to date, for ever."""
        while True:
            self.judged = (await self._committed()).total()
            self._news.set()
            await asyncio.sleep(ASK_SECONDS)

    async def news(self) -> None:
        """Return when something has been read, or `judged` looked up, since this was called."""
        self._news.clear()
        await self._news.wait()

    async def all_judged(self) -> None:
        """Return when the group has committed all that stands on the input topics now."""
        ends = await self._consumer.end_offsets(self._places(self._inputs))
        while (committed := await self._committed()) != Counter(ends):
            self.judged = committed.total()
            await asyncio.sleep(ASK_SECONDS)
        self.judged = committed.total()

    async def all_heard(self) -> None:
        """Return when `listen` has told of all that stands on the output topics now."""
        ends = await self._consumer.end_offsets(self._places(self._outputs))
        while any(self._read[place] < end for place, end in ends.items()):
            await self.news()

    async def _stop_consumer(self) -> None:
        # With a fetch under way to a broker that is gone aiokafka lets the end of its own task out.
        with suppress(asyncio.CancelledError):
            await self._consumer.stop()

    async def _committed(self) -> Counter[TopicPartition]:
        offsets = await self._admin.list_consumer_group_offsets(self._group)
        return Counter({place: found.offset for place, found in offsets.items()})

    def _places(self, topics: Iterable[str]) -> list[TopicPartition]:
        return [TopicPartition(topic, number) for topic in topics for number in self._partitions]


class Measured:
    """The worker's metrics, read once."""

    def __init__(self, page: str) -> None:
        self._samples = [s for family in text_string_to_metric_families(page) for s in family.samples]

    def by_label(self, name: str, label: str) -> dict[str, int]:
        """Return the values of a metric by one of its labels, without zeros."""
        return {s.labels[label]: int(s.value) for s in self._samples if s.name == name and s.value}

    def outcomes(self, topic: InputTopic) -> dict[str, int]:
        """Return how many of a topic's events came to what."""
        found = {
            s.labels["outcome"]: int(s.value)
            for s in self._samples
            if s.name == "cs_events_total" and s.labels["topic"] == topic
        }
        return {outcome: found.get(outcome, 0) for outcome in EventOutcome}

    @property
    def customers(self) -> int:
        """Customers in state."""
        return sum(int(s.value) for s in self._samples if s.name == "cs_state_customers")

    @property
    def latency(self) -> Latency | None:
        """From the event's record to the alert's acknowledgement; None if there was no alert."""
        buckets = [
            (float(s.labels["le"]), s.value) for s in self._samples if s.name == "cs_event_to_alert_seconds_bucket"
        ]
        if not buckets or not buckets[-1][1]:
            return None
        return Latency(p50=quantile(0.5, buckets), p99=quantile(0.99, buckets))


def quantile(share: float, buckets: list[tuple[float, float]]) -> float:
    """Estimate a quantile from (upper bound, count up to it), the last bound infinite: even inside a bucket."""
    wanted = share * buckets[-1][1]
    low, below = 0.0, 0.0
    for high, count in buckets[:-1]:
        if count >= wanted:
            return low + (high - low) * (wanted - below) / (count - below)
        low, below = high, count
    return low


def report(at_reading: Report, heard: Heard, measured: Measured) -> Report:
    """Return what a run came to: `at_reading` knows what came in, and the lines that never got to Kafka."""
    outcomes = {}
    for topic in RECORDED:
        counts = Counter(measured.outcomes(topic))
        counts.update(at_reading.outcomes[topic])
        outcomes[str(topic)] = {str(outcome): counts[outcome] for outcome in OUTCOMES}
    return Report(
        events_in=at_reading.events_in,
        outcomes=outcomes,
        ignored=_together(at_reading.ignored, measured.by_label("cs_ignored_total", "reason")),
        alerts=heard.alerts,
        suppressed=_together(heard.suppressed),
        dead_letters=_together(at_reading.dead_letters, heard.dead_letters),
        customers=measured.customers,
        seconds=at_reading.seconds,
        latency=measured.latency,
        fates=at_reading.fates,
    )


def _together(*counts: Mapping[str, int]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))
