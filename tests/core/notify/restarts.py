"""Machines that are stopped and started again between two calls, and sinks that fail."""

from stream_app.core.notify.cases import Cases, Said
from stream_app.core.notify.desk import Desk
from stream_app.core.notify.keys import ACCOUNT, desk_of
from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Failed, Refused, Sent
from stream_app.notify_simulation import NEW


class RestartedCases:
    """Cases that lose everything but their changelog whenever `dies` says so."""

    def __init__(self, rules, dies, make=None):
        self.make, self.dies, self.log = make or (lambda: Cases(rules)), dies, {}
        self.cases = self.make()

    def looked(self):
        """Do nothing; whoever wants to look at the log after each call puts itself here."""

    def __getattr__(self, name):
        """Return the method, followed by what a worker does after it: it writes down what changed, and may die."""

        def call(*arguments):
            answer = getattr(self.cases, name)(*arguments)
            self.log.update(self.cases.changes())
            self.looked()
            if self.dies():
                self.restore()
            return answer

        return call

    def restore(self):
        self.cases = self.make()
        for key, value in self.log.items():
            if value is not None:
                self.cases.load(key.removeprefix(ACCOUNT).decode(), value)


class RestartedDesk:
    """A desk that loses everything but its changelog whenever `dies` says so; what it gave out it must have kept."""

    def __init__(self, target, rules, dies, make=None):
        self.target, self.dies, self.make = target, dies, make or (lambda: Desk(target, rules))
        self.log, self.desk = {}, self.make()
        self.told, self.asked = [], []

    def __getattr__(self, name):
        """Return the method, followed by what a worker does after it: it writes down what changed, and may die."""

        def call(*arguments):
            answer = getattr(self.desk, name)(*arguments)
            self.told += self.desk.deliveries()
            self.asked += self.desk.orders()
            self.log.update(self.desk.changes())
            self.looked()
            if self.dies():
                self.restart()
            return answer

        return call

    def looked(self):
        """Do nothing, as above."""

    def deliveries(self):
        given, self.told = self.told, []
        return given

    def orders(self):
        given, self.asked = self.asked, []
        return given

    def restart(self):
        self.desk = self.make()
        for key, value in self.log.items():
            if value is not None:
                self.desk.load(desk_of(key)[1], value)


def unreliable(draw):
    """Return a sink that answers as drawn, and notes every try."""
    tries = []

    def sink(parcel, at):
        match draw():
            case "failed" | "unsure" as answer:
                outcome = Failed(why=answer, unsure=answer == "unsure")
            case "refused":
                outcome = Refused(why="refused")
            case "nowhere":
                outcome = Sent()
            case _:
                place = Place(channel=parcel.target.address, id=f"{parcel.id}@{at}")
                outcome = Sent(place=place if parcel.kind in NEW else None)
        tries.append((at, parcel, outcome))
        return outcome

    return sink, tries


class LossyCases(RestartedCases):
    """Cases that die, whenever `dies` says so, after they spoke and before anything was kept: they read it again.

    A view's topic may be ahead of an alert's then, or behind it; alerts keep their order. What is read last is kept.
    """

    def __init__(self, rules, dies):
        super().__init__(rules, lambda: False)
        self.loses, self.lost = dies, []

    def read(self, name, record, now):
        """Return what is said of a record, and of those that come again before it and after it."""
        before = [one for one in self.lost if name == one[0] == "alert"]
        said = [self.kept(*one, now) for one in before]
        self.lost = [one for one in self.lost if one not in before]
        if self.loses():
            self.lost.append((name, record))
            said.append(getattr(self.cases, name)(record, now))
            self.restore()
        else:
            after, self.lost = self.lost, []
            said += [self.kept(*one, now) for one in [(name, record), *after]]
        return Said(
            orders=tuple(order for one in said for order in one.orders),
            deliveries=tuple(fate for one in said for fate in one.deliveries),
        )

    def kept(self, name, record, now):
        """Return what is said of a record, which is not lost this time."""
        said = getattr(self.cases, name)(record, now)
        self.log.update(self.cases.changes())
        return said

    def alert(self, alert, now):
        return self.read("alert", alert, now)

    def viewed(self, view, now):
        return self.read("viewed", view, now)
