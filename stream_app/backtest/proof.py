"""Alerts against what became of the customers: how often they were right, what they missed, how early they came.

A **claim** is what a rule, or an intent, says of a customer: the alerts within so many days of its first one, as long
as nothing bears it out in between. It is right if something does on the day of its first alert or later, at most so
many days after its last, else wrong. As long as these days are not over it is open and counts as neither, borne out
already or not: those that come true soon would be all that is known of the newest.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from stream_app.backtest.medians import Median, median
from stream_app.backtest.outcomes import Outcomes
from stream_app.core.alerts import Intent
from stream_app.core.shares import Share

Subject = tuple[str, Intent]
"""A rule and its intent; of an intent as a whole, its name and itself."""


class Span(Struct, frozen=True):
    """The days of the history, and how long after an alert something still bears it out."""

    first: date
    last: date
    within: int


class Proof(Struct, frozen=True, kw_only=True):
    """How right a rule or an intent was. `precision` is of its claims, `recall` of what it should have told of."""

    name: str
    intent: Intent
    precision: Share
    open: int
    recall: Share
    lead: Median | None  # days from the first alert to what bore it out


class Verdict(Struct, frozen=True, kw_only=True):
    """Both tables, and what of the outcomes had no part in it."""

    intents: tuple[Proof, ...]
    rules: tuple[Proof, ...]
    customers: int  # of whom an outcome is written down
    strangers: int  # of them nobody in the history
    outside: int  # outcomes before its first day or after its last


class Court:
    """Hears the alerts of one partition after the other and counts."""

    def __init__(self, outcomes: Outcomes, span: Span) -> None:
        self._outcomes = outcomes
        self._span = span
        self._observed = max(span.last, outcomes.last)
        self._said: defaultdict[str, defaultdict[Subject, list[date]]] = defaultdict(lambda: defaultdict(list))
        self._claims: Counter[tuple[Subject, bool | None]] = Counter()
        self._leads: defaultdict[Subject, list[int]] = defaultdict(list)
        self._known: set[str] = set()

    def hear(self, customer_id: str, rule_id: str, intent: Intent, day: date) -> None:
        """Take note of an alert; a customer's come in order of time."""
        for subject in ((rule_id, intent), (str(intent), intent)):
            days = self._said[customer_id][subject]
            if not days or days[-1] < day:
                days.append(day)

    def next_partition(self, knows: Callable[[str], bool]) -> None:
        """Judge what was said of the customers of a partition; they are in no other."""
        self._known |= {name for name in self._outcomes.customers if knows(name)}
        for customer_id, said in self._said.items():
            for subject, days in said.items():
                self._judge(customer_id, subject, days)
        self._said.clear()

    def verdict(self, rules: Mapping[str, Intent]) -> Verdict:
        """Return what came out, for these rules in this order and for all intents of theirs."""
        due: Counter[Intent] = Counter()
        outside = set()
        for customer, of in self._outcomes.days.items():
            for intent, days in of.items():
                due[intent] += sum(map(self._inside, days))
                outside |= {(customer, day) for day in days if not self._inside(day)}
        intents = [intent for intent in Intent if intent in rules.values() or due[intent]]
        return Verdict(
            intents=tuple(self._proof((str(intent), intent), due[intent]) for intent in intents),
            rules=tuple(self._proof((rule, intent), due[intent]) for rule, intent in rules.items()),
            customers=len(self._outcomes.customers),
            strangers=len(self._outcomes.customers - self._known),
            outside=len(outside),
        )

    def _judge(self, customer_id: str, subject: Subject, days: Sequence[date]) -> None:
        borne_out = self._outcomes.of(customer_id, subject[1])
        for first, last in _claims(days, borne_out, self._span.within):
            self._claims[subject, self._is_right(first, last, borne_out)] += 1
        for at in filter(self._inside, borne_out):
            before = next((day for day in days if at - timedelta(self._span.within) <= day <= at), None)
            if before is not None:
                self._leads[subject].append((at - before).days)

    def _is_right(self, first: date, last: date, borne_out: Sequence[date]) -> bool | None:
        until = last + timedelta(self._span.within)
        return any(first <= at <= until for at in borne_out) if until <= self._observed else None

    def _inside(self, day: date) -> bool:
        return self._span.first <= day <= self._span.last

    def _proof(self, subject: Subject, due: int) -> Proof:
        right, wrong = self._claims[subject, True], self._claims[subject, False]
        return Proof(
            name=subject[0],
            intent=subject[1],
            precision=Share(right, right + wrong),
            open=self._claims[subject, None],
            recall=Share(len(self._leads[subject]), due),
            lead=median(self._leads[subject]),
        )


def _claims(days: Sequence[date], borne_out: Sequence[date], within: int) -> Iterator[tuple[date, date]]:
    """Yield the first and last day of each claim."""
    first = last = days[0]
    for day in days[1:]:
        if (day - first).days <= within and not any(first <= at < day for at in borne_out):
            last = day
            continue
        yield first, last
        first = last = day
    yield first, last
