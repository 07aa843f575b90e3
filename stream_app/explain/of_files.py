"""A story out of files: judged anew, and told through notify's two machines in simulated time."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from stream_app.codec import DecodeError, decode_alert, decode_resolution
from stream_app.codec.notify import decode_delivery, decode_fate, decode_feedback
from stream_app.core.erasure import Erasures
from stream_app.core.events import Micros
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.rule_set import RuleSet
from stream_app.explain.aside import Aside
from stream_app.explain.judged import Judged
from stream_app.explain.said import Records, in_place_of, said_of, told, written_of
from stream_app.explain.story import About, Story
from stream_app.formats.lines import BadLine, numbered_lines
from stream_app.inputs import Files, read_erasures
from stream_app.partitioners import partition_of_customer
from stream_app.progress import Progress

EVENTS_PER_STEP = 4_096

T = TypeVar("T")


class Written(Struct, frozen=True, kw_only=True):
    """Files of JSON lines as topics hold them or replay writes them."""

    alerts: Path | None = None
    fates: Path | None = None
    resolutions: Path | None = None
    deliveries: Path | None = None
    feedback: Path | None = None
    erasures: Path | None = None

    @property
    def given(self) -> bool:
        """Whether there is any file."""
        return any(getattr(self, name) is not None for name in self.__struct_fields__)

    @property
    def erased(self) -> Erasures:
        """Who was erased; raises OSError and ErasuresError."""
        if self.erasures is None:
            return Erasures()
        return read_erasures(self.erasures)

    @property
    def records(self) -> Records:
        """What they say, lines that cannot be read left out; raises OSError."""
        return Records(
            alerts=_lines(self.alerts, decode_alert),
            held=_lines(self.fates, decode_fate),
            resolutions=_lines(self.resolutions, decode_resolution),
            deliveries=_lines(self.deliveries, decode_delivery),
            feedback=_lines(self.feedback, decode_feedback) or (),
        )


def story_of(
    sought: str,
    files: Files,
    written: Written,
    rules: RuleSet,
    notify: NotifyRules,
    *,
    partitions: int,
    until: Micros | None,
    now_ms: int,
    progress: Progress,
) -> Story:
    """Return the story of a customer or account; `now_ms` stands for the records' time. Raises OSError."""
    erased = written.erased
    records = written.records.without(erased)
    with Aside(sought, partitions, erased) as aside:
        _put_aside(files, aside, partitions, now_ms, progress)
        judged = Judged(rules, aside.people)
        judged.judge(
            aside.partitions() if aside.people else (),
            aside.kept,
            aside.newest - rules.policy.lateness if until is None else until,
            progress,
        )
        now = _now(aside, records, until)
        happenings = in_place_of(records, judged.found)
        deliveries = told(happenings, notify, now) if records.deliveries is None else records.deliveries
        people = judged.people or written_of(sought, happenings)
        names = frozenset(one.customer_id for one in people)
        return Story(
            sought=sought,
            about=About.ACCOUNT if names and sought not in names else About.CUSTOMER,
            now=now,
            people=people,
            said=said_of(names, sought, happenings, records, deliveries, now),
            anonymous=aside.anonymous,
            erased=erased.holds(sought),
        )


def _put_aside(files: Files, aside: Aside, partitions: int, now_ms: int, progress: Progress) -> None:
    partition = partition_of_customer(partitions)
    for number, (source, item) in enumerate(files.lines(now_ms), 1):
        aside.put(source.topic, partition(getattr(item, "customer_id", "")), item)
        if number % EVENTS_PER_STEP == 0:
            progress("Reading", number, None)


def _now(aside: Aside, records: Records, until: Micros | None) -> Micros:
    """Return up to when the files tell: to the newest of what they hold."""
    if until is not None:
        return until
    alerted = (one.occurred_at for one in records.alerts or ())
    held = (one.occurred_at for one in records.held or ())
    said = (one.at for one in records.deliveries or ())
    return max((aside.newest, *alerted, *held, *said))


def _lines(path: Path | None, decode: Callable[[bytes], T]) -> tuple[T, ...] | None:
    if path is None:
        return None
    found = []
    for line in numbered_lines(path):
        if isinstance(line, BadLine) or not line[1].strip():
            continue
        try:
            found.append(decode(line[1]))
        except DecodeError:
            continue
    return tuple(found)
