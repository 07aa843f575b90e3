"""The rules, in the order in which they are asked."""

from stream_app.core.rule import Rule
from stream_app.core.rules import (
    became_loyal,
    budget,
    budget_review,
    churn,
    complaint,
    complaint_reopened,
    complaint_unanswered,
    detractor,
    faq_did_not_help,
    hidden_loyal,
    leaving_prepared,
    lost,
    low_stickiness,
    missed_follow_up,
    no_habit,
    recovered,
    referral_candidate,
    renewal_window,
    silent,
    support,
    trying,
    upgrade,
    upgrade_interest,
    value_doubt,
)

SIMPLE: tuple[Rule, ...] = (
    churn.cancellation_page,
    upgrade.pricing_after_purchase,
    budget.pricing_review,
    support.repeated_help,
)
"""One page at a time."""

FULL: tuple[Rule, ...] = (
    churn.cancellation_page,
    complaint.complaint,
    complaint_reopened.complaint_reopened,
    complaint_unanswered.complaint_unanswered,
    leaving_prepared.leaving_prepared,
    detractor.detractor,
    upgrade_interest.upgrade_interest,
    budget_review.budget_review,
    value_doubt.value_doubt,
    faq_did_not_help.faq_did_not_help,
    trying.trying,
    lost.lost,
    missed_follow_up.missed_follow_up,
    silent.silence,
    low_stickiness.low_stickiness,
    no_habit.no_habit,
    renewal_window.renewal_window,
    recovered.recovered,
    became_loyal.became_loyal,
    hidden_loyal.hidden_loyal,
    referral_candidate.referral_candidate,
)
"""What understands a customer."""

RULES: tuple[Rule, ...] = (*SIMPLE, *(rule for rule in FULL if rule not in SIMPLE))
"""Every rule there is."""
