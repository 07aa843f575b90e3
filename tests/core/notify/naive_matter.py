"""What the judge keeps of a case at a desk."""

from dataclasses import dataclass, field

from stream_app.core.alerts import Intent, Severity
from stream_app.core.notify.orders import Action
from tests.core.notify.naive_cases import is_calm

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
    struck: set = field(default_factory=set)  # ids of alerts that are shown and hold no more
    evidence_at: int = 0
    digest_at: int | None = None
    quiet_from: int | None = None  # since when it waits to be pushed
    overflow: bool = False
    takes_over: bool = False
    told: Severity | None = None
    shared: bool = False
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
        """Return the most severe of what is still to be said and not calm; of all, where all is said."""
        counts = self.pressing or self.unsaid or self.live or self.alerts
        return min((alert.severity for alert in counts), key=RANK.get)

    @property
    def pressing(self):
        return [alert for alert in self.unsaid if not is_calm(alert)]

    @property
    def live(self):
        return [alert for alert in self.alerts if alert.alert_id not in self.struck]

    @property
    def head(self):
        """Return the alert that the heading is about."""
        rank = RANK.get
        return min(
            self.live or self.alerts,
            key=lambda one: (one.intent is not Intent.CHURN, rank(one.severity), -one.occurred_at),
        )

    @property
    def minor(self):
        """Tell whether all that is to be said is low or calm."""
        return self.routing.digest or all(one.severity is Severity.LOW or is_calm(one) for one in self.unsaid)

    @property
    def pending(self):
        """Tell whether there is something that was not said."""
        return bool(self.unsaid) or (self.escalation and self.told is None)

    def silent(self, now):
        """Tell whether somebody is at it, so that more evidence is only shown."""
        snoozed = self.snoozed_until is not None and now < self.snoozed_until
        return self.contacted or snoozed or any(deed.action is Action.ACKNOWLEDGE for deed in self.deeds)
