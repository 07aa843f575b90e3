"""Random histories in wire form, on a grid of times where the boundaries of all rules really meet.

A history is a list of steps. Each lies some gap after the latest before it, or exactly one of the lengths that the
rules know (or a microsecond beside it) after or before some earlier step: so ties, exact boundaries and their
neighbours are common rather than lucky.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from hypothesis import strategies as st

from tests.acceptance.naive import Topics, Wire
from tests.acceptance.wire import US, D, H, M, S, Step, buy, clock, erase, interact, profile, topics_of, view

ZERO = timedelta(0)
NEAR = [ZERO, US, S, 30 * S, M - US, M, M + US, 10 * M]
HOURS = [10 * M, H - US, H, H + US, 6 * H, 8 * H]
DAYS = [12 * H, D - US, D, D + US, 3 * D, 7 * D - US, 7 * D]
MONTHS = [7 * D, 15 * D, 30 * D - US, 30 * D, 31 * D]
TEMPOS = [[*NEAR, *HOURS], [*NEAR, *HOURS, D], [*NEAR, *HOURS, *DAYS], [M, H, *HOURS, *DAYS, *MONTHS]]
LENGTHS = [length + beside for length in (ZERO, M, H, D, 7 * D, 30 * D) for beside in (-US, ZERO, ZERO, US)]
PATHS = {
    "cancellation": ["/kaiyaku", "/mypage/cancel", "/%E8%A7%A3%E7%B4%84/"],
    "pricing": ["/pricing", "/料金?plan=pro"],
    "help": ["/docs/a", "/DOCS/A/", "/docs/b?x=1", "/faq/c", "/help/d#e", "/manual/e", "/help/cancel", "/仕様"],
    "other": ["/", "/blog/pricing-psychology", "/order/1/cancel", "/mail/unsubscribe"],
}
AGENTS = ["", "", "", "", "", "", "Mozilla/5.0", "Mozilla/5.0 (compatible; Googlebot/2.1)"]
STAFF = "staff-1"

Choice = TypeVar("Choice")


@dataclass(frozen=True)
class World:
    """What one history draws from: few customers and help pages, so that they meet; `draw` is Hypothesis'."""

    draw: st.DrawFn
    customers: list[str]
    help_paths: list[str]
    gaps: list[timedelta]

    def one(self, choices: list[Choice]) -> Choice:
        """Draw one of them, each as likely as the next."""
        return self.draw(st.sampled_from(choices))

    def path(self, *categories: str) -> str:
        """Draw a path of one of the categories."""
        category = self.one(list(categories))
        return self.one(self.help_paths if category == "help" else PATHS[category])

    def time(self, before: list[timedelta]) -> timedelta:
        """Draw when the next step is."""
        beside = self.one([False, True, True])
        if beside and before:
            return self.one(before[-4:]) + self.one([1, 1, 1, -1]) * self.one(LENGTHS)
        return max(before, default=ZERO) + self.one(self.gaps)

    def account(self) -> dict[str, str]:
        """Draw an account, or none."""
        return self.one([{}, {}, {"account_id": "a1"}, {"account_id": "a2"}])


@st.composite
def histories(draw: st.DrawFn) -> Topics:
    """Draw a whole history by topic: up to about 80 events, sometimes with a long run of one customer's."""
    world = World(
        draw,
        draw(st.sampled_from([["c1"], ["c1"], ["c1", "c2"], ["c1", "c2", "c3", "顧客4"]])),
        PATHS["help"][: draw(st.integers(1, 8))],
        draw(st.sampled_from(TEMPOS)),
    )
    steps: list[Step] = []
    times: list[timedelta] = []
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=world.one([1, 20, 40]), max_size=80))
    for number, kind in enumerate(kinds):
        times.append(world.time(times))
        steps.append(kind(world, f"e{number}", times[-1], steps))
    if draw(st.integers(0, 9)) == 9:
        place = draw(st.integers(0, len(steps)))
        steps[place:place] = _run(world, times)
    return topics_of(steps)


def _run(world: World, times: list[timedelta]) -> list[Step]:
    """Draw more than 64 views or purchases of one customer in a row, to push out what is kept."""
    start, every = world.time(times), world.one([ZERO, US, S, M - US, M, H])
    count, customer = world.draw(st.integers(60, 70)), world.one(world.customers)
    if world.draw(st.booleans()):
        paths = [world.path("cancellation", "pricing", "help", "help") for _ in range(world.draw(st.integers(1, 6)))]
        return [view(f"r{i}", start + i * every, paths[i % len(paths)], customer) for i in range(count)]
    kind = world.one(["completed", "renewed", "refunded"])
    orders = [{"order_id": f"o{i}"} if kind == "refunded" else {} for i in range(count)]
    return [buy(f"r{i}", start + i * every, "100", customer, kind=kind, **orders[i]) for i in range(count)]


def _view(world: World, event_id: str, at: timedelta, before: list[Step]) -> Step:
    path = world.path("cancellation", "pricing", "pricing", "pricing", "help", "help", "other")
    more = {"user_agent": world.one(AGENTS)} | world.account()
    return view(event_id, at, path, world.one(world.customers), **more)


def _help(world: World, event_id: str, at: timedelta, before: list[Step]) -> Step:
    return view(event_id, at, world.path("help"), world.one(world.customers))


def _nobody(world: World, event_id: str, at: timedelta, before: list[Step]) -> Step:
    return view(event_id, at, world.path("cancellation", "pricing", "help"), world.one([None, "", STAFF]))


def _buy(world: World, event_id: str, at: timedelta, before: list[Step]) -> Step:
    texts = {
        "kind": world.one(["completed", "completed", "renewed", "renewed", "refunded", "cancelled"]),
        "order_id": world.one(["", "", "o1", "o2"]),
        "plan": world.one(["", "pro", "pro", "basic"]),
        "product_id": world.one(["", "p1"]),
        "currency": world.one(["JPY", "JPY", "JPY", "USD"]),
    }
    amount = world.one(["100", "100", "100.00", "200"])
    texts = {key: text for key, text in texts.items() if text}
    return buy(event_id, at, amount, world.one(world.customers), **texts)


def _profile(world: World, event_id: str, at: timedelta, before: list[Step]) -> Step:
    stage = world.one(["lead", "churned", "active", "active", "active", "onboarding", ""])
    return profile(at, stage, world.one(world.customers), **world.account())


def _erase(world: World, event_id: str, at: timedelta, before: list[Step]) -> Step:
    whole = at - timedelta(microseconds=at.microseconds % 1000)  # a record's time is in milliseconds
    return erase(whole, world.one(world.customers))


def _interact(world: World, event_id: str, at: timedelta, before: list[Step]) -> Step:
    return interact(event_id, at, world.one(["inquiry", "complaint", "contacted"]), world.one(world.customers))


def _again(world: World, event_id: str, at: timedelta, before: list[Step]) -> Step:
    """Repeat an earlier record: as it was, at another time, or only its id on another page."""
    if not before:
        return _view(world, event_id, at, before)
    topic, record = world.one(before)
    if isinstance(record, tuple):
        return topic, record
    moved: Wire = world.one([{}, {}, {"occurred_at": clock(at)}])
    if topic == "page-views" and world.draw(st.booleans()):
        moved = moved | {"url": "https://example.com" + world.path("cancellation", "pricing", "help")}
    return topic, record | moved


KINDS: list[Callable[[World, str, timedelta, list[Step]], Step]] = [
    *[_view] * 10,
    *[_help] * 8,
    *[_buy] * 8,
    *[_again] * 2,
    *(_nobody, _profile, _profile, _interact, _erase),
]
