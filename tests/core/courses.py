"""What comes of short histories under the full rule set."""

from stream_app.core.course import course
from stream_app.core.example import NOON, Example
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.rules import FULL
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.core.tuning import Feed, Tuning


def full(*rule_ids, feeds=Feed, **tuning):
    """Return the full rule set, or those of it that are named."""
    rules = tuple(rule for rule in FULL if not rule_ids or rule.id in rule_ids)
    return RuleSet(name=RuleSetName.FULL, rules=rules, tuning=Tuning(feeds=frozenset(feeds), **tuning))


EVERYTHING = full(
    *("churn.cancellation-page", "loyalty.recovered"),
    *(rule.id for rule in FULL if rule.thread in ("help", "complaint", "follow-up")),
)
"""All about help and complaints; the others would speak too."""


def outcomes(steps, rules=EVERYTHING, *, until=None, order=None):
    """Return what steps come to; `order` is that of arrival, `until` how long after the first time moves on."""
    events = list(Example(fires=True, steps=tuple(steps)).events)
    arriving = events if order is None else [events[i] for i in order]
    return list(course(arriving, rules, None if until is None else NOON + until))


def alerts(steps, rules=EVERYTHING, *, until=None, order=None):
    """Return all alerts of a history."""
    return [alert for one in outcomes(steps, rules, until=until, order=order) for alert in one.alerts]


def told(steps, rules=EVERYTHING, *, until=None):
    """Return the ids of the rules that spoke, in order."""
    return [alert.rule_id for alert in alerts(steps, rules, until=until)]


def ends(steps, rules=EVERYTHING, *, until=None):
    """Return how long after the first step which alert was over, and why."""
    over = [one for outcome in outcomes(steps, rules, until=until) for one in outcome.resolutions]
    return [(one.rule_id, one.occurred_at - NOON, one.reason) for one in over]


def left_open(steps, rules=EVERYTHING, *, until=None, order=None):
    """Return the ids of alerts neither replaced nor over, as the state has them and as they were said."""
    found = outcomes(steps, rules, until=until, order=order)
    state = found[-1].state if found else UNKNOWN_CUSTOMER
    threads = {rule.id: rule.thread for rule in rules.rules}
    said = [(a, threads[a.rule_id]) for one in found for a in one.alerts]
    gone = {a.supersedes for a, _ in said} | {r.alert_id for one in found for r in one.resolutions}
    return (
        {matter.alert_id for matter in state.matters.values()},
        {a.alert_id for a, thread in said if thread and a.alert_id not in gone},
        {a.alert_id for a, thread in said if not thread},
    )
