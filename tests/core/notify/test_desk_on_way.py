"""What joins a message while a parcel about it is on its way is said by a parcel of its own."""

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import Severity
from stream_app.core.events import MINUTE
from stream_app.core.notify.message import Place
from stream_app.core.notify.orders import Told
from stream_app.core.notify.parcels import Sent
from stream_app.core.routes import Sink
from stream_app.core.routing import AddressKind, Routing, Target, Why
from tests.core.alerts import PUBLISHED
from tests.desks import CASE, MORNING, told

LATER = MORNING + 11 * MINUTE
OWN = Place(channel="#cs", id="1")
MEDIUM, HIGH, LOW = Severity.MEDIUM, Severity.HIGH, Severity.LOW

TABLE = [
    ("a reply, and another", Sink.SLACK, OWN, MEDIUM, MEDIUM, [("add", "b"), ("add", "c"), ("update", "")]),
    ("the same without a thread", Sink.SLACK, None, MEDIUM, MEDIUM, [("add", "b"), ("add", "c")]),
    ("a loud reply, and one as severe", Sink.SLACK, OWN, HIGH, HIGH, [("raise", "b"), ("add", "c"), ("update", "")]),
    ("an edit, and another", Sink.SLACK, OWN, LOW, LOW, [("update", "b"), ("update", "c")]),
    ("a task, and more of it", Sink.SALESFORCE, OWN, MEDIUM, HIGH, [("update", "b"), ("update", "c")]),
]


@pytest.mark.parametrize(("title", "sink", "place", "first", "second", "said"), TABLE)
def test_it_is_said_and_has_a_fate(title, sink, place, first, second, said):
    """The second joins before it is known that the first arrived."""
    desk, target = opened(sink, place)
    desk.take(order("b", target, first), LATER)
    parcel = desk.next(LATER)
    desk.take(order("c", target, second), LATER)
    desk.settle(parcel, Sent(), LATER)

    assert said == [shown(parcel), *(shown(each) for each in rest(desk))]
    assert [CASE, "b", "c"] == [each.alert_id for each in desk.deliveries()]


def opened(sink, place):
    """Return a desk whose first message was told."""
    target = Target(sink=sink, kind=AddressKind.CHANNEL, address="#cs")
    desk, _ = told(MORNING, target, severity=MEDIUM)
    desk.settle(desk.next(LATER), Sent(place=place), LATER)
    return desk, target


def order(name, target, severity):
    alert = replace(PUBLISHED, alert_id=name, severity=severity, occurred_at=LATER, detected_at=LATER)
    return Told(case_id=CASE, alert=alert, routing=Routing(route="r", target=target, why=(Why.MATCHED,)))


def rest(desk):
    while (parcel := desk.next(LATER)) is not None:
        yield parcel
        desk.settle(parcel, Sent(), LATER)


def shown(parcel):
    return str(parcel.kind), " ".join(parcel.alert_ids)
