"""May a match speak now? In event time only: the reader's hours are another question."""

from msgspec import Struct

from stream_app.core.alerts import Intent, SuppressedReason
from stream_app.core.events import DAY, HOUR, NEVER, Micros, Stage
from stream_app.core.rule import Rule
from stream_app.core.state import CustomerState

INHIBITED_BY_CHURN = frozenset({Intent.BUDGET, Intent.UPGRADE})
NEEDS_RECORDING = frozenset({"churn.silent", "churn.low-stickiness", "churn.no-habit"})
"""What would find a customer to be absent when only our eyes are shut."""
NOT_CUSTOMERS = frozenset({Stage.LEAD, Stage.CHURNED})


class Policy(Struct, frozen=True, kw_only=True):
    """When a match is held back. `alerts_from` None means that history speaks too."""

    lateness: Micros = HOUR
    cancellation_lateness: Micros = DAY  # of all that speaks late too rather than not at all
    inhibition: Micros = DAY
    judge_unknown: bool = True
    alerts_from: Micros | None = None


def suppressed(
    rule: Rule,
    at: Micros,
    state: CustomerState,
    policy: Policy,
    *,
    timed: bool = False,
    turned: bool = False,
    not_recorded: bool = False,
) -> SuppressedReason | None:
    """Return why a match on what happened at `at` must not speak, or None: it may.

    `timed`: time itself was asked, which is never late. `turned`: it replaces an open alert that said something else.
    `not_recorded`: it rests on days of which a part was not recorded.
    """
    if not timed and state.newest - at > (policy.cancellation_lateness if rule.patient else policy.lateness):
        return SuppressedReason.LATE
    if policy.alerts_from is not None and at < policy.alerts_from:
        return SuppressedReason.BACKFILL
    if not is_customer(state, policy):
        return SuppressedReason.NOT_A_CUSTOMER
    if rule.intent in INHIBITED_BY_CHURN and at < state.churned_at + policy.inhibition:
        return SuppressedReason.INHIBITED
    if not_recorded:
        return SuppressedReason.TRACKING_OUTAGE
    if not turned and at < state.spoken.get(rule.id, NEVER) + rule.cooldown:
        return SuppressedReason.COOLDOWN
    return None


def is_customer(state: CustomerState, policy: Policy) -> bool:
    """Tell whether somebody is a customer, as far as the profile says."""
    stage = state.profile.stage if state.profile is not None else None
    return policy.judge_unknown if stage is None else stage not in NOT_CUSTOMERS
