"""Machines that are stopped and started again between two calls, and sinks that fail."""

from stream_app.core.notify.cases import Cases
from stream_app.core.notify.desk import Desk
from stream_app.core.notify.keys import ACCOUNT, desk_of
from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Failed, Refused, Sent
from stream_app.notify_simulation import NEW


class RestartedCases:
    """Cases that lose everything but their changelog whenever `dies` says so."""

    def __init__(self, rules, dies):
        self.rules, self.dies, self.log, self.cases = rules, dies, {}, Cases(rules)

    def __getattr__(self, name):
        """Return the method, followed by what a worker does after it: it writes down what changed, and may die."""

        def call(*arguments):
            answer = getattr(self.cases, name)(*arguments)
            self.log.update(self.cases.changes())
            if self.dies():
                self.cases = Cases(self.rules)
                for key, value in self.log.items():
                    if value is not None:
                        self.cases.load(key.removeprefix(ACCOUNT).decode(), value)
            return answer

        return call


class RestartedDesk:
    """A desk that loses everything but its changelog whenever `dies` says so; what it gave out it must have kept."""

    def __init__(self, target, rules, dies):
        self.target, self.rules, self.dies = target, rules, dies
        self.log, self.desk = {}, Desk(target, rules)
        self.told, self.asked = [], []

    def __getattr__(self, name):
        """Return the method, followed by what a worker does after it: it writes down what changed, and may die."""

        def call(*arguments):
            answer = getattr(self.desk, name)(*arguments)
            self.told += self.desk.deliveries()
            self.asked += self.desk.orders()
            self.log.update(self.desk.changes())
            if self.dies():
                self.restart()
            return answer

        return call

    def deliveries(self):
        given, self.told = self.told, []
        return given

    def orders(self):
        given, self.asked = self.asked, []
        return given

    def restart(self):
        self.desk = Desk(self.target, self.rules)
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
