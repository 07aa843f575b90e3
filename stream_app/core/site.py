"""What is remembered of a whole site, a partition's share of it: when its customers come, and whether they stopped.

Each hour is judged once it is over, later events being unable to change it. The record counts customers by the hour in
which they are first seen on a day, so that of one customer no more than one is expected a day. Hours without anybody
are recorded when somebody comes again, those of an outage too: what lasts for weeks is a new habit.
"""

from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.alerts import Alert, Intent, Polarity, Resolution, ResolvedReason, Severity, alert_id
from stream_app.core.events import EPOCH, HOUR, NEVER, Micros, moment_of
from stream_app.core.relation import Relation
from stream_app.core.rule_set import RuleSet
from stream_app.core.traffic import WEEKS, Seen, Weeks, counted, expected, most_in_a_day, seen_more

RULE_ID = "ops.tracking-outage"
NOT_OVER: Micros = -NEVER
"""Where a span ends that has not ended yet."""

MISSED = 8
"""So many customers fewer than usual are no chance, and so many on a good day are enough to judge by."""

SHARE_MISSED = 2
"""One part in so many of a good day: customers are not independent, a large site has slow afternoons too."""

_NOTICED = (
    1  # the first customer to be missed says on which day it began: to the partitions alike, unlike the last event
)
_LOST_KEPT = 8
_NO_DAY = -1


class Site(Struct, frozen=True, array_like=True):
    """One partition's record. `asked_to` is the end of the last hour that was judged."""

    asked_to: Micros = NEVER
    lost: tuple[
        tuple[Micros, Micros], ...
    ] = ()  # in which nothing was recorded, by time; at most 8, the last of them NOT_OVER
    ahead: tuple[Seen, ...] = ()  # hours to be judged, by time
    asleep: bool = True  # nothing follows from another hour without events
    seen_at: Micros = NEVER  # the last event of an hour judged
    missed: int = 0  # customers since, as sums over four weeks
    began: int = _NO_DAY  # the day on which they began to be missed
    weeks: Weeks = ()
    promoters: int = 0
    passives: int = 0
    detractors: int = 0

    @property
    def is_blind(self) -> bool:
        """Whether recording is taken for broken."""
        return bool(self.lost) and self.lost[-1][1] == NOT_OVER

    @property
    def nps(self) -> float | None:
        """The company's net promoter score by the latest answer of each customer: −100 to 100; None without answers."""
        answers = self.promoters + self.passives + self.detractors
        return 100 * (self.promoters - self.detractors) / answers if answers else None


class Judged(Struct, frozen=True, kw_only=True):
    """What an hour came to: the site after it, and what is to be said."""

    site: Site
    alerts: tuple[Alert, ...] = ()
    resolutions: tuple[Resolution, ...] = ()


def saw(site: Site, at: Micros, *, new: int, rules: RuleSet) -> Site:
    """Return the site after what customers did up to then; for so many of them the day became an active one with it.

    What we do ourselves, and profiles, tell nothing of whether customers are seen: they do not belong here.
    """
    if at < site.asked_to or not rules.watches_site:
        return site
    ahead = seen_more(site.ahead, at, new)
    return site if ahead is site.ahead else replace(site, ahead=ahead)


def answered(site: Site, before: Relation, after: Relation) -> Site:
    """Return the site after a customer's answers changed: how many are promoters, passives, detractors."""
    if before is after or before.nps == after.nps:
        return site
    counts = [site.promoters, site.passives, site.detractors]
    for relation, change in ((before, -1), (after, 1)):
        if relation.nps is not None and relation.nps.score is not None:
            counts[_side(relation.nps.score)] += change
    promoters, passives, detractors = counts
    return replace(site, promoters=promoters, passives=passives, detractors=detractors)


def next_hour(site: Site) -> Micros:
    """Return the boundary at which the site is to be judged next; NEVER while nothing can come of it."""
    if not site.asleep:
        return site.asked_to + HOUR
    return (site.ahead[0].hour + 1) * HOUR if site.ahead else NEVER


def hour_over(site: Site, at: Micros, rules: RuleSet) -> Judged:
    """Judge the hour that ended at `at`."""
    hour = at // HOUR - 1
    seen = next((one for one in site.ahead if one.hour == hour), None)
    site = replace(site, asked_to=at, ahead=tuple(one for one in site.ahead if one.hour > hour))
    return _quiet(site, hour, rules) if seen is None else _busy(site, seen, rules)


def _busy(site: Site, seen: Seen, rules: RuleSet) -> Judged:
    quiet_from = site.seen_at // HOUR + 1 if site.weeks else seen.hour
    weeks = counted(site.weeks, seen, quiet_from, rules.days)
    after = replace(site, weeks=weeks, seen_at=seen.last, asleep=False, missed=0, began=_NO_DAY)
    if not site.is_blind:
        return Judged(site=after)
    told = (_resolution(site, seen.first),) if _may_tell(seen.first, rules) else ()
    lost = (*site.lost[:-1], (site.lost[-1][0], seen.first))
    return Judged(site=replace(after, lost=lost), resolutions=told)


def _quiet(site: Site, hour: int, rules: RuleSet) -> Judged:
    most = most_in_a_day(site.weeks)
    if most < MISSED * WEEKS:
        return Judged(site=replace(site, asleep=True))
    missed, began = site.missed + expected(site.weeks, hour, rules.days), site.began
    if began == _NO_DAY and missed >= _NOTICED * WEEKS:
        began = rules.days.number(hour * HOUR)
    site = replace(site, missed=missed, began=began)
    if missed < MISSED * WEEKS or missed * SHARE_MISSED < most:
        return Judged(site=site)
    lost = (*site.lost, (site.seen_at, NOT_OVER))[-_LOST_KEPT:]
    told = (_alert(site, rules),) if _may_tell(site.asked_to, rules) else ()
    return Judged(site=replace(site, lost=lost, asleep=True), alerts=told)


def _may_tell(at: Micros, rules: RuleSet) -> bool:
    start = rules.policy.alerts_from
    return start is None or at >= start


def _alert(site: Site, rules: RuleSet) -> Alert:
    since = moment_of(site.seen_at).strftime("%Y-%m-%d %H:%M UTC")
    return Alert(
        alert_id=_alert_id(site.began),
        intent=Intent.OPS,
        rule_id=RULE_ID,
        severity=Severity.HIGH,
        polarity=Polarity.RISK,
        customer_id="",
        account_id="",
        customer=None,
        event_id=_day(site.began),
        occurred_at=site.asked_to,
        rule_set=rules.id,
        reason=f"No customer was seen since {since}, when {site.missed // WEEKS} would usually have come: most likely "
        "they are not recorded. Until they are seen again nobody is called silent.",
        evidence=(),
    )


def _resolution(site: Site, at: Micros) -> Resolution:
    return Resolution(
        alert_id=_alert_id(site.began),
        intent=Intent.OPS,
        rule_id=RULE_ID,
        customer_id="",
        account_id="",
        event_id="",
        occurred_at=at,
        reason=ResolvedReason.RETURNED,
    )


def _alert_id(began: int) -> str:
    return alert_id(RULE_ID, "", _day(began))


def _day(number: int) -> str:
    return date.fromordinal(EPOCH.toordinal() + number).isoformat()


def _side(score: int) -> int:
    """Return the place of a score among promoters (9, 10), passives (7, 8), detractors."""
    return 0 if score >= 9 else 1 if score >= 7 else 2
