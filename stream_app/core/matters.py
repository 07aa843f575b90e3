"""Alerts that are open: what is news beside one, what is remembered of it, when it is over for good."""

from msgspec.structs import replace

from stream_app.core.alerts import Alert, Intent, ResolvedReason
from stream_app.core.events import NEVER, Micros
from stream_app.core.rule import Match, Rule
from stream_app.core.state import CustomerState, Matter


def is_settled(rule: Rule | None, matter: Matter, reason: ResolvedReason, at: Micros) -> bool:
    """Say whether an alert is over for good: not who is back for now, nor what only nobody asked about any more."""
    if rule is not None and rule.remembers:
        return False
    if reason is ResolvedReason.EXPIRED:
        return at < matter.expires_at
    return reason is not ResolvedReason.RETURNED


def says_more(rule: Rule, match: Match, matter: Matter) -> bool:
    """Say whether a match tells something else than the thread's open alert, or the same more urgently."""
    if match.instead:
        return True
    if match.reading is not None and matter.reading is not None:
        return match.reading is not matter.reading
    if rule.id != matter.rule_id:
        return True
    return (match.severity or rule.severity).is_above(matter.severity)


def after_speaking(
    rule: Rule, match: Match, alert: Alert, matter: Matter | None, state: CustomerState, *, full: bool
) -> CustomerState:
    """Return the state that knows of an alert, and in whose place it stands."""
    spoken = {**state.spoken, rule.id: alert.occurred_at}
    if matter is not None and matter.rule_id != rule.id:  # what was replaced is as if it had not been said
        spoken.pop(matter.rule_id, None)
    churned_at = state.churned_at
    if rule.intent is Intent.CHURN and not rule.digest:
        churned_at = alert.occurred_at if match.instead else max(alert.occurred_at, churned_at)
    matters = state.matters
    if full and rule.thread:
        opened = Matter(
            alert.alert_id,
            rule.id,
            alert.severity,
            alert.occurred_at,
            alert.occurred_at + rule.open_for,
            match.reading,
            *_began(rule, match, alert, matter, state),
            alert.account_id,
        )
        matters = {**matters, rule.thread: opened}
    return replace(state, spoken=spoken, churned_at=churned_at, matters=matters)


def _began(
    rule: Rule, match: Match, alert: Alert, matter: Matter | None, state: CustomerState
) -> tuple[Micros, Micros]:
    """Return when the first of the alerts that replaced each other was opened, and since when it could have been."""
    if matter is not None and (match.instead or matter.rule_id != rule.id):
        return min(matter.opened_at, alert.occurred_at), matter.free_from
    return alert.occurred_at, state.spoken.get(rule.id, NEVER) + rule.cooldown
