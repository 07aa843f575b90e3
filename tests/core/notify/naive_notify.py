"""An independent judge: what notify says of a whole history, minute by minute, by the text of the decision alone."""

from collections import deque
from dataclasses import dataclass

from stream_app.core.events import MINUTE
from stream_app.core.notify.orders import Contacted, Escalated, Solved
from stream_app.core.routes import Routes
from stream_app.core.routing import route
from tests.core.notify.naive_cases import NO_FACTS, NaiveCases
from tests.core.notify.naive_desk import NaiveDesk


@dataclass
class Verdict:
    """What must be said, as (minute, target, kind, case ids), and each alert's (id, route, fate, reason)."""

    said: list
    fates: list


def judge(history, world, until):
    """Return what must come of a history: pairs of a whole minute and what happens then, in order of time."""
    cases, desks, left, heard = NaiveCases(world), {}, deque(history), 0
    for now in range(left[0][0] if left else until, until, MINUTE):
        while left and left[0][0] == now:
            tell(left.popleft()[1], now, cases, desks)
            heard = now
        if now > heard + 31 * MINUTE and not any(hours.is_open(now) for hours in world.calendars.values()):
            continue  # nobody is there, and what waited for quiet has gone
        for desk in list(desks.values()):
            desk.minute(now)
            escalate(desk, now, desks)
    said = [one for desk in desks.values() for one in desk.said]
    return Verdict(
        said=sorted(said, key=repr), fates=cases.fates + [one for desk in desks.values() for one in desk.fates]
    )


def tell(what, now, cases, desks):
    """Pass on what happened to whom it concerns."""
    everybody = isinstance(what, Contacted | Solved)
    orders = [(target, what) for target in desks] if everybody else cases.hear(what, now)
    for target, order in orders:
        desks.setdefault(target, NaiveDesk(target, cases.world)).hear(order, now)


def escalate(desk, now, desks):
    """Tell the second target what nobody took up."""
    world, orders = desk.world, desk.orders
    desk.orders = []
    for target, matter in orders:
        routing = route(NO_FACTS, Routes(ordered=(), fallback=world.routes.fallback), world.people, now)[0]
        order = Escalated(case_id=matter.case_id, alert=matter.head, routing=routing, of="")
        second = desks.setdefault(target, NaiveDesk(target, world))
        second.hear(order, now)
        second.minute(now)
