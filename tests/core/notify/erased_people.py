"""People of accounts, whose every text bears their mark, some of whom are erased; and what stands of them where."""

from random import Random

import msgspec
from msgspec.structs import replace

from stream_app.core.alerts import AccountView, Evidence, PublishedAlert
from stream_app.core.contact import ContactHours
from stream_app.core.erasure import Erasure, Erasures, hash_of
from stream_app.core.events import MINUTE, SECOND
from stream_app.core.language import Language
from stream_app.core.notify.cases import Cases
from stream_app.core.notify.desk import Desk
from stream_app.core.notify.message import Place
from stream_app.core.notify.orders import Contacted
from stream_app.core.notify.parcels import Failed, Kind, Refused, Sent
from stream_app.core.pages import PageCategory
from stream_app.notify_simulation import simulate_notify
from stream_app.playbooks import load_playbooks
from stream_app.render import Reader, letter
from stream_app.render.plain_letters import plain_letter
from tests.core.notify.histories import until
from tests.core.notify.machines import heard, rules_of
from tests.core.notify.restarts import RestartedCases, RestartedDesk

SALT = "00" * 16
EDITS = (Kind.UPDATE, Kind.ERASE)
PLAYBOOKS = load_playbooks()
SEEN = (PublishedAlert, AccountView)


def mark(customer_id):
    """Return what nobody else's texts have in them."""
    return f"<{customer_id}>"


def peopled(history, random):
    """Return the history with two people in each account, who look at pages, and some alerts of people without one."""
    people = [(at, _of_somebody(one, random) if isinstance(one, PublishedAlert) else one) for at, one in history]
    alerts = [(at, one) for at, one in people if isinstance(one, PublishedAlert) and one.account_id]
    looks = [(at, _look(alert, f"look-{n}", random)) for n, (at, alert) in enumerate(alerts) if random.random() < 0.7]
    return sorted([*people, *looks], key=lambda one: one[0])


def _look(alert, event_id, random):
    customer_id = random.choice([alert.customer_id or mark("somebody"), mark(f"colleague of {alert.account_id}")])
    return AccountView(
        account_id=alert.account_id,
        customer_id=customer_id,
        name=f"name of {customer_id}",
        category=PageCategory.PRICING,
        occurred_at=alert.occurred_at - random.choice([0, 30 * MINUTE]),
        event_id=event_id,
    )


def _of_somebody(alert, random):
    if not alert.customer_id:
        return alert
    customer_id = mark(alert.customer_id + random.choice(["", "-2"]))
    account_id = random.choice([alert.account_id, alert.account_id, ""])
    seen = Evidence(event_id="e", occurred_at=alert.occurred_at, category="pricing", title=f"title of {customer_id}")
    return replace(
        alert,
        customer_id=customer_id,
        account_id=account_id,
        customer=replace(alert.customer, name=f"name of {customer_id}"),
        evidence=(seen,),
    )


def with_erasures(history, random, most=4):
    """Return the history with erasures of some people, between other things."""
    customers = sorted({one.customer_id for _, one in history if isinstance(one, SEEN) and one.customer_id})
    chosen = random.sample(customers, min(len(customers), most))
    moments = [at for at, _ in history]
    found = [(random.choice(moments) + random.choice([0, 1, 700]) * MINUTE + 30 * SECOND, each) for each in chosen]
    return sorted([*history, *((at, erasure(each, at)) for at, each in found)], key=lambda one: one[0])


def erasure(customer_id, at):
    return Erasure(hash=hash_of(customer_id, SALT), salt=SALT, erased_at=at, upto={})


class Erased:
    """A history played with machines that die and a sink that fails, and all that stands anywhere after each step."""

    def __init__(self, history, world, seed, *, answers=("sent",), dying=0.1):
        self.random, self.rules = Random(seed), rules_of(world)
        self.history = with_erasures(peopled(history, self.random), self.random)
        self.answers, self.known, self.gone = answers, Erasures(), {}  # gone: mark → when
        self.desks, self.texts, self.leaks, self.excused = {}, {}, [], set()
        self.dies = lambda: self.random.random() < dying
        self.cases = self._watched(RestartedCases(self.rules, self.dies, lambda: Cases(self.rules, self.known)))
        self.done = simulate_notify(self._heard(), self.cases, self._desk, until=until(history), sinks=self._sink)

    def _heard(self):
        again = self._again()
        for at, one in heard(self.history):
            if isinstance(one, Erasure):
                yield at, Contacted(customer_id="nobody", at=at)  # until now nobody knows
                self.known.add(one)
                for customer_id in {each.customer_id for _, each in self.history if hasattr(each, "customer_id")}:
                    if hash_of(customer_id, SALT) == one.hash and customer_id not in again:
                        self.gone[customer_id] = at
                        self._excuse(customer_id)
            yield at, one

    def _again(self):
        """Return who is a customer again after the erasure: what is told of them then is another person's."""
        erased = Erasures(one for _, one in self.history if isinstance(one, Erasure))
        seen = [one for _, one in self.history if isinstance(one, SEEN)]
        return {one.customer_id for one in seen if not erased.erased_by(one.customer_id, one.occurred_at)}

    def _excuse(self, customer_id):
        """Note which texts stand for ever: their messages were done or begun anew before, so nobody knows of whom."""
        for (target, place), (text, alerts) in self.texts.items():
            shown = {alert.alert_id for alert in alerts}
            kept = [
                one for one in self.desks[target].desk.messages() for alert in one.alerts if alert.alert_id in shown
            ]
            named = {one.customer_id for message in kept for one in (*message.alerts, *message.looks)}
            if customer_id in text and customer_id not in named:
                self.excused.add((target, place))

    def _desk(self, target):
        desk = RestartedDesk(target, self.rules, self.dies, lambda: Desk(target, self.rules, self.known))
        self.desks[target] = desk
        return self._watched(desk)

    def _watched(self, machine):
        machine.looked = lambda: self._look(machine)
        return machine

    def _look(self, machine):
        """Note what the changelog of a machine says of people who are gone; the parcel of a moment ago is no state."""
        kept = b"".join(key + value for key, value in machine.log.items() if value is not None)
        self.leaks += [customer_id for customer_id in self.gone if customer_id.encode() in kept]

    def _sink(self, parcel, at):
        self.leaks += [one for one in self.gone if one.encode() in msgspec.json.encode(parcel)]
        match self.random.choice(self.answers):
            case "failed" | "unsure" as answer:
                return Failed(why=answer, unsure=answer == "unsure")
            case "refused":
                return Refused(why="refused")
        place = parcel.place if parcel.kind in EDITS else self._place(parcel, at)
        alerts = [alert for one in parcel.messages for alert in one.alerts]
        self.texts[parcel.target, place] = text_of(parcel, at, self.rules), alerts
        return Sent(place=None if parcel.kind in EDITS else place)

    def _place(self, parcel, at):
        shared = parcel.kind in (Kind.BUNDLE, Kind.DIGEST)
        return Place(channel=parcel.target.address, id=f"{parcel.id}@{at}", shared=shared)

    def standing(self):
        """Return which texts name somebody who is gone."""
        return [
            (customer_id, target, place)
            for (target, place), (text, _) in self.texts.items()
            for customer_id in self.gone
            if customer_id in text and (target, place) not in self.excused
        ]


def ids(message):
    return {alert.alert_id for alert in message.alerts}


def text_of(parcel, now, rules):
    """Return what a reader sees."""
    routing = parcel.messages[0].routing
    reader = Reader(language=Language.JA, hours=rules.hours(parcel.target, routing.person))
    said = letter(parcel, reader, now=now, playbooks=PLAYBOOKS, people=rules.people, contact=ContactHours())
    return plain_letter(said)
