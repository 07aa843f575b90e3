"""A desk with one message in each state, and the changelog records of it."""

from msgspec.structs import replace

from stream_app.core.events import DAY, HOUR
from stream_app.core.notify.desk import Desk
from stream_app.core.notify.orders import Told
from stream_app.core.routes import Sink
from stream_app.core.routing import AddressKind, Routing, Target, Why
from stream_app.settings import Settings
from tests.core.alerts import PUBLISHED

MORNING = 20_605 * DAY + HOUR  # Monday 2026-06-01, 10:00 in Tokyo
NIGHT = MORNING - 6 * HOUR
CHANNEL = Target(sink=Sink.SLACK, kind=AddressKind.CHANNEL, address="#cs")
CASE = PUBLISHED.alert_id


def told(at, target=CHANNEL, **changed):
    """Return a desk that was told of one alert, and the changelog records of that."""
    desk = Desk(target, Settings().notify_rules())
    alert = replace(PUBLISHED, occurred_at=at, detected_at=at, **changed)
    routing = Routing(route="r", target=target, why=(Why.MATCHED,))
    desk.take(Told(case_id=CASE, alert=alert, routing=routing), at)
    return desk, dict(desk.changes())


def answered(outcome):
    """Return the same for an alert that was given to the sink; None: it has not answered yet."""
    desk, records = told(MORNING)
    parcel = desk.next(MORNING)
    if outcome is not None:
        desk.settle(parcel, outcome, MORNING)
    return desk, records | dict(desk.changes())
