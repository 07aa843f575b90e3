"""Who writes to the changelog notices by the offset whether somebody else did too, and what it does then."""

import pytest

from stream_app.metrics import Metrics
from stream_app.outbox import Outbox
from stream_app.workers.changelog import Changelog, OwnershipLost
from stream_app.workers.stores import MemoryStore
from stream_app.workers.terms import TERM_KEY, headers_of, next_term, outdated
from tests.workers.fakes import FakeProducer, FakeSource
from tests.workers.test_terms import at

THE_OTHERS = next_term(None, 1)


class Ground:
    """A worker of generation 5 that writes to partition 0, and others who do."""

    def __init__(self):
        self.producer, self.source, self.store, self.metrics = FakeProducer(), FakeSource(), MemoryStore(), Metrics()
        self.source.generation = 5
        self.changelog = Changelog(
            topic="changelog",
            outbox=Outbox(lambda: self.producer, {}),
            store=lambda: self.store,
            source=lambda: self.source,
            read=self.producer.read,
            metrics=self.metrics,
        )

    async def other(self, key, value, term=THE_OTHERS):
        """Write as another worker does."""
        await Outbox(lambda: self.producer, {}).write("changelog", 0, [(key, value)], headers_of(term))

    def last(self):
        """Return the last record of each key, as compaction leaves it."""
        return {key: value for _, key, value in self.producer.sent["changelog"] if key != TERM_KEY}

    @property
    def put_right(self):
        """How many records were written over."""
        return self.metrics.registry.get_sample_value("cs_outdated_records_total")


async def test_a_term_begins_with_a_claim_and_what_is_kept_bears_it():
    ground = Ground()
    await ground.changelog.begin(0)
    await ground.changelog.keep(0, {b"c": at(9)})
    term = next_term(None, 5)
    assert [(0, TERM_KEY, term), (0, b"c", at(9))] == ground.producer.sent["changelog"]
    assert (at(9), 1, 0) == (ground.store.fetch(0, b"c"), ground.store.restored_to(0), ground.put_right)


async def test_what_another_wrote_after_the_claim_is_written_over_at_once():
    ground = Ground()
    await ground.changelog.begin(0)
    await ground.changelog.keep(0, {b"c": at(9)})
    await ground.other(b"c", at(5))
    await ground.changelog.keep(0, {b"d": at(3)})
    assert {b"c": at(9), b"d": at(3)} == ground.last()
    assert (1, set(), at(9)) == (ground.put_right, outdated(ground.store, 0), ground.store.fetch(0, b"c"))


async def test_what_another_wrote_before_the_claim_is_taken_in():
    """It is not known to have been restored, but whoever restores next will take it for good."""
    ground = Ground()
    await ground.other(b"c", at(5))
    await ground.changelog.begin(0)
    assert (at(5), 0) == (ground.store.fetch(0, b"c"), ground.put_right)


async def test_who_finds_a_higher_term_has_lost_the_partition():
    ground = Ground()
    await ground.changelog.begin(0)
    await ground.other(TERM_KEY, next_term(None, 6), next_term(None, 6))
    with pytest.raises(OwnershipLost):
        await ground.changelog.keep(0, {b"c": at(9)})


async def test_who_is_no_member_any_more_writes_nothing():
    ground = Ground()
    await ground.changelog.begin(0)
    ground.source.member = False
    with pytest.raises(OwnershipLost):
        await ground.changelog.keep(0, {b"c": at(9)})
    assert {} == ground.last()
