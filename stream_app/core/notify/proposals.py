"""What precision proposes for a rule: that it waits for the digest, or notifies. Nothing here carries it out."""

from enum import StrEnum

from msgspec import Struct

from stream_app.core.alerts import Intent, Severity
from stream_app.core.notify.verdicts import Verdict
from stream_app.core.rule import Rule


class Bars(Struct, frozen=True, kw_only=True):
    """Where proposals begin: a precision surely below the one, surely above the other, of at least so many words."""

    digest_below: float = 0.3
    push_above: float = 0.7
    at_least: int = 20


class Proposal(StrEnum):
    """What is proposed for a rule, or why nothing is."""

    DIGEST = "digest"
    PUSH = "push"
    STAYS = "stays"
    CHURN_STAYS = "churn_stays"  # too low, but a missed churn costs more than a look in vain
    TOO_FEW = "too_few"
    NOT_ASKED = "not_asked"  # off, or no rule of the set


def proposal(rule: Rule | None, verdict: Verdict, bars: Bars) -> Proposal:
    """Return what a rule's verdict proposes."""
    if rule is None or not rule.enabled:
        return Proposal.NOT_ASKED
    precision = verdict.precision
    if precision.bounds is None or precision.whole < bars.at_least:
        return Proposal.TOO_FEW
    low, high = precision.bounds
    if in_digest(rule):
        return Proposal.PUSH if low > bars.push_above else Proposal.STAYS
    if high >= bars.digest_below:
        return Proposal.STAYS
    return Proposal.CHURN_STAYS if rule.intent is Intent.CHURN else Proposal.DIGEST


def in_digest(rule: Rule) -> bool:
    """Tell whether a rule's alerts wait for the digest wherever they go: for its own flag, or for being low."""
    return rule.digest or rule.severity is Severity.LOW


def setting(rule: Rule, proposed: Proposal) -> str:
    """Return what to write into the settings for it, as lines of theirs; empty where nothing is proposed."""
    if proposed is Proposal.DIGEST:
        changes = ["digest = true"]
    elif proposed is Proposal.PUSH:
        waits = {"digest = false": rule.digest, 'severity = "medium"': rule.severity is Severity.LOW}
        changes = [change for change, needed in waits.items() if needed]
    else:
        return ""
    return "\n".join([f'[rules.by_id."{rule.id}"]', *changes])
