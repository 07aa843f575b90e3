"""Simulated months → rules → the truth and a team's week."""

from collections.abc import Iterator
from itertools import chain
from zoneinfo import ZoneInfo

from msgspec import Struct

from stream_app.core.alerts import PublishedAlert
from stream_app.core.events import Micros, moment_of
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.evaluation.verdict import Spoken, Verdict, verdict
from stream_app.notify_simulation import Happening
from stream_app.progress import Progress, silently
from stream_app.rehearsal import Rehearsal, rehearsed
from stream_app.team_week import Week, week
from stream_app.testing.simulator import truth

CUSTOMERS_EACH = 60
"""Customers of one person in customer success."""


class Evaluation(Struct, frozen=True, kw_only=True):
    """What came of it; `people` share the work of the week."""

    rehearsal: Rehearsal
    rule_set: RuleSetName
    verdict: Verdict
    week: Week


def evaluate(
    rules: RuleSet,
    notify: NotifyRules,
    *,
    seed: int,
    customers: int,
    days: int,
    progress: Progress = silently,
) -> Evaluation:
    """Judge simulated days, compare the alerts with the truth, and tell a team of them."""
    rehearsal = Rehearsal(seed=seed, customers=customers, days=days, people=-(-customers // CUSTOMERS_EACH))
    happenings = list(rehearsed(rehearsal, rules, progress))
    zone = ZoneInfo(notify.calendars[""].hours.timezone)
    known = truth(seed=seed, customers=customers, days=days)
    spoken = chain.from_iterable(_spoken(at, one, zone) for at, one in happenings)
    return Evaluation(
        rehearsal=rehearsal,
        rule_set=rules.name,
        verdict=verdict(spoken, known, [rule.id for rule in rules.active]),
        week=week(happenings, rehearsal, notify),
    )


def _spoken(at: Micros, happening: Happening, zone: ZoneInfo) -> Iterator[Spoken]:
    if isinstance(happening, PublishedAlert) and happening.customer_id:
        day = moment_of(at).astimezone(zone).date()
        yield Spoken(rule_id=happening.rule_id, intent=happening.intent, customer_id=happening.customer_id, day=day)
