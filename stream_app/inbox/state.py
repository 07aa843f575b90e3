"""How a case stands: what somebody has still to do with it."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.alerts import Severity
from stream_app.core.events import Micros
from stream_app.core.notify.orders import Action
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.routing import told_at
from stream_app.explain.said import TELLING
from stream_app.inbox.case import Case


class State(StrEnum):
    """In the order in which they need somebody."""

    WAITING = "waiting"
    TOLD = "told"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    OVER = "over"


class Over(StrEnum):
    """Why nobody needs to act any more."""

    RESOLVED = "resolved"
    REPLACED = "replaced"
    OVERTAKEN = "overtaken"  # churn speaks for it
    SOLVED = "solved"
    UNSAID = "unsaid"  # it ended before anybody was told
    CLOSED = "closed"  # nothing joins it any more


class Standing(Struct, frozen=True, kw_only=True):
    """A state; `until`: when it ends by itself, None if it does not."""

    state: State
    over: Over | None = None
    until: Micros | None = None


def standing(case: Case, rules: NotifyRules, now: Micros) -> Standing:
    """Return how a case stands at a time."""
    over = _over(case)
    closes = case.last_at + rules.open_for
    if over is None and now >= closes:
        over = Over.CLOSED
    if over is not None:
        return Standing(state=State.OVER, over=over)
    until = snoozed_until(case, rules)
    if until is not None and now < until:
        return Standing(state=State.SNOOZED, until=min(until, closes))
    return Standing(state=_open(case), until=closes)


def snoozed_until(case: Case, rules: NotifyRules) -> Micros | None:
    """Return until when nothing more is said, as its desk reckons; None if somebody took it on after that."""
    deeds = [deed for deed in case.deeds if deed.action in (Action.SNOOZE, Action.ACKNOWLEDGE)]
    if not deeds or deeds[-1].action is not Action.SNOOZE or not case.routings:
        return None
    routing = replace(case.routings[0], digest=True)
    return told_at(routing, Severity.LOW, deeds[-1].at, rules.hours_of(routing))


def told_since(case: Case) -> Micros | None:
    """Return when somebody came to know first."""
    return min((one.at for fates in case.fates.values() for one in fates if one.fate in TELLING), default=None)


def _open(case: Case) -> State:
    if any(deed.action is Action.ACKNOWLEDGE for deed in case.deeds):
        return State.ACKNOWLEDGED
    return State.WAITING if told_since(case) is None else State.TOLD


def _over(case: Case) -> Over | None:
    if case.solved_at is not None:
        return Over.SOLVED
    if case.overtaken:
        return Over.OVERTAKEN
    ids = [one.alert_id for one in case.alerts]
    if all(each in case.ends for each in ids):
        reasons = [case.ends[each].reason for each in ids]
        return Over.RESOLVED if any(reasons) else Over.REPLACED
    waits = any(case.waits(each) for each in ids)
    unsaid = case.fates and not waits and told_since(case) is None and not case.escalated
    return Over.UNSAID if unsaid else None
