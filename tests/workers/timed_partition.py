"""One partition worked on without Kafka: it may crash between any two records of a checkpoint, and starts again."""

from stream_app.codec import encode_alert, encode_fate, encode_resolution
from stream_app.codec.state import decode_site, decode_state
from stream_app.core.erasure import Erasures
from stream_app.core.order import ALWAYS, Waiting
from stream_app.workers.erased import Known
from stream_app.workers.lanes import Lane
from stream_app.workers.partition import SITE_KEY, Partition
from stream_app.workers.stores import RESERVED
from tests.workers.fakes import ALL, SALT, FakeStore


class Worked:
    """A partition over a store, fed from whole topics; `said` is what came of it, in order."""

    def __init__(self, topics, rules, store=None, number=0):
        """Take the events of each topic as they stand."""
        self.topics = topics
        self.rules = rules
        self.store = store or FakeStore()
        self.number = number
        self.committed = [0] * len(ALL)
        self.said = []
        self.replayed = 0
        self.erasures = Erasures()
        self.begin()

    def begin(self):
        """Start, or start again: from what is committed, over what is stored."""
        lanes = [Lane(tp, offset) for tp, offset in zip(ALL, self.committed, strict=True)]
        self.work = Partition(self.number, lanes, self.store, self.rules, Known(self.erasures, SALT, []))
        for lane, events in zip(lanes, self.topics, strict=True):
            waiting = [Waiting(event.occurred_at, 1, offset, -1, event) for offset, event in enumerate(events)]
            lane.extend(len(events), waiting[lane.position :])
        self.work.ended = [ALWAYS] * len(lanes)

    def judge(self, limit):
        """Judge so much; say whether anything was left."""
        judged = self.work.judge(limit)
        self.replayed += judged.replayed.total()
        for _, outcome in judged.speaking:
            self.said += [encode_alert(alert, None) for alert in outcome.alerts]
            self.said += [encode_fate(held, None) for held in outcome.suppressed]
            self.said += [encode_resolution(over, None) for over in outcome.resolutions]
        return judged.count > 0

    def keep(self, records=None):
        """Write a checkpoint, or only so many first records of it; commit if it is whole."""
        changes = list(self.work.changes().items())
        self.store.write(self.number, dict(changes[:records]), 0)
        if records is None:
            self.committed = list(self.work.committable().values())
            self.work.settled(self.work.committable())
        return len(changes)

    def remembered(self):
        """Return what is stored, but for fences: one who was forgotten, and what changed nothing, leave none behind."""
        return {key: _without_fence(key, value) for (_, key), value in self.store.values.items()}

    def to_the_end(self, limit=10_000):
        """Judge everything, with a checkpoint after every step."""
        while self.judge(limit):
            self.keep()
        return self


def _without_fence(key, value):
    if key == SITE_KEY:
        return decode_site(value)[1]
    return value if key.startswith(RESERVED) else decode_state(value)[1]
