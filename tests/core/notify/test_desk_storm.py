"""Very many alerts at once: whatever is high goes before anything that is not, and no alert is forgotten."""

from random import Random

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import Intent, Severity, Snapshot
from stream_app.core.events import SECOND, Tier
from stream_app.core.notify.cases import Cases
from stream_app.core.notify.desk import Desk
from stream_app.core.notify.message import Place, Stage, Todo
from stream_app.core.notify.orders import Told
from stream_app.core.notify.parcels import Sent
from stream_app.core.notify.waiting import severity_of
from stream_app.settings import Settings
from tests.core.alerts import PUBLISHED
from tests.desks import MORNING

ALERTS, ACCOUNTS, SECONDS = 1_500, 400, 40
RULES = replace(Settings().notify_rules(), quiet=2 * SECOND, quiet_at_most=5 * SECOND)


def storm(seed):
    """Return alerts a millisecond apart, one in ten high, of ten owners and of customers without a touch tier."""
    rng = Random(seed)
    for number in range(ALERTS):
        customer = rng.randrange(ACCOUNTS)
        at = MORNING + number * SECOND // 1000
        yield replace(
            PUBLISHED,
            alert_id=f"{number:032x}",
            intent=rng.choice(list(Intent)),
            severity=rng.choices(list(Severity), (1, 4, 5))[0],
            customer_id=f"c-{customer}",
            account_id=f"a-{customer}",
            customer=Snapshot(owner=f"o-{customer % 10}@example.com", tier=Tier.HIGH if customer % 2 else Tier.LOW),
            occurred_at=at,
        )


def waits_with_high(message, now):
    """Tell whether a message has something high to say that could be said now."""
    due = message.stage is Stage.HELD and message.send_at <= now
    raised = message.stage is Stage.OPEN and Todo.RAISE in message.todo
    return (due or raised) and severity_of(message) is Severity.HIGH


@pytest.mark.parametrize("seed", range(3))
def test_high_first_and_every_alert_accounted_for(seed):
    cases, desks, told, overtaken, fates = Cases(RULES), {}, [], [], []
    alerts = list(storm(seed))
    for second in range(SECONDS):
        now = MORNING + second * SECOND
        while alerts and alerts[0].occurred_at <= now:
            for target, order in cases.alert(alerts.pop(0), now).orders:
                desks.setdefault(target, Desk(target, RULES)).take(order, now)
                told += [(order.alert.alert_id, target)] if isinstance(order, Told) else []
        for desk in desks.values():
            said_now(desk, now, overtaken)
            fates += [(each.alert_id, each.target) for each in desk.deliveries()]
    unsaid = [(each, target) for target, desk in desks.items() for one in desk.messages() for each in one.unsaid]

    assert [] == overtaken
    assert sorted(told, key=repr) == sorted(fates + unsaid, key=repr)


def said_now(desk, now, overtaken):
    """Let a desk say one parcel, and note what is high and had to wait for something that is not."""
    parcel = desk.next(now)
    if parcel is None:
        return
    cases = {message.case_id for message in parcel.messages}
    if not any(severity_of(message) is Severity.HIGH for message in parcel.messages):
        overtaken += [one.case_id for one in desk.messages() if one.case_id not in cases and waits_with_high(one, now)]
    desk.settle(parcel, Sent(place=Place(channel="C", id=parcel.id) if parcel.place is None else None), now)
