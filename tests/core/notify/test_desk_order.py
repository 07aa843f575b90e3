"""In which order a desk says one by one what waits: an account's history is told as it happened."""

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import Intent, Severity
from stream_app.core.events import SECOND
from stream_app.core.notify.desk import Desk
from stream_app.core.notify.orders import Told
from stream_app.core.notify.parcels import Sent
from stream_app.core.routes import Sink
from stream_app.core.routing import AddressKind, Routing, Target, Why
from stream_app.settings import Settings
from tests.core.alerts import PUBLISHED
from tests.desks import MORNING

ONE, OTHER = "a-1", "a-2"
HIGH, MEDIUM = Severity.HIGH, Severity.MEDIUM


@pytest.mark.parametrize(
    ("sink", "expected"),
    [
        (Sink.WEBHOOK, ["d", "a", "b", "c"]),
        (Sink.SLACK, ["d", "b", "c", "a"]),
        (Sink.SALESFORCE, ["d", "b", "c", "a"]),
    ],
)
def test_the_newest_account_first_and_each_account_in_its_order(sink, expected):
    desk = Desk(Target(sink=sink, kind=AddressKind.CHANNEL, address="#cs"), Settings().notify_rules())
    said = [("a", ONE, MEDIUM), ("b", ONE, HIGH), ("c", ONE, HIGH), ("d", OTHER, HIGH)]
    for second, (name, account, severity) in enumerate(said):
        desk.take(told(name, account, severity, MORNING + second * SECOND, sink), MORNING + second * SECOND)
    assert expected == list(given(desk, MORNING + 3600 * SECOND))


def told(name, account, severity, at, sink):
    """Return an order of an alert, each a case of its own."""
    alert = replace(
        PUBLISHED, alert_id=name, intent=Intent.CHURN, account_id=account, severity=severity, occurred_at=at
    )
    target = Target(sink=sink, kind=AddressKind.CHANNEL, address="#cs")
    return Told(case_id=name, alert=alert, routing=Routing(route="r", target=target, why=(Why.MATCHED,)))


def given(desk, now):
    """Yield the cases in the order in which they are said."""
    while (parcel := desk.next(now)) is not None:
        desk.settle(parcel, Sent(), now)
        if parcel.kind == "alert":
            yield parcel.messages[0].case_id
