"""10,000 alerts in ten seconds: Slack's pace is kept, much goes in one message, high first, and nothing is lost."""

import asyncio
import time
from collections import Counter, defaultdict
from datetime import datetime
from itertools import pairwise
from random import Random

import pytest

from stream_app.core.alerts import Intent, Severity
from stream_app.core.events import SECOND, Tier
from stream_app.core.notify.message import Stage
from stream_app.core.notify.waiting import severity_of
from stream_app.topics import NotifyTopic
from tests.acceptance_notify.notify_play import Play, alert_of
from tests.acceptance_notify.outages import EDIT, POST
from tests.notify.stage import until
from tests.sinks.slack_server import SlackServer

pytestmark = pytest.mark.kafka

ALERTS, ACCOUNTS, OWNERS, SECONDS = 10_000, 2_000, 10, 10
REPEATED = 200
INTENTS = [intent for intent in Intent if intent is not Intent.OPS]  # that one is of no account
PACE = 0.98  # seconds; the server's clock and the worker's are not read at the same moment
PEOPLE = "".join(f'[people."cs-{each}@example.com"]\nslack = "U0000000{each}"\n' for each in range(OWNERS))
SETTINGS = f"""
{PEOPLE}
[notify]
quiet = "1s"
quiet_at_most = "3s"
[[routes]]
name = "person"
tier = ["high"]
sink = "slack"
user = "owner"
[[routes]]
name = "team"
sink = "slack"
channel = "#cs"
mention_owner = true
[fallback]
sink = "slack"
channel = "#cs"
"""


async def test_a_storm_is_told_at_slacks_pace_high_first_and_nothing_is_lost(ground):
    rng = Random(7)
    async with (
        SlackServer() as slack,
        Play(ground, SETTINGS, STREAM_APP_SLACK__TOKEN="xoxb-1", STREAM_APP_SLACK__API_URL=slack.api_url) as play,
    ):
        await until(lambda: len(play.logged("a partition is at work")) >= play.settings.topics.partitions)
        begun = time.monotonic()
        await storm(play, rng)
        produced = time.monotonic() - begun
        await until(lambda: everything_is_in_hand(play), 120)
        taken, all_heard = time.monotonic() - begun, time.time_ns() // 1000
        await until(lambda: no_high_one_waits(play), 120)
        told = time.monotonic() - begun
        await until(lambda: one_without_high_is_told(play), 120)
        memory = [worker.peak_bytes() // 2**20 for worker in play.workers]
        print(f"produced {produced:.1f} s, taken {taken:.1f} s, high told {told:.1f} s, peak {memory} MiB")
        assert [0, 0] == await play.stop()
        assert_pace(slack)
        await assert_nothing_is_lost(play)
        await assert_high_first(play, all_heard)
        print(Counter(call.method for call in slack.calls()))


async def storm(play, rng):
    """Write the alerts, some of them twice, a part each second."""
    begun, part = time.monotonic(), ALERTS // SECONDS
    for second in range(SECONDS):
        alerts = [drawn(rng, second * part + each) for each in range(part)]
        await play.tell(*alerts, *rng.sample(alerts, REPEATED // SECONDS))
        await asyncio.sleep(max(0.0, begun + second + 1 - time.monotonic()))


def drawn(rng, number):
    """Return an alert of an account by chance, whose tier and owner are its own."""
    account = rng.randrange(ACCOUNTS)
    return alert_of(
        number,
        f"a-{account}",
        rng.choice(INTENTS),
        rng.choices(list(Severity), [1, 4, 5])[0],
        owner=f"cs-{account // 2 % OWNERS}@example.com",
        tier=Tier.HIGH if account % 2 else Tier.LOW,
    )


def route_of(alert):
    """Return which route takes it."""
    return "person" if alert.customer.tier is Tier.HIGH else "team"


async def counted(play):
    """Return what has a fate, and what is held, by (alert, route)."""
    await asyncio.sleep(1)  # to read all of it takes the workers' processor
    fates = set(await play.fates())
    held = {
        (alert, each.message.routing.route): each.message.stage
        for each in await play.in_hand()
        for alert in each.message.unsaid
    }
    return fates, held


async def everything_is_in_hand(play):
    """Say whether each alert has come to its desk."""
    fates, held = await counted(play)
    return len(fates | held.keys()) == ALERTS


async def no_high_one_waits(play):
    """Say whether no new message waits any more that is high."""
    return not any(
        each.message.stage is Stage.HELD and severity_of(each.message) is Severity.HIGH for each in await play.in_hand()
    )


def assert_pace(slack):
    """To no channel more than one message a second."""
    by_channel = defaultdict(list)
    for call in slack.calls(POST, EDIT):
        by_channel[call.fields["channel"].removeprefix("D")].append(call.at)
    assert OWNERS + 1 == len(by_channel)
    assert [] == [gap for times in by_channel.values() for a, b in pairwise(times) if (gap := b - a) < PACE]


async def assert_nothing_is_lost(play):
    """Each alert has one fate, or is held, on its route, and on no other."""
    fates, held = await play.fates(), (await counted(play))[1]
    expected = {(alert.alert_id, route_of(alert)) for alert in play.sent}
    assert expected == fates.keys() | held.keys()
    assert set() == fates.keys() & held.keys()
    assert {} == {key: found for key, found in fates.items() if len(found) > 1}
    assert [] == await play.dead_letters()
    reasons = Counter(found for each in fates.values() for found in each)
    print(dict(reasons), dict(Counter(held.values())))
    assert reasons["delivered", "bundled"] > ACCOUNTS // 10
    assert Stage.DIGEST in set(held.values())


async def assert_high_first(play, all_heard):
    """Once every alert has come, no new message without anything high goes while a high one waits."""
    high, others = await told_anew(play)
    last_high = {place: max(at for each, at in high if each == place) for place, _ in high}
    assert [] == [(place, at) for place, at in others if all_heard < at < last_high.get(place, 0)]


async def one_without_high_is_told(play):
    """Say whether a new message was told in which nothing is high, so that there is something to judge."""
    return bool((await told_anew(play))[1])


async def told_anew(play):
    """Return the new messages in which something is high, and the others, each as (place, at)."""
    said, new = defaultdict(set), set()
    for line in await play.read(NotifyTopic.DELIVERIES):
        place, at = line["target"]["address"], micros(line["at"])
        said[place, at].add(line["severity"])  # of a new message all alerts: what had joined it counts too
        if line["reason"] in ("sent", "bundled"):
            new.add((place, at))
    high = {each for each in new if "high" in said[each]}
    return high, new - high


def micros(text):
    """Return a time as microseconds."""
    return round(datetime.fromisoformat(text).timestamp() * SECOND)
