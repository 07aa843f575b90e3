"""What the judge keeps of a case at a desk."""

from dataclasses import dataclass, field

from stream_app.core.alerts import Severity
from stream_app.core.notify.orders import Action

RANK = {Severity.HIGH: 0, Severity.MEDIUM: 1, Severity.LOW: 2}


@dataclass
class Matter:
    """What a desk knows of one case."""

    case_id: str
    routing: object
    account: str
    first_at: int
    alerts: list = field(default_factory=list)
    unsaid: list = field(default_factory=list)
    evidence_at: int = 0
    digest_at: int | None = None
    quiet_from: int | None = None  # since when it waits to be pushed
    overflow: bool = False
    takes_over: bool = False
    told: Severity | None = None
    shared: bool = False
    overtaken: bool = False
    deeds: list = field(default_factory=list)
    contacted: bool = False
    snoozed_until: int | None = None
    recalled: bool = False  # snoozed after it was told, and nobody did anything since
    remind_at: int | None = None
    escalate_at: int | None = None
    escalation: bool = False
    changed: bool = False
    noted: bool = False  # somebody took it on, and a shared place has not said so yet
    ended: bool = False

    @property
    def severity(self):
        """Return the most severe of what is still to be said; of all, where all is said."""
        return min((alert.severity for alert in self.unsaid or self.alerts), key=RANK.get)

    @property
    def pending(self):
        """Tell whether there is something that was not said."""
        return bool(self.unsaid) or (self.escalation and self.told is None)

    def silent(self, now):
        """Tell whether somebody is at it, so that more evidence is only shown."""
        snoozed = self.snoozed_until is not None and now < self.snoozed_until
        return self.contacted or snoozed or any(deed.action is Action.ACKNOWLEDGE for deed in self.deeds)
