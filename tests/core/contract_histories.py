"""Histories of one customer under the full rules, and what is open of the contract at their end."""

from stream_app.core.contract import THREAD
from stream_app.core.course import course
from stream_app.core.example import Step, speaks
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.rules import budget_review, churn, leaving_prepared, upgrade_interest, value_doubt
from stream_app.core.state import UNKNOWN_CUSTOMER

RULES = RuleSet(
    name=RuleSetName.FULL,
    rules=(
        churn.cancellation_page,
        leaving_prepared.leaving_prepared,
        upgrade_interest.upgrade_interest,
        budget_review.budget_review,
        value_doubt.value_doubt,
    ),
)


def views(*paths, after=0, every=0):
    """Return one step a path, so far apart."""
    return tuple(Step(after=after + number * every, views=path) for number, path in enumerate(paths))


def steps(*history):
    """Return the events of steps, or of groups of them."""
    flat = [step for one in history for step in ((one,) if isinstance(one, Step) else one)]
    return list(speaks(*flat).events)


def played(events, rules=RULES):
    """Return the state in the end, and all alerts, fates and resolutions."""
    state, alerts, fates, over = UNKNOWN_CUSTOMER, [], [], []
    for outcome in course(events, rules):
        state = outcome.state
        alerts += outcome.alerts
        fates += outcome.suppressed
        over += outcome.resolutions
        assert outcome.errors == ()
    return state, alerts, fates, over


def open_one(events):
    """Return what is open of the contract in the end."""
    return played(events)[0].matters.get(THREAD)
