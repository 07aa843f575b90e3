"""Rules over history: what replay says, counted; what notify says, counted; and two rule sets against each other."""

import json
from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from stream_app.core.erasure import Erasure, Erasures, hash_of
from stream_app.replay import Outputs, replay
from stream_app.team_week import Count
from tests.backtest.histories import NOW_MS, setup, tried, written

TOKYO = ZoneInfo("Asia/Tokyo")
SALT = "00" * 16


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return written(tmp_path_factory.mktemp("history"))


@pytest.fixture(scope="module")
def found(files):
    return tried(files, setup(), setup("simple"))


def replayed(files, mine, partitions=3):
    """Return the alerts and fates that a replay writes."""
    alerts, fates = [], []
    outputs = Outputs(
        alerts=lambda line: alerts.append(json.loads(line)), fates=lambda line: fates.append(json.loads(line))
    )
    report = replay(files.lines(NOW_MS), mine.rules, outputs, partitions=partitions)
    return alerts, fates, report


def keys(alerts):
    """Return what alerts are compared by."""
    days = [datetime.fromisoformat(one["occurred_at"]).astimezone(TOKYO).date() for one in alerts]
    return {(day, one["customer_id"], one["rule_id"]) for day, one in zip(days, alerts, strict=True)}


@pytest.mark.parametrize(("side", "name"), [("mine", "full"), ("other", "simple")])
def test_detect_says_what_a_replay_says(files, found, side, name):
    alerts, fates, report = replayed(files, setup(name))
    shown = getattr(found, side)
    counted = Counter((one["intent"], "alert") for one in alerts) + Counter((f["intent"], f["reason"]) for f in fates)

    assert len(alerts) > 20
    assert counted == {(intent, word): n for intent, of in shown.detected.items() for word, n in of.items()}
    assert Counter(one["rule_id"] for one in alerts) == shown.rules
    assert Counter(one["customer"]["owner"] for one in alerts) == {
        o: sum(of.values()) for o, of in shown.owners.items()
    }
    assert len(alerts) == sum(sum(of.values()) for of in shown.by_day.values())
    assert (report.faq_gaps, report.total) == (shown.faq_gaps, found.events)


def test_every_alert_has_a_fate_on_a_route_or_waits_for_one(found):
    """Where the second target is told besides there are two."""
    told = {intent: sum(of.values()) for intent, of in found.other.told.items()}

    assert {intent: of["alert"] for intent, of in found.other.detected.items()} == told
    assert {"delivered", "digested", "waiting"} <= {word for of in found.mine.told.values() for word in of}


def test_what_is_told_costs_what_is_assumed(files):
    team = tried(files, setup(), minutes_per_push=7, minutes_per_line=3).mine.team
    lines = team.mean[Count.ADDITIONS] + team.mean[Count.DIGEST_LINES]

    assert team.minutes == pytest.approx(7 * team.mean[Count.PUSHES] + 3 * lines, abs=1)
    assert 0 < team.minutes


def test_hours_and_routes_are_those_of_the_settings(files):
    """Told by a route into a CRM everything becomes a task of its own; by default most of it is read in the digest."""
    digests, tasks = (
        tried(files, setup(**settings)).mine.told_by_day
        for settings in ({}, {"routes": ({"name": "all", "sink": "salesforce", "queue": "cs"},)})
    )
    sums = [
        Counter(what for of in days.values() for what in Count for _ in range(of[what])) for days in (digests, tasks)
    ]

    assert sums[0][Count.DIGEST_LINES] > 0 == sums[1][Count.DIGEST_LINES]
    assert sums[0][Count.PUSHES] < sums[1][Count.PUSHES]


def test_against_another_rule_set_all_that_differs_is_told(files, found):
    mine, other = (keys(replayed(files, setup(name))[0]) for name in ("full", "simple"))
    rows = {
        sort: {(row.day, row.customer_id, row.rule_id) for row in getattr(found.difference, sort).rows}
        for sort in ("gained", "lost")
    }

    assert {"gained": mine - other, "lost": other - mine} == rows
    assert all(rows.values())
    assert (len(mine - other), len(other - mine)) == (found.difference.gained.count, found.difference.lost.count)


def test_against_itself_nothing_differs(files):
    found = tried(files, setup(), setup())

    assert found.difference.is_empty
    assert (found.mine,) == found.sides


def test_what_is_not_equally_severe_is_told(files, found):
    quieter = tried(files, setup(by_id={"support.trying": {"severity": "high"}}), setup()).difference
    said = {row.severity for row in quieter.changed.rows}

    assert (0, 0) == (quieter.gained.count, quieter.lost.count)
    assert {"support.trying": found.mine.rules["support.trying"]} == quieter.changed.by_rule
    assert {"low → high"} == said


def test_who_was_erased_is_counted_and_in_nothing(files):
    """The events of a customer before the tombstone are counted as erased; no alert and no row names them."""
    alerts, _, _ = replayed(files, setup())
    who = Counter(one["customer_id"] for one in alerts).most_common(1)[0][0]
    gone = Erasure(hash=hash_of(who, SALT), salt=SALT, erased_at=2**60, upto={})
    found = tried(files, setup(), setup("simple"), erasures=Erasures([gone]))

    assert found.erased > 0
    assert who not in str(found)
    assert found.mine.alerts == len([one for one in alerts if one["customer_id"] != who])


def test_partitions_change_nothing_but_the_site(files):
    """Customers are judged by themselves: in one partition or in seven the same is said of them."""
    one, seven = (tried(files, setup("simple"), partitions=n).mine for n in (1, 7))

    assert (one.rules, one.by_day, one.told) == (seven.rules, seven.by_day, seven.told)
