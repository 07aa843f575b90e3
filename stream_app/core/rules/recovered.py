"""Customers who were won back."""

from stream_app.core import grievance
from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import DAY, HOUR, InteractionKind
from stream_app.core.example import Step, silent, speaks
from stream_app.core.rule import Asked, Kind, Match, rule
from stream_app.core.tuning import Feed


@rule(
    "loyalty.recovered",
    intent=Intent.LOYALTY,
    severity=Severity.LOW,
    polarity=Polarity.CHANCE,
    cooldown=30 * DAY,
    on={Kind.DUE},
    digest=True,
    feeds={Feed.ANSWERS},
    due=grievance.recovery_due,
    examples=(
        speaks(
            Step(meets=InteractionKind.COMPLAINT),
            Step(after=HOUR, meets=InteractionKind.SOLVED),
            Step(after=HOUR + 14 * DAY),
        ),
        silent(
            Step(meets=InteractionKind.COMPLAINT),
            Step(after=HOUR, meets=InteractionKind.SOLVED),
            Step(after=13 * DAY, meets=InteractionKind.REOPENED),
            Step(after=HOUR + 14 * DAY),
        ),
    ),
)
def recovered(asked: Asked) -> Match | None:
    """A customer whose complaint was solved well buys again more often than one who had none: thank them."""
    solved = grievance.recovered(asked)
    if solved is None:
        return None
    days = asked.tuning.loyalty.recovered // DAY
    return Match(
        reason=f"The customer's complaint was solved, and for {days} days nothing came of it again.",
        interactions=tuple(grievance.told_of(asked.state, solved)),
        anchor=(solved.event_id, solved.occurred_at),
    )
