"""What the detector has to say: alerts, fates and dead letters, each on its topic and in the metrics."""

import time
from collections.abc import Awaitable, Iterable, Mapping

import structlog
from aiokafka import ConsumerRecord

from stream_app import codec
from stream_app.codec.erasures import encode_erasure, erasure_key
from stream_app.core.alerts import SuppressedReason
from stream_app.core.audience import IgnoredReason
from stream_app.core.erasure import Erasure
from stream_app.core.events import SECOND, Micros
from stream_app.core.pipeline import Outcome, Verdict
from stream_app.metrics import REFERRALS, EventOutcome, Metrics
from stream_app.outbox import Outbox, dead_letter
from stream_app.topics import ALERT_TOPICS, InputTopic, OutputTopic
from stream_app.workers.partition import NO_RECORD, Judged

log = structlog.get_logger(__name__)

LANE_TOPICS = tuple(InputTopic)


def now_micros() -> Micros:
    """Return the worker's clock."""
    return time.time_ns() // 1000


class Output:
    """Turns what was judged into records; they are on their way after `flush` and safe when `sent` is done."""

    def __init__(self, outbox: Outbox, names: Mapping[OutputTopic, str], metrics: Metrics) -> None:
        self._outbox = outbox
        self._metrics = metrics
        self._names = names
        # Rounds are many and small: looking for a series costs more than counting in it.
        self._ages = [metrics.event_age.labels(topic) for topic in LANE_TOPICS]
        self._judged = {
            (lane, verdict): metrics.events.labels(topic, verdict)
            for lane, topic in enumerate(LANE_TOPICS)
            for verdict in Verdict
        }
        self._alerted: list[tuple[str, int]] = []  # rules on their way, with the timestamp in ms of the record behind

    def say(self, judged: Judged) -> None:
        """Take what judging came to: outcomes that speak, and the counts of all."""
        self._count(judged)
        now = now_micros()
        for timestamp_ms, outcome in judged.speaking:
            failed = [held.rule_id for held in outcome.suppressed if held.reason is SuppressedReason.RULE_ERROR]
            for error in outcome.errors:
                log.error("a rule raised", rules=failed, exc_info=error)
            for held in outcome.suppressed:
                self._add(OutputTopic.FATES, codec.alert_key(held), codec.encode_fate(held, now))
                self._metrics.held_back(held.rule_id, held.reason)
            for alert in outcome.alerts:
                self._add(ALERT_TOPICS[alert.intent], codec.alert_key(alert), codec.encode_alert(alert, now))
                self._alerted.append((alert.rule_id, timestamp_ms))
            self._say_after(outcome, now)

    def erased(self, partition: int, erasures: Iterable[Erasure]) -> None:
        """Take who was erased, for the partition that they are of."""
        for each in erasures:
            self._add(OutputTopic.ERASURES, erasure_key(each), encode_erasure(each), partition)

    def _say_after(self, outcome: Outcome, now: Micros) -> None:
        for over in outcome.resolutions:
            self._add(OutputTopic.RESOLUTIONS, codec.alert_key(over), codec.encode_resolution(over, now))
            self._metrics.resolutions.labels(over.reason).inc()
        if (move := outcome.move) is not None:
            self._add(OutputTopic.SEGMENT_CHANGES, move.customer_id.encode(), codec.encode_segment_change(move, now))
            self._metrics.segment_changes.inc()
        if (seen := outcome.account_view) is not None:
            self._add(OutputTopic.ACCOUNT_VIEWS, seen.account_id.encode(), codec.encode_account_view(seen))

    def dead_letter(self, topic: InputTopic, record: ConsumerRecord, error: codec.DecodeError) -> None:
        """Take a record that cannot be used."""
        self._add(OutputTopic.DEAD_LETTERS, *dead_letter(record, error))
        self._metrics.events.labels(topic, EventOutcome.DEAD_LETTER).inc()
        self._metrics.dead_letters.labels(error.reason).inc()

    def skipped(self, topic: InputTopic) -> None:
        """Take note of a record that cannot be used, and may not be shown either: who sent it was erased."""
        self._metrics.events.labels(topic, EventOutcome.ERASED).inc()

    def ignored(self, topic: InputTopic, reason: IgnoredReason) -> None:
        """Take note of an event that never reaches the rules."""
        self._metrics.events.labels(topic, Verdict.IGNORED).inc()
        self._metrics.ignored.labels(reason).inc()

    async def flush(self) -> None:
        """Send all that was taken."""
        alerted, self._alerted = self._alerted, []
        await self._outbox.flush(lambda: self._observe(alerted))

    def sent(self) -> Awaitable[object]:
        """Return what is done when every record sent so far is acknowledged; raises if one cannot be."""
        return self._outbox.sent()

    def _add(self, topic: OutputTopic, key: bytes, value: bytes, partition: int | None = None) -> None:
        self._outbox.add(self._names[topic], key, value, partition)

    def _count(self, judged: Judged) -> None:
        for found, count in judged.verdicts.items():
            self._judged[found].inc(count)
        now = now_micros()
        for lane, at in judged.latest.items():
            self._ages[lane].observe(max(0, now - at) / SECOND)
        for lane, count in judged.replayed.items():
            self._metrics.events.labels(LANE_TOPICS[lane], EventOutcome.REPLAYED).inc(count)
        self._metrics.due_moments.inc(judged.due)
        for kind, count in judged.interactions.items():
            if kind in REFERRALS:
                self._metrics.referrals.labels(REFERRALS[kind]).inc(count)
        for reason, count in judged.ignored.items():
            self._metrics.ignored.labels(reason).inc(count)

    def _observe(self, alerted: list[tuple[str, int]]) -> None:
        now = time.time()
        for rule_id, timestamp_ms in alerted:
            self._metrics.alerted(rule_id)
            if timestamp_ms != NO_RECORD:
                self._metrics.event_to_alert.observe(max(0.0, now - timestamp_ms / 1000))
