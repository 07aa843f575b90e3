"""In which order a desk shows its matters, and why a digest has them: by the text of the decision."""

from decimal import Decimal

from stream_app.core.alerts import Severity, Standing
from stream_app.core.events import Tier
from tests.core.notify.naive_matter import RANK

TIERS = {Tier.HIGH: 0, Tier.LOW: 1, None: 1, Tier.TECH: 2}


def in_order(matters):
    """Return them by severity, by lifetime value where it compares, by tier, the newest first."""
    worth = [(one.currency, Decimal(one.lifetime_value)) for one in map(standing, matters) if one.lifetime_value]
    names = sorted({name for name, _ in worth})
    currency = max(names, key=[name for name, _ in worth].count, default=None)

    def key(matter):
        head, known = matter.head, standing(matter)
        tier = head.customer.tier if head.customer else None
        compares = bool(known.lifetime_value) and known.currency == currency
        value = Decimal(known.lifetime_value) if compares else 0
        return RANK[matter.severity], not compares, -value, TIERS[tier], -head.occurred_at, matter.case_id

    return sorted(matters, key=key)


def standing(matter):
    return matter.head.standing or Standing()


def why_digested(alert, matter):
    """Return the first reason that is true why an alert was not pushed."""
    contacted = alert.standing is not None and alert.standing.contacted_at is not None
    reasons = {
        "route_digest": matter.routing.digest,
        "low": alert.severity is Severity.LOW,
        "rule": alert.digest,
        "contacted": contacted and alert.severity is not Severity.HIGH,
    }
    return next((reason for reason, holds in reasons.items() if holds), "budget")
