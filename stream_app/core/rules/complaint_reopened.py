"""Complaints that were not solved after all."""

from stream_app.core import grievance
from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import DAY, HOUR, Interaction, InteractionKind
from stream_app.core.example import Step, silent, speaks
from stream_app.core.rule import Asked, Match, rule


@rule(
    "support.complaint-reopened",
    intent=Intent.SUPPORT,
    severity=Severity.HIGH,
    polarity=Polarity.RISK,
    cooldown=0,
    on={InteractionKind.REOPENED, InteractionKind.COMPLAINT, InteractionKind.INQUIRY},
    patient=True,
    thread=grievance.THREAD,
    ends=grievance.ended,
    playbook="complaint",
    examples=(
        speaks(
            Step(meets=InteractionKind.COMPLAINT),
            Step(after=HOUR, meets=InteractionKind.SOLVED),
            Step(after=DAY, meets=InteractionKind.REOPENED),
        ),
        silent(
            Step(meets=InteractionKind.COMPLAINT),
            Step(after=HOUR, meets=InteractionKind.REOPENED),
            Step(after=DAY, meets=InteractionKind.SOLVED),
        ),
        silent(
            Step(meets=InteractionKind.INQUIRY, ref="t-1"),
            Step(after=HOUR, meets=InteractionKind.SOLVED, ref="t-1"),
            Step(after=DAY, meets=InteractionKind.REOPENED, ref="t-1"),
        ),
    ),
)
def complaint_reopened(asked: Asked) -> Match | None:
    """A complaint that comes back was handled badly, and is told to others twice as often: somebody else must look."""
    sign = grievance.just_said(asked)
    if sign is None or sign.kind is not InteractionKind.REOPENED:
        return None
    stands_again = isinstance(asked.event, Interaction) and asked.event.kind is InteractionKind.INQUIRY
    return Match(
        reason="The customer brought a complaint up again: what was done did not solve it.",
        interactions=tuple(grievance.told_of(asked.state, sign)),
        anchor=None if stands_again else (sign.event_id, sign.occurred_at),
        second=True,
        instead=stands_again,
    )
