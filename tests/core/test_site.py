"""A site that nobody is seen on: is it recorded?"""

import pytest

from stream_app.core.alerts import Intent, ResolvedReason
from stream_app.core.calendar import Hours
from stream_app.core.contact import ContactHours
from stream_app.core.days import Days
from stream_app.core.events import HOUR, MINUTE, NEVER, InteractionKind
from stream_app.core.policy import Policy
from stream_app.core.relation import Met, Relation
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.rules import FULL
from stream_app.core.site import NOT_OVER, Site, answered, hour_over, next_hour, saw
from stream_app.core.tuning import Feed, Tuning

MONDAY = 20_605  # 1 June 2026
START = MONDAY - 42
DAYS = Days(Hours(), ContactHours(closures=("08-13/08-16", "12-29/01-03")))
OFFICE = tuple(range(9, 18))


def rules(name=RuleSetName.FULL, feeds=(Feed.PAGE_VIEWS,), **policy):
    return RuleSet(name=name, rules=FULL, days=DAYS, tuning=Tuning(feeds=frozenset(feeds)), policy=Policy(**policy))


RULES = rules()


class Course:
    """A site's hours and events, in order."""

    def __init__(self, rules=RULES):
        self.rules, self.site, self.alerts, self.over, self.judged = rules, Site(), [], [], 0

    def pass_to(self, now):
        while NEVER < (hour := next_hour(self.site)) <= now:
            judged = hour_over(self.site, hour, self.rules)
            assert judged.site.asked_to == hour
            self.site, self.judged = judged.site, self.judged + 1
            self.alerts += judged.alerts
            self.over += judged.resolutions

    def come(self, at, customers=1):
        self.pass_to(at - HOUR)
        for second in range(customers):
            self.site = saw(self.site, at + second * 10**6, new=1, rules=self.rules)

    def days(self, first, last, customers=2, hours=OFFICE, works=lambda day: DAYS.kind(day) < 5):
        """So many new customers an hour on each day that is worked, the last left out."""
        for day in filter(works, range(first, last)):
            for hour in hours:
                self.come(DAYS.begins(day) + hour * HOUR + 20 * MINUTE, customers)
        self.pass_to(DAYS.begins(last))
        return self


def broken(*lost, rules=RULES, **habit):
    """A site with six weeks of habit that loses those days, and a fortnight after them."""
    works = [day for day in range(START, max(lost) + 15) if DAYS.kind(day) < 5 and day not in lost]
    return Course(rules).days(START, max(lost) + 15, works=works.__contains__, **habit)


def test_a_lost_day_is_one_alert_and_its_end():
    """Tuesday, 2 June, is missing: eighteen customers a day come, two an hour, so by one o'clock half are missed."""
    course = broken(MONDAY + 1)
    (alert,), (over,) = course.alerts, course.over
    begins = DAYS.begins

    expected = (Intent.OPS, "ops.tracking-outage", "", "2026-06-02", begins(MONDAY + 1) + 14 * HOUR)
    assert expected == (alert.intent, alert.rule_id, alert.customer_id, alert.event_id, alert.occurred_at)
    first = begins(MONDAY + 2) + 9 * HOUR + 20 * MINUTE
    expected = (alert.alert_id, ResolvedReason.RETURNED, "", first)
    assert expected == (over.alert_id, over.reason, over.customer_id, over.occurred_at)
    assert ((begins(MONDAY) + 17 * HOUR + 20 * MINUTE, first),) == course.site.lost


def test_while_it_lasts_the_span_has_no_end():
    course = Course().days(START, MONDAY + 1)
    course.pass_to(DAYS.begins(MONDAY + 3))

    assert course.site.is_blind
    assert ((DAYS.begins(MONDAY) + 17 * HOUR + 20 * MINUTE, NOT_OVER),) == course.site.lost
    assert NEVER == next_hour(course.site)


QUIET = [
    ("nights and weekends", lambda: Course().days(START, MONDAY + 14)),
    ("Golden Week", lambda: Course().days(START - 56, START + 14)),
    ("お盆", lambda: Course().days(MONDAY + 35, MONDAY + 84)),
    ("年末年始", lambda: Course().days(MONDAY + 175, MONDAY + 224)),
    ("seven a day, for a week", lambda: broken(*range(MONDAY, MONDAY + 5), customers=1, hours=range(9, 16))),
]


@pytest.mark.parametrize("course", [row[1] for row in QUIET], ids=[row[0] for row in QUIET])
def test_nothing_is_said_of(course):
    found = course()
    assert ([], []) == (found.alerts, found.over)


def test_a_shop_that_is_open_on_sundays_may_close_on_holidays():
    """What holidays are like is learned from holidays."""
    course = Course().days(START - 56, MONDAY, works=lambda day: DAYS.kind(day) < 7)
    assert [] == course.alerts


def test_one_id_for_all_partitions():
    """They differ in when they have missed enough, not in the day on which customers were first missed: a Friday."""
    found = []
    for customers in (1, 2, 5):
        course = Course().days(START, MONDAY + 4, customers).days(MONDAY + 4, MONDAY + 5, customers, hours=range(9, 13))
        course.pass_to(DAYS.begins(MONDAY + 8))
        found += course.alerts
    assert [3, 1] == [len(found), len({alert.alert_id for alert in found})]
    assert found[0].occurred_at > DAYS.begins(MONDAY + 7) > found[2].occurred_at


def test_a_second_lost_day_is_noticed_too():
    course = broken(MONDAY + 1, MONDAY + 8)
    assert ["2026-06-02", "2026-06-09"] == [alert.event_id for alert in course.alerts]


def test_what_lasts_is_a_new_habit():
    """Who stops coming on Fridays is missed on three of them."""
    course = broken(*range(MONDAY + 4, MONDAY + 70, 7))
    assert ["2026-06-05", "2026-06-12", "2026-06-19"] == [alert.event_id for alert in course.alerts]


def test_idle_months_cost_nothing():
    """What was said is said: no hour is judged until somebody is seen again."""
    course = Course().days(START, MONDAY)
    judged = course.judged
    course.pass_to(DAYS.begins(MONDAY + 360))

    assert course.judged - judged < 48
    course.come(DAYS.begins(MONDAY + 360) + 10 * HOUR)
    course.pass_to(DAYS.begins(MONDAY + 360) + 12 * HOUR)
    assert 1 == len(course.over)


def test_a_few_customers_are_not_watched_by_the_hour():
    course = Course().days(START, MONDAY, customers=1, hours=(10,))
    judged = course.judged
    course.pass_to(DAYS.begins(MONDAY + 360))
    assert course.judged - judged <= 1


def test_the_order_within_the_lateness_does_not_count():
    hours = [DAYS.begins(MONDAY) + 10 * HOUR + minute * MINUTE for minute in (5, 50, 62, 70)]
    found = set()
    for order in (hours, hours[::-1], [hours[i] for i in (1, 3, 0, 2)]):
        site = Site()
        for at in order:
            site = saw(site, at, new=1, rules=RULES)
        found.add(site)
    assert len(found) == 1
    assert [2, 2] == [one.customers for one in found.pop().ahead]


def test_what_comes_after_its_hour_was_judged_is_left_out():
    course = Course().days(START, MONDAY)
    assert course.site is saw(course.site, course.site.asked_to - 1, new=1, rules=RULES)


SLEEPING = [
    ("the simple rules", rules(RuleSetName.SIMPLE), 0),
    ("no feed", rules(feeds=()), 0),
    ("no feed that tells of activity", rules(feeds=(Feed.ANSWERS, Feed.CUSTOMERS)), 0),
    ("purchases", rules(feeds=(Feed.PURCHASES,)), 1),
    ("history", rules(alerts_from=DAYS.begins(MONDAY + 10)), 0),
]


@pytest.mark.parametrize(("rules", "expected"), [row[1:] for row in SLEEPING], ids=[row[0] for row in SLEEPING])
def test_it_speaks_only_where_it_was_told_what_to_expect(rules, expected):
    course = broken(MONDAY + 1, rules=rules)
    assert (expected, expected) == (len(course.alerts), len(course.over))


def test_what_is_kept_is_bounded():
    """Of more than eight spans the last, by time."""
    course = broken(*range(MONDAY + 2, MONDAY + 150, 10))
    lost = course.site.lost
    assert 8 == len(lost) < len(course.over)
    assert list(lost) == sorted(lost)
    assert {True} == {len(counts) <= 4 for counts in course.site.weeks}
    assert len(course.site.ahead) <= 2


def answer(score):
    return Relation(nps=Met(0, InteractionKind.NPS, "", score, {}))


ANSWERS = [  # scores of customers, promoters − detractors in per cent
    ((), None),
    ((10,), 100),
    ((9, 8, 7, 6), 0),
    ((10, 9, 9, 0), 50),
    ((6, 0, 10), -100 / 3),
]


@pytest.mark.parametrize(("scores", "expected"), ANSWERS)
def test_the_score_of_the_company_is_promoters_less_detractors(scores, expected):
    site = Site()
    for score in scores:
        site = answered(site, Relation(), answer(score))
    assert expected == site.nps


def test_the_latest_answer_of_a_customer_counts_until_it_is_forgotten():
    site = answered(Site(), Relation(), answer(3))
    site = answered(site, answer(3), answer(9))
    assert (1, 0, 0) == (site.promoters, site.passives, site.detractors)
    assert Site() == answered(site, answer(9), Relation())
