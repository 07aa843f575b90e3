"""Which playbooks there are, and which one an alert is told with."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from stream_app.core.alerts import OUTAGE, Intent
from stream_app.core.rule import HELP_THREAD
from stream_app.core.rules import RULES


class Book(StrEnum):
    """A playbook's name: an intent's, or that of what asks for other words than its intent does."""

    CHURN = "churn"
    BUDGET = "budget"
    UPGRADE = "upgrade"
    SUPPORT = "support"
    LOYALTY = "loyalty"
    OPS = "ops"
    DOUBT = "doubt"
    DETRACTOR = "detractor"
    SILENCE = "silence"
    COMPLAINT = "complaint"
    SETUP = "setup"
    FIRST_STEPS = "first-steps"
    FOLLOW_UP = "follow-up"
    RENEWAL = "renewal"
    REFERRAL = "referral"


BOOK_OF: Mapping[str, Book] = MappingProxyType(
    {rule.id: Book(rule.playbook or rule.intent) for rule in RULES} | {OUTAGE: Book.OPS}
)
"""The playbook of all that is told, by rule id."""

IN_ONBOARDING = frozenset(rule.id for rule in RULES if rule.thread == HELP_THREAD)
"""What is expected of somebody who is new: they are shown the first steps."""


def book_of(rule_id: str, intent: Intent, *, onboarding: bool = False) -> Book:
    """Return the playbook for an alert: its rule's, for a rule that is not known here its intent's."""
    if onboarding and rule_id in IN_ONBOARDING:
        return Book.FIRST_STEPS
    return BOOK_OF.get(rule_id, Book(intent))


def told_with(book: Book) -> tuple[str, ...]:
    """Return the ids of the rules whose alerts are told with this playbook."""
    if book is Book.FIRST_STEPS:
        return tuple(sorted(IN_ONBOARDING))
    return tuple(sorted(rule_id for rule_id, name in BOOK_OF.items() if name is book))
