"""What a desk shows and keeps of an alert that is replaced or over."""

from msgspec.structs import replace

from stream_app.core.alerts import Resolution, ResolvedReason, Severity
from stream_app.core.events import DAY, MINUTE
from stream_app.core.notify.accounts import MAX_KNOWN
from stream_app.core.notify.cases import Cases
from stream_app.core.notify.message import Place, Stage
from stream_app.core.notify.orders import Resolved, Told
from stream_app.core.notify.parcels import Failed, Kind, Sent
from stream_app.core.routing import Routing, Why
from stream_app.settings import Settings
from tests.core.alerts import PUBLISHED
from tests.desks import CASE, CHANNEL, MORNING, answered

EVENING = MORNING + 9 * 60 * MINUTE
PLACE = Place(channel="#cs", id="1")


def resolved(alert_id=CASE, at=EVENING, reason=ResolvedReason.RETURNED):
    return Resolved(case_id=CASE, alert_id=alert_id, reason=reason, at=at)


def replacing(at, **changed):
    """Return the order of an alert that replaces the first."""
    alert = replace(PUBLISHED, alert_id="b" * 32, supersedes=CASE, occurred_at=at, detected_at=at, **changed)
    return Told(case_id=CASE, alert=alert, routing=Routing(route="r", target=CHANNEL, why=(Why.MATCHED,)))


def test_that_it_is_over_is_shown_at_night_and_is_the_last_word():
    desk, _ = answered(Sent(place=PLACE))

    desk.take(resolved(), EVENING)
    parcel = desk.next(EVENING)
    desk.settle(parcel, Sent(), EVENING)

    assert (Kind.UPDATE, ResolvedReason.RETURNED) == (parcel.kind, parcel.messages[0].ends[0].reason)
    assert [Stage.DONE] == [message.stage for message in desk.messages()]
    assert desk.next(EVENING + DAY) is None


def test_what_is_replaced_is_struck_out_and_heads_the_message_no_more():
    desk, _ = answered(Sent(place=PLACE))

    desk.take(replacing(MORNING + MINUTE, severity=Severity.MEDIUM), MORNING + MINUTE)
    parcel = desk.next(MORNING + MINUTE)

    (message,) = parcel.messages
    assert ("b" * 32, (CASE,)) == (message.lead.alert_id, tuple(end.alert_id for end in message.ends))
    assert message.ends[0].by == "b" * 32


def test_what_was_over_before_it_arrived_is_not_tried_again():
    desk, _ = answered(Failed(why="down"))

    desk.take(resolved(at=MORNING), MORNING)

    assert desk.next(MORNING + MINUTE) is None
    assert [("resolved", "returned")] == [(one.fate, one.reason) for one in desk.deliveries()]


def test_what_was_replaced_before_it_arrived_gives_way_to_what_is_thought_now():
    desk, _ = answered(Failed(why="down"))

    desk.take(replacing(MORNING), MORNING)
    parcel = desk.next(MORNING + 30 * MINUTE)

    assert (("b" * 32,), ["b" * 32]) == (parcel.alert_ids, [one.alert_id for one in parcel.messages[0].alerts])
    assert [("superseded", "replaced")] == [(one.fate, one.reason) for one in desk.deliveries()]


def test_the_end_of_what_may_have_arrived_waits_until_that_is_known():
    desk, _ = answered(Failed(why="no answer", unsure=True))

    desk.take(resolved(at=MORNING), MORNING)
    again = desk.next(MORNING + MINUTE)
    desk.settle(again, Sent(place=PLACE), MORNING + MINUTE)

    assert [("delivered", "sent")] == [(one.fate, one.reason) for one in desk.deliveries()]
    assert (True, Kind.UPDATE) == (again.repeat, desk.next(MORNING + MINUTE).kind)


def test_a_message_can_say_for_two_weeks_that_it_is_over():
    desk, _ = answered(Sent(place=PLACE))
    desk.next(MORNING + 13 * DAY)

    desk.take(resolved(at=MORNING + 14 * DAY), MORNING + 14 * DAY)

    assert desk.next(MORNING + 14 * DAY).kind is Kind.UPDATE


def test_the_account_remembers_a_case_for_as_long_as_its_end_may_come():
    cases = Cases(Settings().notify_rules())
    cases.alert(replace(PUBLISHED, occurred_at=MORNING), MORNING)
    cases.forget(MORNING + 14 * DAY)

    orders = cases.resolved(over(CASE, MORNING + 14 * DAY), MORNING + 14 * DAY).orders
    cases.forget(MORNING + 30 * DAY)

    assert {Resolved} == {type(order) for _, order in orders}
    assert [None] == [value for _, value in cases.changes()]


def test_ends_that_came_before_their_alert_are_bounded_in_number_and_time():
    cases = Cases(Settings().notify_rules())
    for number in range(MAX_KNOWN + 50):
        cases.resolved(over(f"{number:032x}", MORNING), MORNING)
    ((_, value),) = cases.changes()

    cases.forget(MORNING + 8 * DAY)

    assert MAX_KNOWN == value.count(b'"heard_at"')
    assert [None] == [value for _, value in cases.changes()]


def over(alert_id, at):
    return Resolution(
        alert_id=alert_id,
        intent=PUBLISHED.intent,
        rule_id=PUBLISHED.rule_id,
        customer_id=PUBLISHED.customer_id,
        account_id=PUBLISHED.account_id,
        event_id="",
        occurred_at=at,
        reason=ResolvedReason.RETURNED,
    )
