"""A rule that time alone makes speak, and what it asks for: small enough to know what must come of it."""

from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.days import Days
from stream_app.core.events import DAY, MINUTE, Micros
from stream_app.core.rule import Asked, Kind, Match, rule
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.rules import SIMPLE
from stream_app.core.state import CustomerState
from stream_app.core.tuning import Feed, Tuning, Waits

QUIET: Micros = DAY + 7 * MINUTE


def _due(state: CustomerState, after: Micros, tuning: Tuning, days: Days) -> Micros | None:
    at = state.newest + QUIET
    return at if at > after else None


@rule(
    "churn.quiet",
    intent=Intent.CHURN,
    severity=Severity.MEDIUM,
    polarity=Polarity.RISK,
    cooldown=DAY,
    on={Kind.DUE},
    digest=True,
    thread="quiet",
    open_for=2 * DAY,
    due=_due,
)
def quiet(asked: Asked) -> Match | None:
    """Who has not been seen for a day may be gone."""
    if not asked.at - MINUTE < asked.state.newest + QUIET <= asked.at:
        return None
    return Match(reason="Not seen for a day.", anchor=(f"at-{asked.state.newest}", asked.state.newest))


def timed_rules(name: RuleSetName = RuleSetName.FULL, forget: Micros = 400 * DAY) -> RuleSet:
    """Return the rules of one page at a time and the one above."""
    return RuleSet(name=name, rules=(*SIMPLE, quiet), tuning=Tuning(waits=Waits(forget=forget), feeds=frozenset(Feed)))
