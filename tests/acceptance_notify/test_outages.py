"""All sinks are rude at once while workers are killed: everybody is told, in order, and what is told twice says so."""

import asyncio
import json
import signal
from collections import defaultdict
from itertools import groupby
from random import Random

import pytest

from stream_app.core.alerts import Intent
from tests.acceptance_notify.notify_play import Play, alert_of, file_lines, name_of
from tests.acceptance_notify.outages import CHANNELS, EDIT, POST, ROUTES, UNSURE, Outages, routes_of
from tests.notify.stage import until
from tests.sinks.slack_server import FORGET

pytestmark = pytest.mark.kafka

ACCOUNTS = 9
WAVES = (Intent.SUPPORT, Intent.CHURN, Intent.SUPPORT, Intent.CHURN, Intent.SUPPORT)
REPEAT = "二度届いている可能性"
PATIENCE = 120.0


@pytest.mark.parametrize("seed", [1])
async def test_everybody_is_told_whoever_is_rude_and_whoever_is_killed(ground, seed):
    rng = Random(seed)
    print("seed", seed)
    noted = ground.folder / "noted.jsonl"
    async with (
        Outages(rng) as outages,
        Play(ground, ROUTES, **outages.settings(), STREAM_APP_FILE__PATH=str(noted)) as play,
    ):
        kills = await played(play, outages, noted, rng)
        ends = await play.stop()
        assert [0] * len(ends) == ends
        await assert_fates(play)
        assert_slack(play, outages.slack, kills)
        assert_tasks(play, outages.salesforce, "Description")
        assert_tasks(play, outages.hubspot, "hs_task_body")
        assert_posts(play, outages.webhook)


async def played(play, outages, noted, rng):
    """Let it happen; return how many workers were killed."""
    kills = 0
    for wave, intent in enumerate(WAVES):
        await play.tell(*wave_of(wave, intent))
        await until(lambda: told(play) <= heard(noted), PATIENCE)
        if wave == 0:
            await until(lambda: all_told(play), PATIENCE)
            outages.begin(locked=[alert.alert_id for alert in play.sent[::2]])
            continue
        # The sink that is well has told everything of this wave, and the others are still rude.
        assert outages.rude
        await asyncio.sleep(rng.uniform(0, 2))
        how = signal.SIGTERM if wave == 2 else signal.SIGKILL
        kills += how is signal.SIGKILL
        await play.end(rng.choice(play.workers), how)
    await until(lambda: all(count >= 6 for count in outages.given().values()), PATIENCE)
    print("rude answers", outages.given())
    outages.end()
    await until(lambda: all_told(play), PATIENCE)
    return kills


def wave_of(wave, intent):
    """Return an alert of each account."""
    numbers = [(wave * ACCOUNTS + each, each) for each in range(ACCOUNTS)]
    return [
        alert_of(number, f"a-{each}", intent, owner=f"team-{each % CHANNELS}@example.com") for number, each in numbers
    ]


def told(play):
    """Return the ids of all that was written."""
    return {alert.alert_id for alert in play.sent}


def heard(noted):
    """Return the ids of all that the sink that is well was told."""
    return {alert for line in file_lines(noted) for alert in line["alert_ids"]}


async def all_told(play):
    """Say whether each alert has a fate on each route."""
    fates = await play.fates()
    return all((alert.alert_id, route) in fates for alert in play.sent for route in routes_of(alert))


def cases(play):
    """Return the alerts of each case, in their order, by the id of its first."""
    found = defaultdict(list)
    for alert in play.sent:
        found[alert.account_id, alert.intent].append(alert)
    return {alerts[0].alert_id: alerts for alerts in found.values()}


async def assert_fates(play):
    """Each alert has one fate on each route, and was told."""
    fates = await play.fates()
    assert {(alert.alert_id, route) for alert in play.sent for route in routes_of(alert)} == fates.keys()
    assert {} == {key: found for key, found in fates.items() if len(found) > 1}
    assert {"delivered", "merged"} >= {fate for found in fates.values() for fate, _ in found}
    assert [] == await play.dead_letters()


def assert_slack(play, slack, kills):
    """Each person is named once, in order; a second time the message says that it may be one, and was in flight."""
    by_channel = defaultdict(list)
    for call in slack.calls(POST, EDIT):
        by_channel[call.fields["channel"]].append(call)
    assert CHANNELS == len(by_channel)
    unexplained = 0
    for calls in by_channel.values():
        runs = [(parcel, list(run)) for parcel, run in groupby(calls, parcel_of)]
        assert len(runs) == len({parcel for parcel, _ in runs}), "another message went between two tries of one"
        unexplained += sum(marked_without_reason(run) for _, run in runs if run[0].method == POST)
    assert kills * CHANNELS >= unexplained
    texts = [text_of(call) for call in slack.calls(POST) if call.answer in (None, FORGET)]
    for alerts in cases(play).values():
        shown = [min(place for place, text in enumerate(texts) if name in text) for name in names(alerts)]
        assert sorted(shown) == shown


def marked_without_reason(tries):
    """Return how many tries of one message are marked though no answer before was unsure: what only a kill explains."""
    unsure = said = False
    odd = 0
    for call in tries:
        marked = REPEAT in text_of(call)
        assert marked or not (unsure or said), "told a second time without saying so"
        odd += marked and not unsure
        unsure = unsure or call.answer in UNSURE or marked
        said = said or call.answer in (None, FORGET)
    return odd


def parcel_of(call):
    """Return the id of what was sent."""
    return call.fields["metadata"]["event_payload"]["parcel"]


def text_of(call):
    """Return all that a message says."""
    return json.dumps(call.fields, ensure_ascii=False)


def names(alerts):
    """Return the names of the persons, in order."""
    return [name_of(int(alert.alert_id, 16)) for alert in alerts]


def assert_tasks(play, crm, field):
    """Each case has one record, made once, which names everybody."""
    expected = cases(play)
    assert sorted(expected) == sorted(crm.made)
    assert [] == [
        (case, name)
        for case, alerts in expected.items()
        for name in names(alerts)
        if name not in crm.records[case][field]
    ]


def assert_posts(play, webhook):
    """Each alert was posted under its own id, signed, and those of an account in their order."""
    first = list(dict.fromkeys(post.id for post in webhook.posts))
    assert sorted(alert.alert_id for alert in play.sent) == sorted(first)
    assert all(all(post.verified) for post in webhook.posts)
    accounts = {alert.alert_id: alert.account_id for alert in play.sent}
    for account in set(accounts.values()):
        expected = [alert.alert_id for alert in play.sent if alert.account_id == account]
        assert expected == [one for one in first if accounts[one] == account]
