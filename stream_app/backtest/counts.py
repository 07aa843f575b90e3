"""What one rule set says over a history and what a team hears of it, counted while it happens."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from stream_app.core.alerts import Intent, PublishedAlert, Suppressed
from stream_app.core.events import Micros, moment_of
from stream_app.core.notify.desk import Desk
from stream_app.core.notify.fates import Delivery
from stream_app.core.notify.parcels import Parcel
from stream_app.notify_simulation import Happening
from stream_app.team_week import Count, Diary, count_of

_HOUR: Micros = 3_600_000_000


class Clock:
    """Tells the day of a time by the clocks of a place."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._day_of_hour = lru_cache(4_096)(self._day)

    def day(self, at: Micros) -> date:
        """Return the day of a time."""
        quarter = at // (_HOUR // 4)  # no zone is off by less
        return self._day_of_hour(quarter)

    def _day(self, quarter: int) -> date:
        return moment_of(quarter * (_HOUR // 4)).astimezone(self.zone).date()


class Counts:
    """Alerts and fates of detect, and fates and readers of notify, as they come."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.by_day: defaultdict[date, Counter[Intent]] = defaultdict(Counter)
        self.detected: defaultdict[Intent, Counter[str]] = defaultdict(Counter)
        self.rules: Counter[str] = Counter()
        self._of_site: set[str] = set()
        self.owners: defaultdict[str, Counter[Intent]] = defaultdict(Counter)
        self.fates: defaultdict[Intent, Counter[str]] = defaultdict(Counter)
        self.told_by_day: defaultdict[date, Counter[Count]] = defaultdict(Counter)
        self.diary = Diary(clock.zone)

    def happened(self, happening: Happening) -> None:
        """Count what detect said."""
        match happening:
            case PublishedAlert(customer_id="") if happening.alert_id in self._of_site:
                pass  # each partition says for itself what is of the whole site
            case PublishedAlert(intent=intent):
                if not happening.customer_id:
                    self._of_site.add(happening.alert_id)
                self.by_day[self._clock.day(happening.occurred_at)][intent] += 1
                self.detected[intent]["alert"] += 1
                self.rules[happening.rule_id] += 1
                self.owners[happening.customer.owner if happening.customer else ""][intent] += 1
            case Suppressed(intent=intent, reason=reason):
                self.detected[intent][reason] += 1

    def told(self, at: Micros, parcel: Parcel) -> None:
        """Count what was said to somebody."""
        self.diary.add(at, parcel)
        if (what := count_of(parcel.kind)) is not None:
            lines = len(parcel.messages) if what is Count.DIGEST_LINES else 1
            self.told_by_day[self._clock.day(at)][what] += lines

    def became(self, delivery: Delivery) -> None:
        """Count what became of an alert on a route."""
        self.fates[delivery.intent][delivery.fate] += 1

    def left(self, desks: Iterable[Desk]) -> None:
        """Count what has no fate when the history ends."""
        for message in (message for desk in desks for message in desk.messages() if message.unsaid):
            self.fates[message.lead.intent]["waiting"] += len(message.unsaid)


def days_between(first: date, last: date) -> list[date]:
    """Return all days from the first to the last."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def listed(counts: Mapping[Intent, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Return counts in the order of the intents, the most frequent word first; nothing that did not occur."""
    return {
        str(intent): dict(sorted(counts[intent].items(), key=lambda item: (-item[1], item[0])))
        for intent in Intent
        if counts.get(intent)
    }
