"""The rules, in the order in which they are asked."""

from stream_app.core.rule import Rule
from stream_app.core.rules import budget, churn, support, upgrade

RULES: tuple[Rule, ...] = (
    churn.cancellation_page,
    upgrade.pricing_after_purchase,
    budget.pricing_review,
    support.repeated_help,
)
