"""What a desk makes of it that an alert holds no more: by the text of the decision."""

from stream_app.core.alerts import Intent, Severity
from tests.core.notify.naive_cases import is_calm

REPLACED = ("superseded", "replaced")


class Striking:
    """The part of a desk that strikes out."""

    def strike(self, key, alert_id, why, now, by=None):
        """Take that an alert holds no more; `by` is what is told in its place here."""
        matter = self.matters.get(key)
        if matter is None or matter.ended:
            return
        for alert in [one for one in matter.unsaid if one.alert_id == alert_id]:
            waited = self.for_digest(matter)
            matter.unsaid.remove(alert)
            matter.alerts.remove(alert)
            self.fate(alert, matter, *why)
            matter.takes_over &= any(one.intent is Intent.CHURN for one in matter.pressing)
            self.wait_anew(matter, waited, now)
            self.rest(matter)
        if alert_id in {one.alert_id for one in matter.live}:
            matter.struck.add(alert_id)
            matter.changed = True
            if not any(one.severity is Severity.HIGH and not is_calm(one) for one in matter.live):
                matter.remind_at = matter.escalate_at = None
        if not matter.live and (by is None or self.each):
            if matter.told is not None and matter.alerts:
                self.update(matter, now)
            matter.ended = True

    def rest(self, matter):
        """Let what was told wait for nothing: what comes next is the first again."""
        if not matter.unsaid:
            matter.digest_at, matter.quiet_from, matter.overflow = None, None, False

    def wait_anew(self, matter, waited, now):
        """What is left waits by itself; a task is made of nothing minor."""
        if not matter.unsaid or matter.told is not None:
            return
        if self.task and matter.minor:
            for alert in matter.unsaid:
                self.fate(alert, matter, "silenced", "no_task")
            matter.unsaid, matter.ended = [], True
        elif self.for_digest(matter) and not waited:
            matter.digest_at, matter.quiet_from = self.next_digest(matter, now), None
