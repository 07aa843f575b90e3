"""May a match speak now? In event time only: the reader's hours are another question."""

from msgspec import Struct

from stream_app.core.alerts import Intent, SuppressedReason
from stream_app.core.events import DAY, HOUR, Micros, Stage
from stream_app.core.pages import PageCategory
from stream_app.core.rule import Rule
from stream_app.core.state import NEVER, CustomerState, Viewed

INHIBITED_BY_CHURN = frozenset({Intent.BUDGET, Intent.UPGRADE})
NOT_CUSTOMERS = frozenset({Stage.LEAD, Stage.CHURNED})


class Policy(Struct, frozen=True, kw_only=True):
    """When a match is held back. `alerts_from` None means that history speaks too."""

    lateness: Micros = HOUR
    cancellation_lateness: Micros = DAY
    inhibition: Micros = DAY
    judge_unknown: bool = True
    alerts_from: Micros | None = None


def suppressed(rule: Rule, view: Viewed, state: CustomerState, policy: Policy) -> SuppressedReason | None:
    """Return why this match must not speak, or None: it may."""
    at = view.occurred_at
    if state.newest - at > _lateness(view, policy):
        return SuppressedReason.LATE
    if policy.alerts_from is not None and at < policy.alerts_from:
        return SuppressedReason.BACKFILL
    if not _is_customer(state, policy):
        return SuppressedReason.NOT_A_CUSTOMER
    if rule.intent in INHIBITED_BY_CHURN and at < state.churned_at + policy.inhibition:
        return SuppressedReason.INHIBITED
    if at < state.spoken.get(rule.id, NEVER) + rule.cooldown:
        return SuppressedReason.COOLDOWN
    return None


def _lateness(view: Viewed, policy: Policy) -> Micros:
    return policy.cancellation_lateness if view.category is PageCategory.CANCELLATION else policy.lateness


def _is_customer(state: CustomerState, policy: Policy) -> bool:
    stage = state.profile.stage if state.profile is not None else None
    return policy.judge_unknown if stage is None else stage not in NOT_CUSTOMERS
