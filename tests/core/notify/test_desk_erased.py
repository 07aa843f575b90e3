"""Somebody is erased: what waits is told to nobody, what is on its way is made anew, what stands is overwritten."""

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import Resolution, ResolvedReason, Severity, Suppressed, SuppressedReason
from stream_app.core.erasure import Erasures
from stream_app.core.events import DAY, HOUR
from stream_app.core.notify.cases import Cases, Said
from stream_app.core.notify.desk import Desk
from stream_app.core.notify.erased import unsent
from stream_app.core.notify.fates import Fate, FateReason, delivery
from stream_app.core.notify.keys import desk_of
from stream_app.core.notify.message import Place, Stage
from stream_app.core.notify.orders import Again, Escalated, Raised, Resolved, Told
from stream_app.core.notify.parcels import Failed, Refused, Sent
from stream_app.core.notify.together import Look, Together
from stream_app.core.pages import PageCategory
from stream_app.core.routes import Sink
from stream_app.core.routing import AddressKind, Routing, Target, Why
from stream_app.settings import Settings
from tests.core.alerts import PUBLISHED
from tests.core.notify.erased_people import erasure
from tests.desks import CASE, CHANNEL, MORNING, NIGHT, told

ROUTING = Routing(route="r", target=CHANNEL, why=(Why.MATCHED,))
OWN = Place(channel="#cs", id="1")
THEIRS = Erasures([erasure(PUBLISHED.customer_id, MORNING)])
TOLD = Told(case_id=CASE, alert=replace(PUBLISHED, occurred_at=MORNING, detected_at=MORNING), routing=ROUTING)
COLLEAGUE = replace(TOLD, alert=replace(TOLD.alert, alert_id="b", customer_id="c-2", customer=None))


def fates(desk):
    return [(each.alert_id, each.fate, each.customer_id) for each in desk.deliveries()]


def said(desk, outcome=Sent()):  # noqa: B008  (a frozen value)
    """Return what the desk says next, and settle it; nothing if it has nothing to say."""
    parcel = desk.next(MORNING)
    if parcel is None:
        return None
    desk.settle(parcel, outcome, MORNING)
    return str(parcel.kind), parcel.place, [alert.customer_id for one in parcel.messages for alert in one.alerts]


def test_what_waits_is_told_to_nobody():
    desk, _ = told(NIGHT)
    desk.erase(THEIRS, NIGHT)

    assert [(CASE, "erased", "")] == fates(desk)
    assert desk.next(MORNING) is None


@pytest.mark.parametrize("place", [OWN, replace(OWN, shared=True)])
def test_what_was_on_its_way_is_overwritten_where_it_arrived(place):
    desk, _ = told(MORNING)
    parcel = desk.next(MORNING)
    done = desk.erase(THEIRS, MORNING)
    desk.settle(parcel, Sent(place=place), MORNING)

    assert done.recalled
    assert ("erase", place, []) == said(desk)
    assert desk.next(MORNING) is None
    assert [(CASE, "erased", "")] == fates(desk)


@pytest.mark.parametrize("outcome", [Failed(why="down"), Failed(why="lost", unsure=True), Refused(why="no")])
def test_what_was_on_its_way_and_did_not_arrive_is_not_tried_again(outcome):
    desk, _ = told(MORNING)
    parcel = desk.next(MORNING)
    desk.erase(THEIRS, MORNING)
    desk.settle(parcel, outcome, MORNING)

    assert desk.next(MORNING + DAY) is None
    assert [(CASE, "erased", "")] == fates(desk)


def test_nor_after_a_crash():
    desk, records = told(MORNING)
    desk.next(MORNING)
    desk.erase(THEIRS, MORNING)
    again = Desk(CHANNEL, Settings().notify_rules())
    for key, value in (records | dict(desk.changes())).items():
        again.load(desk_of(key)[1], value)

    assert again.next(MORNING + DAY) is None


def test_what_arrived_of_others_is_edited():
    desk, _ = told(MORNING)
    desk.take(COLLEAGUE, MORNING)
    parcel = desk.next(MORNING)
    desk.erase(THEIRS, MORNING)
    desk.settle(parcel, Sent(place=OWN), MORNING)

    assert ("update", OWN, ["c-2"]) == said(desk)
    assert [(CASE, "erased", ""), ("b", "delivered", "c-2")] == fates(desk)


def test_of_a_reply_what_names_them_is_overwritten_and_what_names_others_stays():
    desk, _ = told(MORNING, account_id="a-1")
    said(desk, Sent(place=OWN))
    for name, reply in (("b", "2"), (PUBLISHED.customer_id, "3")):
        alert = replace(COLLEAGUE.alert, alert_id=f"{name}-{reply}", customer_id=name, account_id="a-1")
        desk.take(replace(COLLEAGUE, alert=alert), MORNING)
        assert "add" == said(desk, Sent(place=Place(channel="#cs", id=reply)))[0]
        assert "update" == said(desk)[0]
    desk.erase(THEIRS, MORNING)

    assert ("erase", Place(channel="#cs", id="3"), ["b"]) == said(desk)
    assert ("update", OWN, ["b"]) == said(desk)
    assert desk.next(MORNING) is None


def test_what_cannot_be_edited_is_counted():
    desk, _ = told(MORNING)
    said(desk)  # an incoming webhook tells no place

    assert 1 == desk.erase(THEIRS, MORNING).left


def test_nobody_is_reminded_of_them():
    desk, _ = told(MORNING)
    desk.take(COLLEAGUE, MORNING)
    said(desk, Sent(place=OWN))
    desk.erase(Erasures([*THEIRS, erasure("c-2", MORNING)]), MORNING)

    assert ("erase", OWN, []) == said(desk)
    assert desk.next(MORNING + DAY) is None


def test_an_alert_that_comes_after_it_has_one_fate_however_often_it_comes():
    desk = Desk(CHANNEL, Settings().notify_rules(), THEIRS)
    for _ in range(2):
        desk.take(TOLD, MORNING)
        desk.take(Escalated(case_id=CASE, alert=TOLD.alert, routing=ROUTING, of="cs-1"), MORNING)

    assert [(CASE, "erased", "")] == fates(desk)
    assert desk.next(MORNING) is None
    assert not any(PUBLISHED.customer_id.encode() in value for _, value in desk.changes())


def test_what_was_told_before_and_comes_again_has_no_second_fate():
    known = Erasures()
    cases = Cases(Settings().notify_rules(), known)
    alert = replace(TOLD.alert, account_id="")
    cases.alert(alert, MORNING)
    known.add(*THEIRS)
    cases.erase(THEIRS)

    assert () == cases.alert(alert, MORNING).deliveries
    kept = [key for key, value in cases.changes() if value is not None]
    assert [] == [key for key in kept if PUBLISHED.customer_id.encode() in key]


def test_what_ended_or_was_held_back_of_them_says_nothing():
    """A case of their company is open, and they have no company themselves."""
    known = Erasures()
    cases = Cases(Settings().notify_rules(), known)
    cases.alert(COLLEAGUE.alert, MORNING)
    known.add(*THEIRS)
    about = {"intent": PUBLISHED.intent, "rule_id": "r", "customer_id": PUBLISHED.customer_id, "event_id": "e"}
    ended = Resolution(alert_id="x", account_id="", occurred_at=MORNING, reason=ResolvedReason.SOLVED, **about)
    held_back = Suppressed(
        match_id="m",
        severity=PUBLISHED.severity,
        account_id=PUBLISHED.account_id,
        occurred_at=MORNING,
        rule_set="s",
        reason=SuppressedReason.COOLDOWN,
        **about,
    )

    assert Said() == cases.resolved(ended, MORNING)
    assert Said() == cases.held_back(held_back, MORNING)
    assert Said() != cases.held_back(replace(held_back, customer_id="c-2"), MORNING)
    assert [] == [key for key, _ in cases.changes() if PUBLISHED.customer_id.encode() in key]


def test_who_is_a_customer_again_is_somebody_else():
    later = replace(TOLD.alert, alert_id="b", occurred_at=MORNING + 1, detected_at=MORNING + 1)
    cases = Cases(Settings().notify_rules(), THEIRS)

    assert [PUBLISHED.customer_id] == [order.alert.customer_id for _, order in cases.alert(later, MORNING).orders]


def test_what_is_still_to_be_written_names_them_no_more():
    """Orders that no desk has read have their fate at once; a fate that they had keeps its word, without them."""
    again = Again(case_id=CASE, match_id="m", customer_id=PUBLISHED.customer_id, occurred_at=MORNING, reason="cooldown")
    was = delivery(TOLD.alert, CASE, ROUTING, Fate.DELIVERED, FateReason.SENT, MORNING)
    orders, deliveries = unsent([(CHANNEL, TOLD), (CHANNEL, again), (CHANNEL, COLLEAGUE)], [was], THEIRS, MORNING)

    assert [(CHANNEL, COLLEAGUE)] == orders
    assert [("", "delivered"), ("", "erased")] == [(each.customer_id, each.fate) for each in deliveries]


def looks(*customer_ids):
    pricing = PageCategory.PRICING
    return tuple(
        Look(occurred_at=MORNING, customer_id=each, event_id=f"of {each}", category=pricing) for each in customer_ids
    )


@pytest.mark.parametrize("order", [TOLD, Raised(case_id="b", together=Together()), COLLEAGUE])
def test_nor_do_orders_that_speak_of_others_beside_them(order):
    """Neither those that are still to be written nor those that a desk reads later."""
    both = replace(order, together=Together(alert_ids=("b",), looks=looks(PUBLISHED.customer_id, "c-3")))
    ours = Erasures([erasure(PUBLISHED.customer_id, MORNING)])
    kept, _ = unsent([(CHANNEL, both)], [], ours, MORNING)
    desk = Desk(CHANNEL, Settings().notify_rules(), ours)
    desk.take(replace(COLLEAGUE, case_id="b"), MORNING)
    desk.take(both, MORNING)

    assert all(looks("c-3") == one.together.looks for _, one in kept)
    assert not any(PUBLISHED.customer_id == look.customer_id for one in desk.messages() for look in one.looks)


def test_another_who_is_erased_while_a_list_is_overwritten_is_taken_out_of_it_too():
    """A bundle of two companies loses one person, and the other one before the sink has answered."""
    desk, _ = told(MORNING)
    other = replace(COLLEAGUE, case_id="b", alert=replace(COLLEAGUE.alert, account_id="a-2"))
    shared = replace(OWN, shared=True)
    said(desk, Sent(place=shared))
    desk.take(other, MORNING)
    said(desk, Sent(place=shared))
    desk.erase(THEIRS, MORNING)
    parcel = desk.next(MORNING)
    desk.erase(Erasures([erasure("c-2", MORNING)]), MORNING)
    desk.settle(parcel, Sent(), MORNING)

    assert ("erase", shared, []) == said(desk)
    assert desk.next(MORNING + DAY) is None


def test_a_parked_task_that_showed_them_is_tried_again_without_them():
    crm = Target(sink=Sink.SALESFORCE, kind=AddressKind.QUEUE, address="cs")
    desk, _ = told(MORNING, crm)
    said(desk, Sent(place=OWN))
    desk.take(replace(COLLEAGUE, routing=replace(ROUTING, target=crm)), MORNING)
    said(desk, Refused(why=f"no: {PUBLISHED.customer_id}"))
    desk.erase(THEIRS, MORNING)

    assert ("update", OWN, ["c-2"]) == said(desk)


def test_what_is_left_of_a_message_waits_and_is_reminded_of_as_it_would_be_alone():
    """They were high: a low alert of a colleague waits for the digest, and nobody is reminded of a medium one."""
    waiting, _ = told(NIGHT)
    waiting.take(colleague(Severity.LOW), NIGHT)
    waiting.erase(THEIRS, NIGHT)
    open_, _ = told(MORNING)
    open_.take(colleague(Severity.MEDIUM), MORNING)
    said(open_, Sent(place=OWN))
    open_.erase(THEIRS, MORNING)

    assert {Stage.DIGEST: 1} == waiting.counts()
    assert ("update", OWN, ["b"]) == said(open_)
    assert open_.next(MORNING + 6 * HOUR) is None


def test_a_message_of_which_nothing_else_holds_is_done():
    desk, _ = told(MORNING)
    desk.take(COLLEAGUE, MORNING)
    said(desk)
    desk.take(Resolved(case_id=CASE, alert_id="b", reason=ResolvedReason.SOLVED, at=MORNING), MORNING)
    desk.erase(THEIRS, MORNING)

    assert {Stage.DONE: 1} == desk.counts()


def colleague(severity):
    return replace(COLLEAGUE, alert=replace(COLLEAGUE.alert, severity=severity, customer_id="b"))


def test_a_list_of_before_that_was_made_anew_is_so_again_when_another_of_it_is_erased():
    """The message stood in a list, has a place of its own since, and was shown in the list with whom it has now."""
    desk, _ = told(MORNING)
    shared = replace(OWN, shared=True)
    said(desk, Sent(place=shared))
    desk._shelf.put(replace(desk._shelf.messages[CASE], stage=Stage.HELD, told=None, unsaid=(CASE,), send_at=MORNING))
    said(desk, Sent(place=replace(OWN, id="2")))
    desk.take(COLLEAGUE, MORNING)
    said(desk, Sent(place=replace(OWN, id="3")))
    desk._shelf.put(replace(desk._shelf.messages[CASE], wipe=(shared,), todo=()))
    assert ("erase", shared, ["c-1", "c-2"]) == said(desk)
    desk.erase(Erasures([erasure("c-2", MORNING)]), MORNING)

    assert ("erase", shared, ["c-1"]) in [said(desk), said(desk)]
