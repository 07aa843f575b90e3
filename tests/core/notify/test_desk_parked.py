"""What a sink refused for good stays with its reason until an operator acts, or nobody should hear of it any more."""

from msgspec.structs import replace

from stream_app.core.alerts import Severity, SuppressedReason
from stream_app.core.events import DAY, HOUR, MINUTE, SECOND
from stream_app.core.notify.desk import Desk
from stream_app.core.notify.fates import Fate, FateReason
from stream_app.core.notify.message import Place, Stage
from stream_app.core.notify.orders import Again, Operated, Operation, Told
from stream_app.core.notify.parcels import Refused, Sent
from stream_app.core.routes import Sink
from stream_app.core.routing import AddressKind, Routing, Target, Why
from stream_app.settings import Settings
from tests.core.alerts import PUBLISHED
from tests.desks import MORNING

ALERT = replace(PUBLISHED, alert_id="a", severity=Severity.HIGH, occurred_at=MORNING)


def refused(sink=Sink.SLACK):
    """Return a desk whose only message was refused."""
    desk = with_message(sink)
    desk.settle(desk.next(MORNING), Refused(why="channel_not_found"), MORNING)
    return desk


def with_message(sink):
    target = Target(sink=sink, kind=AddressKind.CHANNEL, address="#cs")
    desk = Desk(target, Settings().notify_rules())
    desk.take(Told(case_id="a", alert=ALERT, routing=Routing(route="r", target=target, why=(Why.MATCHED,))), MORNING)
    return desk


def ends(desk):
    return [(each.fate, each.reason, each.detail) for each in desk.deliveries()]


def test_it_waits_until_nobody_should_hear_of_it_and_no_longer():
    """Three business days for a high alert; the desk asks to be woken for that very moment."""
    desk = refused()
    deadline = Settings().notify_rules().told_until(ALERT, desk.messages()[0].routing)
    assert (deadline + 1, None) == (desk.wake_at(MORNING + HOUR), desk.next(deadline))
    assert [] == ends(desk)
    assert desk.next(deadline + 1) is None
    assert [(Fate.REJECTED, FateReason.SINK_REFUSED, "channel_not_found")] == ends(desk)


def test_an_operator_sends_it_again():
    desk = refused()
    desk.take(Operated(case_id="", operation=Operation.RETRY), MORNING + MINUTE)
    parcel = desk.next(MORNING + MINUTE)
    desk.settle(parcel, Sent(place=Place(channel="C", id="1")), MORNING + MINUTE)
    assert [(Fate.DELIVERED, FateReason.SENT, "")] == ends(desk)


def test_an_operator_drops_it():
    desk = refused()
    desk.take(Operated(case_id="a", operation=Operation.DROP), MORNING + MINUTE)
    assert ([(Fate.DROPPED, FateReason.OPERATOR, "")], None) == (ends(desk), desk.next(MORNING + MINUTE))


def test_a_task_whose_edit_is_refused_stays_parked_though_no_alert_waits():
    """What it was to show is only a count; still somebody has to look at it, for as long as the case is open."""
    desk = with_message(Sink.SALESFORCE)
    desk.settle(desk.next(MORNING), Sent(place=Place(id="00T")), MORNING)
    held = Again(case_id="a", match_id="m", customer_id="c", occurred_at=MORNING, reason=SuppressedReason.COOLDOWN)
    desk.take(held, MORNING + SECOND)
    desk.settle(desk.next(MORNING + SECOND), Refused(why="FIELD_CUSTOM_VALIDATION_EXCEPTION"), MORNING + SECOND)
    desk.next(MORNING + 6 * DAY)
    assert {Stage.PARKED: 1} == dict(desk.counts())
    desk.next(MORNING + 8 * DAY)
    assert {Stage.DONE: 1} == dict(desk.counts())
