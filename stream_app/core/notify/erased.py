"""What is of somebody who was erased: notify reads it, but tells nobody, and writes it nowhere."""

from collections.abc import Iterable

from msgspec.structs import replace

from stream_app.core.alerts import PublishedAlert
from stream_app.core.erasure import Erasures
from stream_app.core.events import Micros
from stream_app.core.notify.fates import Delivery, Fate, FateReason, delivery, nameless
from stream_app.core.notify.orders import Again, Contacted, Escalated, Order, Raised, Solved, Told
from stream_app.core.notify.together import Look
from stream_app.core.routing import Target


def is_erased(alert: PublishedAlert, erasures: Erasures) -> bool:
    """Tell whether an alert happened, or was made, before its customer was erased."""
    made_at = alert.occurred_at if alert.detected_at is None else min(alert.occurred_at, alert.detected_at)
    return bool(alert.customer_id) and erasures.erased_by(alert.customer_id, made_at)


def is_of_erased(order: Order, erasures: Erasures) -> bool:
    """Tell whether an order speaks of somebody who was erased after what it says."""
    match order:
        case Told(alert=alert) | Escalated(alert=alert):
            return is_erased(alert, erasures)
        case Again(customer_id=customer_id, occurred_at=at):
            return erasures.erased_by(customer_id, at)
        case Contacted(customer_id=customer_id, at=at) | Solved(customer_id=customer_id, at=at):
            return erasures.erased_by(customer_id, at)
    return False


def still_there(looks: tuple[Look, ...], erasures: Erasures) -> tuple[Look, ...]:
    """Return the looks of those who were not erased since."""
    return tuple(look for look in looks if not erasures.erased_by(look.customer_id, look.occurred_at))


def without_erased(order: Order, erasures: Erasures) -> Order:
    """Return an order that names nobody beside who was erased since; what was more severe for them stays so."""
    if not isinstance(order, Told | Escalated | Raised) or not order.together.looks:
        return order
    return replace(order, together=replace(order.together, looks=still_there(order.together.looks, erasures)))


def anonymous(order: Told) -> Told:
    """Return the order with nothing of its customer but that there was an alert."""
    alert = order.alert
    nobody = PublishedAlert(
        alert_id=alert.alert_id,
        intent=alert.intent,
        rule_id=alert.rule_id,
        severity=alert.severity,
        polarity=alert.polarity,
        account_id="" if alert.account_id == alert.customer_id else alert.account_id,
        occurred_at=alert.occurred_at,
        rule_set=alert.rule_set,
        reason="",
        evidence=(),
    )
    return replace(order, alert=nobody)


def fate_of_erased(order: Told, case_id: str, now: Micros) -> Delivery:
    """Return what becomes of an alert whose customer was erased before its target heard of it."""
    return delivery(order.alert, case_id, order.routing, Fate.ERASED, FateReason.ERASED, now)


def unsent(
    orders: Iterable[tuple[Target, Order]], deliveries: Iterable[Delivery], erasures: Erasures, now: Micros
) -> tuple[list[tuple[Target, Order]], list[Delivery]]:
    """Return what is still to be written without those who were erased; an alert that nobody hears of has its fate."""
    kept: list[tuple[Target, Order]] = []
    fates = [nameless(each) if erasures.holds(each.customer_id) else each for each in deliveries]
    for target, order in orders:
        if not is_of_erased(order, erasures):
            kept.append((target, without_erased(order, erasures)))
        elif isinstance(order, Told):
            fates.append(fate_of_erased(order, order.case_id, now))
    return kept, fates
