"""Recorded events put aside by partition, and who of them is asked about."""

from collections.abc import Iterator
from types import TracebackType
from typing import Self

from stream_app.core.erasure import Erasures
from stream_app.core.events import NEVER, CustomerProfile, Event, Micros, PageView
from stream_app.formats import BadLine, IgnoredLine
from stream_app.replay import LANES, merged
from stream_app.spool import Spool
from stream_app.topics import InputTopic

_LANE = {topic: lane for lane, topic in enumerate(LANES)}


class Aside:
    """Events on disk, to be judged partition by partition; to be closed by `with`."""

    def __init__(self, sought: str, partitions: int, erased: Erasures) -> None:
        self.sought = sought
        self.erased = erased
        self._spool = Spool(partitions * len(LANES))
        self.is_customer = False
        self._members: set[str] = set()
        self._filled: set[int] = set()
        self._theirs: set[int] = set()
        self.newest: Micros = NEVER
        self.anonymous = 0
        self.kept = 0

    def put(
        self, topic: InputTopic, partition: int, item: Event | BadLine | IgnoredLine, offset: int | None = None
    ) -> None:
        """Keep an event of somebody; what is nobody's is only counted, and what was erased is gone."""
        if isinstance(item, BadLine | IgnoredLine):
            return
        if self._is_erased(item, topic, partition, offset):
            return
        account_id = account_of(item)
        if not item.customer_id:
            self.anonymous += account_id == self.sought
            return
        if item.customer_id == self.sought:
            self.is_customer = True
            self._theirs.add(partition)
        elif account_id == self.sought:
            self._members.add(item.customer_id)
            self._theirs.add(partition)
        self._spool.append(partition * len(LANES) + _LANE[topic], item)
        self._filled.add(partition)
        self.kept += 1
        self.newest = max(self.newest, item.occurred_at)

    def _is_erased(self, event: Event, topic: InputTopic, partition: int, offset: int | None) -> bool:
        if offset is None:  # of a file
            return self.erased.erased_by(event.customer_id, event.occurred_at)
        return self.erased.erased(event.customer_id, topic, partition, offset)

    @property
    def people(self) -> frozenset[str]:
        """Who is asked about."""
        return frozenset({self.sought} if self.is_customer else self._members)

    def partitions(self) -> Iterator[Iterator[tuple[int, Event]]]:
        """Yield each partition's events in the order in which they are judged."""
        return (merged(self._spool, partition) for partition in sorted(self._filled))

    def partitions_of_people(self) -> Iterator[Iterator[tuple[int, Event]]]:
        """Yield those of the partitions in which somebody is asked about."""
        return (merged(self._spool, partition) for partition in sorted(self._theirs))

    def __enter__(self) -> Self:
        """Return itself, to be closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget everything."""
        self._spool.close()


def account_of(event: Event) -> str:
    """Return the account that an event names; empty: none."""
    match event:
        case PageView(account_id=account_id):
            return account_id
        case CustomerProfile(profile=profile) if profile is not None:
            return profile.account_id
    return ""
