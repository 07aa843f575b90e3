"""The walk through what a customer did, in order of time: which reading of a look at prices leads, and since when."""

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct

from stream_app.core.alerts import Reading, Weighed
from stream_app.core.days import Days
from stream_app.core.events import NEVER, Micros
from stream_app.core.pages import PageCategory, PageTable
from stream_app.core.readings import HALF_LIFE, ONLY_WITH_SIGNS, Sign, leader_of, points_of, weighed
from stream_app.core.signs import Signs
from stream_app.core.state import CustomerState, Viewed
from stream_app.core.tuning import Tuning


class Trace(NamedTuple):
    """Something at which a reading may turn, as of `at`; `word` is what it counts as, empty for a purchase."""

    at: Micros
    is_view: bool  # of one moment, purchases come first, as they do between topics
    event_id: str
    word: str


class Told(Struct, frozen=True, kw_only=True):
    """What all the traces of a customer tell: the leading reading, and since when it leads."""

    reading: Reading
    since: Trace
    turned: bool  # another led before
    traces: tuple[Trace, ...]  # at which a reading may turn, by time
    weights: dict[str, float]  # word → what there is of it, 1 for a fresh view or a sign
    counted: dict[str, Trace]  # word → the latest view that counts

    @property
    def readings(self) -> tuple[Weighed, ...]:
        """The leading reading, its runner-up and the last."""
        return weighed(self.reading, self.weights)


def told(state: CustomerState, tuning: Tuning, pages: PageTable, days: Days) -> Told | None:
    """Walk the traces in order of time and return what they tell in the end; None without a look at prices."""
    traces = sorted(_traces(state, pages))
    while traces and traces[-1].word in ONLY_WITH_SIGNS:
        traces.pop()
    if not any(trace.word == PageCategory.PRICING for trace in traces):
        return None
    signs, fading = Signs(state, tuning, days), _Fading(days)
    leads: Reading | None = None
    since, turned, holding = traces[0], False, tuple[Sign, ...]()
    for trace in traces:
        fading.add(trace)
        if trace.word in ONLY_WITH_SIGNS or (leads is None and trace.word != PageCategory.PRICING):
            continue
        holding = signs.at(trace.at)
        after = leader_of(leads, points_of(fading.weights, holding), trace.word)
        if after is not leads:
            leads, since, turned = after, trace, leads is not None
    assert leads is not None  # there is a look at prices
    return Told(
        reading=leads,
        since=since,
        turned=turned,
        traces=tuple(trace for trace in traces if trace.word not in ONLY_WITH_SIGNS),
        weights={**fading.weights, **dict.fromkeys(holding, 1.0)},
        counted=fading.counted,
    )


def _traces(state: CustomerState, pages: PageTable) -> Iterator[Trace]:
    for view in state.views:
        word: str = view.category
        if word is PageCategory.FEATURE and is_beyond_plan(view, state, pages):
            word = Sign.FEATURE_NOT_IN_PLAN
        if word in HALF_LIFE:
            yield Trace(view.occurred_at, True, view.event_id, word)
    for purchase in state.purchases:
        yield Trace(purchase.occurred_at, False, purchase.event_id, "")
    for at, event_id in state.spent.refunds:
        yield Trace(at, False, event_id, "")


def is_beyond_plan(view: Viewed, state: CustomerState, pages: PageTable) -> bool:
    """Say whether a view is of a feature that the customer's plan does not hold."""
    return view.category is PageCategory.FEATURE and pages.page(view.url).is_beyond(plan_of(state))


def plan_of(state: CustomerState) -> str:
    """Return the plan of the profile, else that of the latest purchase not undone; empty: not known."""
    if state.profile is not None and state.profile.plan:
        return state.profile.plan
    return next((p.plan for p in reversed(state.purchases) if p.plan and not p.void), "")


class _Fading:
    """The weights of views as time goes on: a day's first view of a category adds one, and each halves."""

    __slots__ = ("_days", "_now", "_seen", "counted", "weights")

    def __init__(self, days: Days) -> None:
        self._days = days
        self._now = NEVER
        self._seen: dict[str, int] = {}
        self.weights: dict[str, float] = {}
        self.counted: dict[str, Trace] = {}

    def add(self, trace: Trace) -> None:
        """Move on to a trace and count it."""
        passed, self._now, weights, word = trace.at - self._now, trace.at, self.weights, trace.word
        for known in weights:
            weights[known] *= 0.5 ** (passed / HALF_LIFE[known])
        if not word:
            return
        if word == PageCategory.PRICING:  # however often they look: the question stays one
            weights[word], self.counted[word] = 1.0, trace
        elif self._seen.get(word) != (day := self._days.number(trace.at)):
            self._seen[word], self.counted[word] = day, trace
            weights[word] = weights.get(word, 0.0) + 1
