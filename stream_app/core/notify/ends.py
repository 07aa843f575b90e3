"""That an alert holds no more: another says what is thought now, or it is over."""

from msgspec import Struct

from stream_app.core.alerts import ResolvedReason
from stream_app.core.events import Micros
from stream_app.core.notify.fates import Fate, FateReason
from stream_app.core.notify.orders import Replaced, Resolved


class End(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The end of an alert: `by` replaced it, or it is over for a `reason` since `at`."""

    alert_id: str
    by: str = ""  # the alert_id of what is thought now
    reason: ResolvedReason | None = None
    at: Micros

    @property
    def fate(self) -> tuple[Fate, FateReason]:
        """What becomes of the alert where it was not told yet."""
        if self.reason is None:
            return Fate.SUPERSEDED, FateReason.REPLACED
        return Fate.RESOLVED, FateReason(self.reason)

    def order(self, case_id: str) -> Replaced | Resolved:
        """Return how a desk is told of it."""
        if self.reason is None:
            return Replaced(case_id=case_id, alert_id=self.alert_id, by=self.by, at=self.at)
        return Resolved(case_id=case_id, alert_id=self.alert_id, reason=self.reason, at=self.at)


def end_of(order: Replaced | Resolved) -> End:
    """Return the end that an order speaks of."""
    match order:
        case Replaced(alert_id=alert_id, by=by, at=at):
            return End(alert_id=alert_id, by=by, at=at)
        case Resolved(alert_id=alert_id, reason=reason, at=at):
            return End(alert_id=alert_id, reason=reason, at=at)
