"""Complaints that nobody answered."""

from stream_app.core import grievance
from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import DAY, HOUR, InteractionKind
from stream_app.core.example import Step, silent, speaks
from stream_app.core.rule import Asked, Kind, Match, rule
from stream_app.core.tuning import Feed


@rule(
    "support.complaint-unanswered",
    intent=Intent.SUPPORT,
    severity=Severity.HIGH,
    polarity=Polarity.RISK,
    cooldown=0,
    on={Kind.DUE},
    thread=grievance.THREAD,
    feeds={Feed.ANSWERS},
    due=grievance.answer_due,
    ends=grievance.ended,
    playbook="complaint",
    examples=(
        speaks(Step(meets=InteractionKind.COMPLAINT), Step(after=2 * DAY)),
        silent(Step(meets=InteractionKind.COMPLAINT), Step(after=20 * HOUR)),
        silent(
            Step(meets=InteractionKind.COMPLAINT),
            Step(after=20 * HOUR, meets=InteractionKind.ANSWERED),
            Step(after=2 * DAY),
        ),
    ),
)
def complaint_unanswered(asked: Asked) -> Match | None:
    """A complaint that nobody answers by the close of the next business day is lost twice: somebody else must look."""
    complaint = grievance.unanswered(asked)
    if complaint is None:
        return None
    return Match(
        reason="The customer complained, and nobody answered by the close of the next business day.",
        interactions=(complaint,),
        anchor=(complaint.event_id, complaint.occurred_at),
        second=True,
    )
