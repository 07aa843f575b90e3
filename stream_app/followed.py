"""Replay that follows a worker's log: each record is judged by the rules that judged it then.

Detect writes down from which offsets which rules hold. So it is the records of the topics that are judged, where their
offsets stand; a file of events has none.
"""

import time
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace
from pydantic import ValidationError

from stream_app.codec import encode_dead_letter
from stream_app.core.audience import IgnoredReason
from stream_app.core.erasure import Erasures
from stream_app.core.events import NEVER, Micros
from stream_app.core.rule_set import RuleSet
from stream_app.formats import BadLine, IgnoredLine
from stream_app.logs import RULES_HOLD
from stream_app.progress import Progress, silently
from stream_app.recorded import Recorded
from stream_app.replay import EVENTS_PER_STEP, LANES, NOBODY, Judge, Outputs, Stretch, merged
from stream_app.report import Report, Tally
from stream_app.settings import Settings
from stream_app.spool import Spool
from stream_app.topics import InputTopic


class ReloadsError(Exception):
    """A log cannot be followed; the text says why."""


class _Place(Struct, frozen=True):
    offsets: Mapping[InputTopic, int]
    time: Micros | None = None
    alerts_from: Micros | None = None


class _Line(Struct, frozen=True):
    event: str = ""
    timestamp: str = ""
    rule_set: str = ""
    partitions: Mapping[int, _Place] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


class Held(Struct, frozen=True):
    """Rules, and from where on they held in a partition."""

    rules: RuleSet
    offsets: Mapping[InputTopic, int]
    begins: Micros


class Followed:
    """Which rules held where, by partition, the oldest first; those are taken for the rules of all before, too."""

    def __init__(self, held: Mapping[int, list[Held]]) -> None:
        self.held = held

    @property
    def stretches(self) -> int:
        """How many there are, over all partitions."""
        return sum(map(len, self.held.values()))

    def first(self) -> Mapping[int, int]:
        """Return the number of each partition's first, if they are numbered through."""
        return dict(zip(self.held, accumulate(map(len, self.held.values()), initial=0), strict=False))

    def which(self, record: Recorded) -> int:
        """Return which of the rules of its partition judged a record."""
        if (held := self.held.get(record.partition)) is None:
            raise ReloadsError(f"no log says which rules held in partition {record.partition}")
        return max(0, bisect_right([each.offsets.get(record.topic, 0) for each in held], record.offset) - 1)


def read_logs(files: Iterable[Path]) -> Followed:
    """Return what the logs of workers say, lines of JSON among which others may stand.

    Raises:
        ReloadsError: nothing is said, or rules that this version makes otherwise; OSError: a file cannot be read.
    """
    lines = sorted((line for file in files for line in _lines(file)), key=lambda line: line.timestamp)
    if not lines:
        raise ReloadsError(f"no line says {RULES_HOLD!r}; is it detect's log, as JSON and of level info?")
    held: dict[int, list[Held]] = {}
    for line in lines:
        rules = _rules(line)
        for number, place in line.partitions.items():
            _add(held.setdefault(number, []), rules, place)
    return Followed(held)


def _lines(file: Path) -> Iterator[_Line]:
    decoder = msgspec.json.Decoder(_Line)
    with file.open("rb") as log:
        for number, raw in enumerate(log, 1):
            if RULES_HOLD.encode() in raw:
                try:
                    yield decoder.decode(raw)
                except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                    raise ReloadsError(f"{file}:{number}: is no line of detect's log: {error}") from None


def _rules(line: _Line) -> RuleSet:
    try:
        rules = Settings(**line.settings).rule_set()
    except (ValidationError, TypeError):
        raise ReloadsError(f"rule set {line.rule_set}: its settings mean nothing to this version") from None
    if rules.id != line.rule_set:
        raise ReloadsError(f"rule set {line.rule_set}: this version makes {rules.id} of the same settings")
    return rules


def _add(held: list[Held], rules: RuleSet, place: _Place) -> None:
    """Add what holds from there on; what others judged behind it was never durable, and is judged anew."""
    rules = rules.with_policy(replace(rules.policy, alerts_from=place.alerts_from))
    added = Held(rules, place.offsets, NEVER if place.time is None else place.time)
    while held and not _is_behind(added, held[-1]):
        held.pop()
    if not held or (held[-1].rules.id, held[-1].rules.policy) != (rules.id, rules.policy):
        held.append(added)


def _is_behind(added: Held, last: Held) -> bool:
    """Say whether something was judged for good between two places."""
    pairs = [(added.offsets.get(topic, 0), at) for topic, at in last.offsets.items()]
    return all(new >= old for new, old in pairs) and any(new > old for new, old in pairs)


def follow(
    records: Iterable[Recorded],
    followed: Followed,
    outputs: Outputs,
    *,
    until: Micros | None = None,
    erasures: Erasures = NOBODY,
    progress: Progress = silently,
) -> Report:
    """Judge what the topics hold as `replay` judges files; raises ReloadsError for a partition without rules."""
    started = time.perf_counter()
    tally, first = Tally(), followed.first()
    with Spool(followed.stretches * len(LANES)) as spool:
        aside = _Aside(spool, followed, tally, outputs, erasures)
        for number, record in enumerate(records, 1):
            aside.put(record, first)
            if number % EVENTS_PER_STEP == 0:
                progress("Reading", number, None)
        judge = Judge(tally, outputs, aside.newest, until)
        for partition, held in sorted(followed.held.items()):
            stretches = [
                Stretch(each.rules, merged(spool, first[partition] + i), each.begins) for i, each in enumerate(held)
            ]
            judge.partition(stretches, lambda done: progress("Judging", done, aside.kept))
    return tally.report(time.perf_counter() - started)


class _Aside:
    """Puts records aside by partition, by the rules that judged them, and by topic."""

    def __init__(self, spool: Spool, followed: Followed, tally: Tally, outputs: Outputs, erasures: Erasures) -> None:
        self._spool = spool
        self._followed = followed
        self._tally = tally
        self._outputs = outputs
        self._erasures = erasures
        self.kept = 0
        self.newest: Micros = NEVER

    def put(self, record: Recorded, first: Mapping[int, int]) -> None:
        """Take a record; what has no customer or no sense ends here."""
        topic, item = record.topic, record.item
        self._tally.came_in(topic)
        if isinstance(item, BadLine):
            self._tally.dead(topic, item.reason)
            self._outputs.dead_letters(_dead_letter(record, item) + b"\n")
        elif isinstance(item, IgnoredLine):
            self._tally.left_out(topic, item.reason)
        elif not item.customer_id:
            self._tally.left_out(topic, IgnoredReason.ANONYMOUS)
        elif self._erasures and self._erasures.erased(item.customer_id, topic, record.partition, record.offset):
            self._tally.erased(topic)
        else:
            stretch = self._followed.which(record) + first[record.partition]
            self._spool.append(stretch * len(LANES) + LANES.index(topic), item)
            self.kept += 1
            self.newest = max(self.newest, item.occurred_at)


def _dead_letter(record: Recorded, line: BadLine) -> bytes:
    return encode_dead_letter(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp_ms=record.timestamp_ms,
        reason=line.reason,
        detail=line.detail,
        key=None,
        value=line.raw,
    )
