"""Matches as what is said of them: an alert, a fate, the end of an alert."""

from stream_app.core.alerts import (
    Alert,
    Evidence,
    Intent,
    Resolution,
    ResolvedReason,
    Standing,
    Suppressed,
    SuppressedReason,
    alert_id,
)
from stream_app.core.bought import Bought
from stream_app.core.events import HOUR, Due, Event, Micros
from stream_app.core.relation import Met
from stream_app.core.rule import HELP_THREAD, Asked, Match, Rule
from stream_app.core.standing import standing_of
from stream_app.core.state import HELP, CustomerState, Matter, Viewed

READ_BEFORE = 24 * HOUR
TOUCHPOINTS_NAMED = 3


def alert_of(rule: Rule, match: Match, asked: Asked, rule_set: str, matter: Matter | None, *, full: bool) -> Alert:
    """Return the alert that a match becomes; `matter` is the one that it replaces."""
    event_id, at = match.anchor or (_event_id(asked.event), asked.at)
    standing = _standing(asked) if full else None
    return Alert(
        alert_id=_id(rule, match, asked, event_id),
        intent=rule.intent,
        rule_id=rule.id,
        severity=match.severity or rule.severity,
        polarity=rule.polarity,
        customer_id=asked.event.customer_id,
        account_id=_account(asked) if matter is None else matter.account_id,
        customer=asked.state.profile,
        event_id=event_id,
        occurred_at=asked.at if isinstance(asked.event, Due) else at,
        rule_set=rule_set,
        reason=match.reason,
        evidence=tuple(_evidence(match)),
        supersedes=matter.alert_id if matter is not None else "",
        readings=match.readings,
        standing=standing,
        preceded_by=_read_before(asked.state, at) if full else "",
        digest=rule.digest or _expected(rule, standing),
        second=match.second,
    )


def held_back(rule: Rule, match: Match | None, asked: Asked, rule_set: str, reason: SuppressedReason) -> Suppressed:
    """Return the fate of a match that must not speak."""
    event_id = match.anchor[0] if match is not None and match.anchor is not None else _event_id(asked.event)
    return Suppressed(
        match_id=_id(rule, match, asked, event_id),
        intent=rule.intent,
        rule_id=rule.id,
        severity=(match.severity if match is not None else None) or rule.severity,
        customer_id=asked.event.customer_id,
        account_id=_account(asked),
        event_id=event_id,
        occurred_at=asked.at,
        rule_set=rule_set,
        reason=reason,
    )


def resolution_of(matter: Matter, rule: Rule | None, asked: Asked, reason: ResolvedReason) -> Resolution:
    """Return the end of an open alert."""
    return Resolution(
        alert_id=matter.alert_id,
        intent=rule.intent if rule is not None else Intent(matter.rule_id.partition(".")[0]),
        rule_id=matter.rule_id,
        customer_id=asked.event.customer_id,
        account_id=matter.account_id,
        event_id=_event_id(asked.event),
        occurred_at=asked.at,
        reason=reason,
    )


def _id(rule: Rule, match: Match | None, asked: Asked, event_id: str) -> str:
    mark = match.mark if match is not None else ""
    # No id holds a control character, so that no other event's id is the same.
    return alert_id(rule.id, asked.event.customer_id, f"{event_id}\0{mark}" if mark else event_id)


def _event_id(event: Event | Due) -> str:
    return getattr(event, "event_id", "")


def _account(asked: Asked) -> str:
    profile = asked.state.profile
    return getattr(asked.event, "account_id", "") or (profile.account_id if profile is not None else "")


def _standing(asked: Asked) -> Standing:
    return standing_of(asked.state, asked.at, asked.tuning, asked.days)


def _expected(rule: Rule, standing: Standing | None) -> bool:
    """Say whether the alert is of what every new customer does: to read help in the beginning."""
    return rule.thread == HELP_THREAD and standing is not None and standing.onboarding


def _read_before(state: CustomerState, at: Micros) -> str:
    read = (v.url for v in reversed(state.views) if v.category in HELP and at - READ_BEFORE < v.occurred_at < at)
    return next(read, "")


def _evidence(match: Match) -> list[Evidence]:
    of_others = [*map(_of_purchase, match.purchases), *map(_of_interaction, match.interactions)]
    return sorted([*of_others, *map(_of_view, match.views)], key=lambda one: one.occurred_at)


def _of_view(view: Viewed) -> Evidence:
    return Evidence(
        event_id=view.event_id,
        occurred_at=view.occurred_at,
        category=view.category,
        url=view.url,
        title=view.title,
    )


def _of_purchase(purchase: Bought) -> Evidence:
    return Evidence(
        event_id=purchase.event_id,
        occurred_at=purchase.occurred_at,
        category=purchase.kind,
        amount=str(purchase.amount),
        currency=purchase.currency,
        plan=purchase.plan,
        product_id=purchase.product_id,
    )


def _of_interaction(met: Met) -> Evidence:
    return Evidence(event_id=met.event_id, occurred_at=met.occurred_at, category=met.kind, title=_title(met))


def _title(met: Met) -> str:
    """Return an answer's score with its touchpoints below zero, the worst first; of others what they refer to."""
    if met.score is None:
        return met.ref
    low = sorted((score, name) for name, score in met.touchpoints.items() if score < 0)[:TOUCHPOINTS_NAMED]
    causes = ", ".join(f"{name} {score}" for score, name in low)
    return f"{met.score} ({causes})" if causes else str(met.score)
