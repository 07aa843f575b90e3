"""Complaints."""

from stream_app.core import grievance
from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import HOUR, InteractionKind
from stream_app.core.example import Step, silent, speaks
from stream_app.core.rule import Asked, Match, rule


@rule(
    "support.complaint",
    intent=Intent.SUPPORT,
    severity=Severity.HIGH,
    polarity=Polarity.RISK,
    cooldown=0,
    on={InteractionKind.COMPLAINT, InteractionKind.INQUIRY},
    patient=True,
    thread=grievance.THREAD,
    ends=grievance.ended,
    playbook="complaint",
    examples=(
        speaks(Step(meets=InteractionKind.COMPLAINT)),
        silent(Step(meets=InteractionKind.INQUIRY)),
        silent(Step(meets=InteractionKind.COMPLAINT), Step(after=HOUR, meets=InteractionKind.SOLVED)),
    ),
)
def complaint(asked: Asked) -> Match | None:
    """A complaint that is solved soon makes a customer more loyal than before; one that is left makes them leave."""
    sign = grievance.just_said(asked)
    if sign is None or sign.kind is not InteractionKind.COMPLAINT:
        return None
    return Match(reason="The customer complained.", interactions=(sign,))
