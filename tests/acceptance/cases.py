"""Small histories with what must come of them, worked out by hand: the decisions page, sentence by sentence.

Steps stand in the order of their topics; between topics the earliest head goes first, as in a partition.
Nothing here knows an implementation: the same table runs through the naive judge and the product.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.acceptance.naive import BUDGET, CHURN, SUPPORT, UPGRADE
from tests.acceptance.wire import (
    CANCEL,
    DOCS,
    HELP,
    HOME,
    PRICE,
    START,
    US,
    D,
    H,
    M,
    S,
    Step,
    buy,
    erase,
    interact,
    profile,
    view,
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A history, and the alerts and fates by hand; `unused` counts duplicates and ignored events."""

    name: str
    steps: list[Step]
    alerts: list[tuple[str, str]] = field(default_factory=list)  # rule, event
    fates: list[tuple[str, str, str]] = field(default_factory=list)  # rule, event, reason
    unused: dict[str, int] = field(default_factory=dict)
    alerts_from: datetime | None = None
    judge_unknown: bool = True


def pages(count: int, every: timedelta, path: str = "/docs/{}", prefix: str = "v") -> list[Step]:
    """Return that many views, `{}` in the path standing for the number of each."""
    return [view(f"{prefix}{i}", i * every, path.format(i)) for i in range(count)]


PLAIN = [
    Case(name="a cancellation page is a churn alert", steps=[view("v", 0 * H, CANCEL)], alerts=[(CHURN, "v")]),
    Case(name="a pricing page alone is a budget alert", steps=[view("v", 0 * H, PRICE)], alerts=[(BUDGET, "v")]),
    Case(name="other pages say nothing", steps=[view("v", 0 * H, HOME), view("w", H, "/blog/pricing-psychology")]),
    Case(name="one help page says nothing", steps=[view("v", 0 * H, HELP)]),
    Case(
        name="customers do not touch each other",
        steps=[view("v", 0 * H, CANCEL, "c1"), view("w", H, PRICE, "c2"), view("x", H, CANCEL, "c2")],
        alerts=[(CHURN, "v"), (BUDGET, "w"), (CHURN, "x")],
    ),
    Case(
        name="times with different offsets are the same time",
        steps=[
            view("v", 0 * H, CANCEL),
            view("w", 0 * H, CANCEL, occurred_at="2025-01-07T08:59:59.999999+09:00"),
            view("x", 0 * H, CANCEL, occurred_at="2025-01-06T19:00:00-05:00"),
        ],
        alerts=[(CHURN, "v"), (CHURN, "x")],
        fates=[(CHURN, "w", "cooldown")],
    ),
]

FATE_OF_EVENTS = [
    Case(
        name="a view without a customer is ignored",
        steps=[view("v", 0 * H, CANCEL, None), view("w", 0 * H, CANCEL, "")],
        unused={"ignored": 2},
    ),
    Case(
        name="a bot's view is ignored, does not age others and leaves its id free",
        steps=[
            view("v", 9 * D, PRICE, user_agent="Mozilla/5.0 (compatible; Googlebot/2.1)"),
            view("v", 0 * H, PRICE),
        ],
        alerts=[(BUDGET, "v")],
        unused={"ignored": 1},
    ),
    Case(
        name="an event seen before changes nothing, whatever it says now",
        steps=[view("v", 0 * H, HOME), view("v", H, CANCEL), view("w", 0 * H, PRICE)],
        alerts=[(BUDGET, "w")],
        unused={"duplicate": 1},
    ),
    Case(
        name="a duplicate does not move newest",
        steps=[view("v", 0 * H, HOME), view("v", 9 * D, HOME), view("w", 0 * H, PRICE)],
        alerts=[(BUDGET, "w")],
        unused={"duplicate": 1},
    ),
    Case(
        name="event ids are shared by all topics",
        steps=[interact("e", 0 * H), buy("e", H), view("e", 2 * H, CANCEL), view("p", 3 * H, PRICE)],
        alerts=[(BUDGET, "p")],
        unused={"duplicate": 2},
    ),
    Case(
        name="the same event id of another customer is another event",
        steps=[view("e", 0 * H, CANCEL, "c1"), view("e", 0 * H, CANCEL, "c2")],
        alerts=[(CHURN, "e"), (CHURN, "e")],
    ),
    Case(
        name="the 64th last event id is remembered",
        steps=[view("v", 0 * H, CANCEL), *pages(63, S, "/x/{}", "o"), view("v", 2 * D, CANCEL)],
        alerts=[(CHURN, "v")],
        unused={"duplicate": 1},
    ),
    Case(
        name="the 65th last event id is forgotten",
        steps=[view("v", 0 * H, CANCEL), *pages(64, S, "/x/{}", "o"), view("v", 2 * D, CANCEL)],
        alerts=[(CHURN, "v"), (CHURN, "v")],
    ),
    Case(
        name="profiles have no id to remember and duplicates refresh none",
        steps=[
            view("v", 0 * H, CANCEL),
            *[profile(i * S) for i in range(1, 9)],
            *pages(60, 9 * S, "/x/{}", "o"),
            view("v", H, CANCEL),
            *[view(f"q{i}", H, HOME) for i in range(4)],
            view("v", 2 * D, CANCEL),
        ],
        alerts=[(CHURN, "v"), (CHURN, "v")],
        unused={"duplicate": 1},
    ),
    Case(
        name="a view of another page is remembered too",
        steps=[view("v", 0 * H, HOME), view("v", H, CANCEL)],
        unused={"duplicate": 1},
    ),
    Case(
        name="a help view that is not counted is remembered too",
        steps=[view("a", 0 * H, HELP), view("b", S, HELP), view("b", H, CANCEL)],
        unused={"duplicate": 1},
    ),
    Case(
        name="a second completed purchase of an order is a duplicate, also when the first is void",
        steps=[
            buy("b1", 0 * D, order_id="o"),
            buy("b2", H, kind="refunded", order_id="o"),
            buy("b3", 2 * H, order_id="o"),
            view("v", 3 * H, PRICE),
        ],
        alerts=[(BUDGET, "v")],
        unused={"duplicate": 1},
    ),
    Case(
        name="a duplicate order leaves its event id free",
        steps=[buy("b1", 0 * D, order_id="o"), buy("b2", H, order_id="o"), view("b2", 2 * H, PRICE)],
        alerts=[(UPGRADE, "b2")],
        unused={"duplicate": 1},
    ),
    Case(
        name="a renewal of a known order is no duplicate",
        steps=[
            buy("b1", 0 * D, order_id="o"),
            buy("b2", 5 * D, order_id="o", kind="renewed"),
            view("b2", 6 * D, CANCEL),
        ],
        unused={"duplicate": 1},
    ),
    Case(
        name="purchases without an order are never the same order",
        steps=[buy("b1", 0 * D), buy("b2", H), view("v", 2 * H, PRICE)],
        alerts=[(UPGRADE, "v")],
    ),
    Case(
        name="an order 64 purchases ago is forgotten",
        steps=[
            buy("b", 0 * D, order_id="o"),
            *[buy(f"r{i}", 31 * D + i * S, kind="renewed") for i in range(64)],
            buy("n", 32 * D, order_id="o"),
            view("v", 33 * D, PRICE),
        ],
        alerts=[(UPGRADE, "v")],
    ),
    Case(
        name="an order 63 purchases ago is known",
        steps=[
            buy("b", 0 * D, order_id="o"),
            *[buy(f"r{i}", 31 * D + i * S, kind="renewed") for i in range(63)],
            buy("n", 32 * D, order_id="o"),
            view("v", 33 * D, PRICE),
        ],
        alerts=[(BUDGET, "v")],
        unused={"duplicate": 1},
    ),
]

PROFILES = [
    Case(
        name="leads and churned customers are not customers",
        steps=[
            profile(0 * H, "lead"),
            profile(0 * H, "churned", "c2"),
            view("v", H, CANCEL),
            view("w", H, PRICE, "c2"),
        ],
        fates=[(CHURN, "v", "not_a_customer"), (BUDGET, "w", "not_a_customer")],
    ),
    Case(
        name="an onboarding customer and a profile without stage are judged",
        steps=[
            profile(0 * H, "onboarding"),
            profile(0 * H, "", "c2"),
            view("v", H, CANCEL),
            view("w", H, CANCEL, "c2"),
        ],
        alerts=[(CHURN, "v"), (CHURN, "w")],
    ),
    Case(
        name="without judge_unknown only a known stage speaks",
        judge_unknown=False,
        steps=[
            profile(0 * H, "", "c2"),
            profile(0 * H, "active", "c3"),
            view("v", H, CANCEL),
            view("w", H, CANCEL, "c2"),
            view("x", H, CANCEL, "c3"),
        ],
        alerts=[(CHURN, "x")],
        fates=[(CHURN, "v", "not_a_customer"), (CHURN, "w", "not_a_customer")],
    ),
    Case(
        name="an older profile that arrives later changes nothing",
        steps=[profile(2 * H, "lead"), profile(H, "active"), view("v", 3 * H, CANCEL)],
        fates=[(CHURN, "v", "not_a_customer")],
    ),
    Case(
        name="of two profiles of one time the later in the stream wins",
        steps=[profile(H, "lead"), profile(H, "active"), view("v", 3 * H, CANCEL)],
        alerts=[(CHURN, "v")],
    ),
    Case(
        name="a profile is whole: a stage left out is no stage",
        steps=[profile(H, "lead"), profile(2 * H, ""), view("v", 3 * H, CANCEL)],
        alerts=[(CHURN, "v")],
    ),
    Case(
        name="profiles and interactions move newest",
        steps=[
            view("u", 0 * H, HOME, "c1"),
            view("t", 9 * H, HOME, "c0"),
            view("v", 0 * H, PRICE, "c1"),
            view("w", 0 * H, PRICE, "c2"),
            profile(H + US, "active", "c1"),
            interact("i", H + US, customer="c2"),
        ],
        fates=[(BUDGET, "v", "late"), (BUDGET, "w", "late")],
    ),
    Case(
        name="a tombstone erases profile, cooldown, ids and time",
        steps=[
            view("v", 9 * D, CANCEL),
            erase(9 * D + H),
            view("w", 9 * D + H, HOME),
            view("v", 9 * D + 2 * H, CANCEL),
        ],
        alerts=[(CHURN, "v"), (CHURN, "v")],
    ),
    Case(
        name="a tombstone erases purchases, voids and the lead",
        steps=[
            profile(0 * H, "lead"),
            buy("b", 0 * H, order_id="o"),
            buy("x", H, kind="cancelled", order_id="o2"),
            erase(2 * H),
            view("v", 3 * H, PRICE),
            buy("c", 4 * H, order_id="o2"),
            view("w", 8 * D, PRICE),
        ],
        alerts=[(BUDGET, "v"), (UPGRADE, "w")],
    ),
    Case(
        name="after a tombstone an older profile counts",
        steps=[profile(5 * H, "active"), erase(6 * H), profile(0 * H, "lead"), view("v", 7 * H, CANCEL)],
        fates=[(CHURN, "v", "not_a_customer")],
    ),
]

HELP_RULE = [
    Case(name="the third view of a page speaks", steps=pages(3, M, HELP), alerts=[(SUPPORT, "v2")]),
    Case(
        name="later views of the page match as well and end in the cooldown",
        steps=pages(4, M, DOCS),
        alerts=[(SUPPORT, "v2")],
        fates=[(SUPPORT, "v3", "cooldown")],
    ),
    Case(name="views 59.999999 s apart count once", steps=pages(5, M - US, HELP), alerts=[(SUPPORT, "v4")]),
    Case(
        name="a late view just before a counted one is not counted",
        steps=[view("a", M, HELP), view("b", US, HELP), view("c", 2 * M, HELP)],
    ),
    Case(
        name="a late view a minute before a counted one is counted",
        steps=[view("a", M, HELP), view("b", 0 * M, HELP), view("c", 2 * M, HELP)],
        alerts=[(SUPPORT, "c")],
    ),
    Case(
        name="a view exactly 24 hours old is out of the window",
        steps=[view("a", 0 * H, HELP), view("b", H, HELP), view("c", D, HELP)],
    ),
    Case(
        name="a view just younger than 24 hours is in the window",
        steps=[view("a", US, HELP), view("b", H, HELP), view("c", D, HELP)],
        alerts=[(SUPPORT, "c")],
    ),
    Case(
        name="case, query, fragment, encoding and a trailing slash do not make another page",
        steps=[
            view("a", 0 * H, "/help/setup/?q=1"),
            view("b", H, "/HELP/Setup#top"),
            view("c", 2 * H, "/help/s%65tup"),
        ],
        alerts=[(SUPPORT, "c")],
    ),
    Case(
        name="the same path on another host is another page",
        steps=[
            view("a", 0 * H, HELP),
            view("b", H, HELP, url="https://other.example.com/help/setup"),
            view("c", 2 * H, HELP),
        ],
    ),
    Case(name="the fifth different page speaks", steps=pages(5, S), alerts=[(SUPPORT, "v4")]),
    Case(
        name="the sixth different page matches too, a page seen before does not",
        steps=[*pages(6, S), view("again", H, "/docs/0")],
        alerts=[(SUPPORT, "v4")],
        fates=[(SUPPORT, "v5", "cooldown")],
    ),
    Case(name="four pages say nothing, also when seen twice", steps=[*pages(4, S), view("w", H, "/docs/0")]),
    Case(
        name="spec and support pages count together",
        steps=[*pages(3, H, "/docs/{}"), view("a", 3 * H, "/faq/a"), view("b", 4 * H, "/manual/b")],
        alerts=[(SUPPORT, "b")],
    ),
    Case(
        name="the first of five pages exactly 24 hours ago does not count",
        steps=[*pages(4, H), view("w", D, "/docs/w")],
    ),
    Case(
        name="a page seen in another window is new again",
        steps=[*pages(5, H), view("w", D + US, "/docs/0")],
        alerts=[(SUPPORT, "v4")],
        fates=[(SUPPORT, "w", "cooldown")],
    ),
    Case(
        name="a late view is judged by what was before it",
        steps=[*pages(4, M), view("c", 10 * M, "/docs/c"), view("late", 2 * M + S, "/docs/late")],
        alerts=[(SUPPORT, "c")],
    ),
    Case(
        name="pricing and cancellation pages are no help pages",
        steps=[view("p", -2 * S, PRICE), view("x", -S, CANCEL), *pages(4, S)],
        alerts=[(BUDGET, "p"), (CHURN, "x")],
    ),
    Case(
        name="only the last 64 views on pages that matter are kept",
        steps=[*pages(2, H, HELP), *[view(f"p{i}", 2 * H + i * S, PRICE) for i in range(62)], view("w", 4 * H, HELP)],
        alerts=[(BUDGET, "p0")],
        fates=[(BUDGET, f"p{i}", "cooldown") for i in range(1, 62)],
    ),
    Case(
        name="the 64th last view on pages that matter is kept",
        steps=[*pages(2, H, HELP), *[view(f"p{i}", 2 * H + i * S, PRICE) for i in range(61)], view("w", 4 * H, HELP)],
        alerts=[(BUDGET, "p0"), (SUPPORT, "w")],
        fates=[(BUDGET, f"p{i}", "cooldown") for i in range(1, 61)],
    ),
    Case(
        name="of more than 64 views the oldest goes, not the first that came",
        steps=[
            *pages(2, H, HELP),
            *[view(f"p{i}", 2 * H + i * S, PRICE) for i in range(61)],
            view("old", -M, PRICE),
            view("w", 4 * H, HELP),
        ],
        alerts=[(BUDGET, "p0"), (SUPPORT, "w")],
        fates=[(BUDGET, "old", "late"), *[(BUDGET, f"p{i}", "cooldown") for i in range(1, 61)]],
    ),
]

PURCHASES = [
    Case(
        name="a pricing page after a purchase is an upgrade, not a budget alert",
        steps=[buy("b", 0 * H), view("v", H, PRICE)],
        alerts=[(UPGRADE, "v")],
    ),
    Case(
        name="a purchase of the very time of the view counts",
        steps=[view("v", H, PRICE), buy("b", H)],
        alerts=[(UPGRADE, "v")],
    ),
    Case(
        name="a purchase after the view does not count",
        steps=[view("u", 0 * H, HOME), buy("b", H), view("h", 2 * H, HOME), view("v", H - US, PRICE), buy("c", 2 * H)],
        fates=[(BUDGET, "v", "late")],
    ),
    Case(
        name="a purchase exactly 30 days ago is out of the window",
        steps=[buy("b", 0 * H), view("v", 30 * D, PRICE)],
        alerts=[(BUDGET, "v")],
    ),
    Case(
        name="a purchase just younger than 30 days is in the window",
        steps=[buy("b", US), view("v", 30 * D, PRICE)],
        alerts=[(UPGRADE, "v")],
    ),
    Case(
        name="kind renewed is a renewal",
        steps=[buy("b", 0 * H, kind="renewed"), view("v", H, PRICE)],
        alerts=[(BUDGET, "v")],
    ),
    Case(
        name="the same plan at the same price is a renewal, however long ago",
        steps=[buy("a", 0 * D, plan="pro"), buy("b", 400 * D, plan="pro"), view("v", 401 * D, PRICE)],
        alerts=[(BUDGET, "v")],
    ),
    Case(
        name="the same plan for more money is new business",
        steps=[buy("a", 0 * D, plan="pro"), buy("b", 40 * D, "100.01", plan="pro"), view("v", 41 * D, PRICE)],
        alerts=[(UPGRADE, "v")],
    ),
    Case(
        name="the same plan in another currency is new business",
        steps=[
            buy("a", 0 * D, plan="pro"),
            buy("b", 40 * D, "1", plan="pro", currency="USD"),
            view("v", 41 * D, PRICE),
        ],
        alerts=[(UPGRADE, "v")],
    ),
    Case(
        name="another plan is new business even of the same product",
        steps=[
            buy("a", 0 * D, plan="pro", product_id="p"),
            buy("b", 40 * D, plan="max", product_id="p"),
            view("v", 41 * D, PRICE),
        ],
        alerts=[(UPGRADE, "v")],
    ),
    Case(
        name="without a plan the same product is a renewal, whatever plan the earlier one had",
        steps=[
            buy("a", 0 * D, plan="pro", product_id="p"),
            buy("b", 40 * D, "99", product_id="p"),
            view("v", 41 * D, PRICE),
        ],
        alerts=[(BUDGET, "v")],
    ),
    Case(
        name="neither plan nor product renews nothing",
        steps=[buy("a", 0 * D), buy("b", 40 * D), view("v", 41 * D, PRICE)],
        alerts=[(UPGRADE, "v")],
    ),
    Case(
        name="what a void purchase had cannot be renewed",
        steps=[
            buy("a", 0 * D, plan="pro", order_id="o"),
            buy("r", D, kind="cancelled", order_id="o"),
            buy("b", 40 * D, plan="pro"),
            view("v", 41 * D, PRICE),
        ],
        alerts=[(UPGRADE, "v")],
    ),
    Case(
        name="an earlier purchase that arrives late makes the later one a renewal",
        steps=[buy("b", 40 * D, plan="pro"), buy("a", 0 * D, plan="pro"), view("v", 41 * D, PRICE)],
        alerts=[(BUDGET, "v")],
    ),
    Case(
        name="of two purchases of one time the later in the stream renews",
        steps=[
            buy("a", 0 * D, plan="pro", kind="renewed"),
            buy("b", 0 * D, plan="pro"),
            view("v", D, PRICE),
            buy("c", 0 * D, customer="c2", plan="pro"),
            buy("d", 0 * D, customer="c2", plan="pro", kind="renewed"),
            view("w", D, PRICE, "c2"),
        ],
        alerts=[(BUDGET, "v"), (UPGRADE, "w")],
    ),
    Case(
        name="what left the last 64 purchases cannot be renewed",
        steps=[
            buy("a", 0 * D, plan="pro"),
            *[buy(f"r{i}", D + i * S, kind="renewed") for i in range(63)],
            buy("b", 40 * D, plan="pro"),
            view("v", 41 * D, PRICE),
        ],
        alerts=[(UPGRADE, "v")],
    ),
    Case(
        name="a purchase older than all 64 is not kept",
        steps=[
            *[buy(f"r{i}", 2 * D + i * S, kind="renewed") for i in range(64)],
            buy("a", D),
            view("v", 3 * D, PRICE),
        ],
        alerts=[(BUDGET, "v")],
    ),
]

VOIDS = [
    Case(
        name="a refund by order voids",
        steps=[buy("b", 0 * D, order_id="o"), buy("r", D, "1", kind="refunded", order_id="o"), view("v", 2 * D, PRICE)],
        alerts=[(BUDGET, "v")],
    ),
    Case(
        name="a view before the refund was judged without it",
        steps=[buy("b", 0 * D, order_id="o"), view("v", D, PRICE), buy("r", D + US, kind="refunded", order_id="o")],
        alerts=[(UPGRADE, "v")],
    ),
    Case(
        name="a cancellation that comes before its purchase voids",
        steps=[
            buy("r", 0 * D, kind="cancelled", order_id="o"),
            buy("b", 30 * D - US, order_id="o"),
            view("v", 31 * D, PRICE),
        ],
        alerts=[(BUDGET, "v")],
    ),
    Case(
        name="a cancellation 30 days before its purchase does not void",
        steps=[
            buy("r", 0 * D, kind="cancelled", order_id="o"),
            buy("b", 30 * D, order_id="o"),
            view("v", 31 * D, PRICE),
        ],
        alerts=[(UPGRADE, "v")],
    ),
    Case(
        name="a refund 30 days after its purchase does not void: its price can still be renewed",
        steps=[
            buy("b", 0 * D, order_id="o", plan="pro"),
            buy("r", 30 * D, kind="refunded", order_id="o"),
            buy("c", 31 * D, plan="pro"),
            view("v", 32 * D, PRICE),
        ],
        alerts=[(BUDGET, "v")],
    ),
    Case(
        name="a void of another order undoes nothing",
        steps=[buy("b", 0 * D, order_id="o"), buy("r", D, kind="refunded", order_id="p"), view("v", 2 * D, PRICE)],
        alerts=[(UPGRADE, "v")],
    ),
    Case(
        name="one void undoes every purchase of its order",
        steps=[
            buy("b", 0 * D, order_id="o"),
            buy("r", D, kind="refunded", order_id="o"),
            buy("n", 2 * D, kind="renewed", order_id="o", plan="pro"),
            buy("c", 3 * D, plan="pro"),
            view("v", 4 * D, PRICE),
        ],
        alerts=[(UPGRADE, "v")],
    ),
    Case(
        name="of 65 voids the first is forgotten",
        steps=[
            *[buy(f"r{i}", i * S, kind="refunded", order_id=f"o{i}") for i in range(65)],
            buy("b", D, order_id="o0"),
            view("v", 2 * D, PRICE),
        ],
        alerts=[(UPGRADE, "v")],
    ),
    Case(
        name="of 64 voids the first is remembered, those without an order do not count",
        steps=[
            *[buy(f"r{i}", i * S, kind="refunded", order_id=f"o{i}") for i in range(64)],
            buy("x", H, kind="refunded"),
            buy("b", D, order_id="o0"),
            view("v", 2 * D, PRICE),
        ],
        alerts=[(BUDGET, "v")],
    ),
    Case(
        name="without an order the sum is voided, its sign does not matter",
        steps=[buy("b", 0 * D, "100"), buy("r", D, "-100.00", kind="refunded"), view("v", 2 * D, PRICE)],
        alerts=[(BUDGET, "v")],
    ),
    Case(
        name="without an order another sum or currency undoes nothing",
        steps=[
            buy("b", 0 * D, "100"),
            buy("r", D, "99", kind="refunded"),
            buy("s", D, "100", kind="refunded", currency="USD"),
            view("v", 2 * D, PRICE),
        ],
        alerts=[(UPGRADE, "v")],
    ),
    Case(
        name="without an order only the latest is voided, the next void takes the one before",
        steps=[
            buy("b1", 0 * D),
            buy("b2", D),
            buy("r1", 2 * D, kind="refunded"),
            view("v", 3 * D, PRICE),
            buy("r2", 4 * D, kind="refunded"),
            view("w", 5 * D, PRICE),
        ],
        alerts=[(UPGRADE, "v"), (BUDGET, "w")],
    ),
    Case(
        name="without an order the latest is voided, not the first",
        steps=[buy("b1", 0 * D), buy("b2", 20 * D), buy("r", 21 * D, kind="refunded"), view("v", 31 * D, PRICE)],
        alerts=[(BUDGET, "v")],
    ),
    Case(
        name="without an order a later purchase is not voided",
        steps=[buy("r", 0 * D, kind="refunded"), buy("b", US), buy("s", 0 * D, kind="refunded"), view("v", D, PRICE)],
        alerts=[(UPGRADE, "v")],
    ),
    Case(
        name="without an order a purchase of the same time is voided",
        steps=[buy("b", 0 * D), buy("r", 0 * D, kind="cancelled"), view("v", D, PRICE)],
        alerts=[(BUDGET, "v")],
    ),
    Case(
        name="without an order a purchase 30 days old is not voided",
        steps=[
            buy("b", 0 * D, plan="pro"),
            buy("r", 30 * D, kind="refunded"),
            buy("c", 31 * D, plan="pro"),
            view("v", 32 * D, PRICE),
        ],
        alerts=[(BUDGET, "v")],
    ),
    Case(
        name="a void without an order undoes also a purchase that has one",
        steps=[buy("b", 0 * D, order_id="o"), buy("r", D, kind="refunded"), view("v", 2 * D, PRICE)],
        alerts=[(BUDGET, "v")],
    ),
]

SILENCE = [
    Case(
        name="60 minutes behind is not late, a microsecond more is",
        steps=[
            view("a", H, HOME),
            view("v", 0 * H, PRICE),
            view("b", H, HOME, "c2"),
            view("w", -US, PRICE, "c2"),
        ],
        alerts=[(BUDGET, "v")],
        fates=[(BUDGET, "w", "late")],
    ),
    Case(
        name="a cancellation page may be 24 hours behind",
        steps=[
            view("a", D, HOME),
            view("v", 0 * H, CANCEL),
            view("b", D, HOME, "c2"),
            view("w", -US, CANCEL, "c2"),
        ],
        alerts=[(CHURN, "v")],
        fates=[(CHURN, "w", "late")],
    ),
    Case(
        name="a late view updates state: two late help views and one of now are three",
        steps=[view("a", 3 * H, HOME), view("b", 0 * H, HELP), view("c", M, HELP), view("d", 3 * H, HELP)],
        alerts=[(SUPPORT, "d")],
    ),
    Case(
        name="a view older than 30 days is judged, but not kept",
        steps=[view("a", 40 * D, HOME), view("b", 0 * D, CANCEL), *[view(f"h{i}", i * H, HELP) for i in range(4)]],
        fates=[(CHURN, "b", "late")],
    ),
    Case(
        name="views are forgotten when they are 30 days older than newest",
        steps=[view("a", 0 * D, HELP), view("b", M, HELP), view("n", 30 * D, HOME), view("c", 2 * M, HELP)],
    ),
    Case(
        name="views just younger than 30 days are kept",
        steps=[view("a", US, HELP), view("b", M + US, HELP), view("n", 30 * D, HOME), view("c", 3 * M, HELP)],
        fates=[(SUPPORT, "c", "late")],
    ),
    Case(
        name="what occurred before alerts are wanted is backfill and starts no cooldown",
        alerts_from=START + H,
        steps=[view("a", H - US, CANCEL), view("b", H, CANCEL)],
        alerts=[(CHURN, "b")],
        fates=[(CHURN, "a", "backfill")],
    ),
    Case(
        name="late is asked before backfill, backfill before the stage",
        alerts_from=START + 9 * D,
        steps=[profile(0 * D, "lead"), view("a", 2 * D, PRICE), view("b", D, PRICE)],
        fates=[(BUDGET, "a", "backfill"), (BUDGET, "b", "late")],
    ),
    Case(
        name="the stage is asked before the cooldown",
        steps=[view("a", 0 * D, CANCEL), profile(H, "lead"), view("b", 2 * H, CANCEL)],
        alerts=[(CHURN, "a")],
        fates=[(CHURN, "b", "not_a_customer")],
    ),
    Case(
        name="churn speaks again after exactly 24 hours",
        steps=[view("a", 0 * D, CANCEL), view("b", D - US, CANCEL), view("c", D, CANCEL)],
        alerts=[(CHURN, "a"), (CHURN, "c")],
        fates=[(CHURN, "b", "cooldown")],
    ),
    Case(
        name="budget speaks again after exactly 7 days",
        steps=[view("a", 0 * D, PRICE), view("b", 7 * D - US, PRICE), view("c", 7 * D, PRICE)],
        alerts=[(BUDGET, "a"), (BUDGET, "c")],
        fates=[(BUDGET, "b", "cooldown")],
    ),
    Case(
        name="budget and upgrade have a cooldown each",
        steps=[view("a", 0 * D, PRICE), buy("p", D), view("b", 2 * D, PRICE), view("c", 3 * D, PRICE)],
        alerts=[(BUDGET, "a"), (UPGRADE, "b")],
        fates=[(UPGRADE, "c", "cooldown")],
    ),
    Case(
        name="a match before the last alert is silent too",
        steps=[view("a", H, CANCEL), view("b", 0 * H, CANCEL)],
        alerts=[(CHURN, "a")],
        fates=[(CHURN, "b", "cooldown")],
    ),
    Case(
        name="a suppressed match does not prolong the cooldown",
        steps=[view("a", 0 * D, CANCEL), view("b", 23 * H, CANCEL), view("c", 25 * H, CANCEL)],
        alerts=[(CHURN, "a"), (CHURN, "c")],
        fates=[(CHURN, "b", "cooldown")],
    ),
    Case(
        name="churn inhibits pricing for 24 hours, not at 24 hours",
        steps=[view("a", 0 * D, CANCEL), view("b", D - US, PRICE), view("c", D, PRICE)],
        alerts=[(CHURN, "a"), (BUDGET, "c")],
        fates=[(BUDGET, "b", "inhibited")],
    ),
    Case(
        name="churn inhibits an upgrade, and a pricing page just before it that comes late",
        steps=[buy("p", 0 * H), view("a", 2 * H, CANCEL), view("b", H, PRICE)],
        alerts=[(CHURN, "a")],
        fates=[(UPGRADE, "b", "inhibited")],
    ),
    Case(
        name="inhibition is asked before the cooldown",
        steps=[view("a", 0 * D, PRICE), view("b", D, CANCEL), view("c", D + H, PRICE), view("d", 2 * D, PRICE)],
        alerts=[(BUDGET, "a"), (CHURN, "b")],
        fates=[(BUDGET, "c", "inhibited"), (BUDGET, "d", "cooldown")],
    ),
    Case(
        name="a suppressed churn match inhibits nothing",
        steps=[
            view("a", 0 * D, CANCEL),
            view("b", 23 * H, CANCEL),
            view("c", 25 * H, PRICE),
        ],
        alerts=[(CHURN, "a"), (BUDGET, "c")],
        fates=[(CHURN, "b", "cooldown")],
    ),
    Case(
        name="churn does not inhibit support",
        steps=[view("x", 0 * H, CANCEL), *pages(3, H, HELP)],
        alerts=[(CHURN, "x"), (SUPPORT, "v2")],
    ),
    Case(
        name="an inhibited match starts no cooldown",
        steps=[view("a", 0 * D, CANCEL), view("b", H, PRICE), view("c", D + H, PRICE)],
        alerts=[(CHURN, "a"), (BUDGET, "c")],
        fates=[(BUDGET, "b", "inhibited")],
    ),
]

ORDER = [
    Case(
        name="ties go customers, interactions, purchases, page-views",
        steps=[view("v", H, PRICE), buy("b", H), interact("b", H), profile(H, "lead"), view("w", H, CANCEL)],
        fates=[(BUDGET, "v", "not_a_customer"), (CHURN, "w", "not_a_customer")],
        unused={"duplicate": 1},
    ),
    Case(
        name="a tombstone goes before an interaction of its time",
        steps=[interact("e", H), erase(H), view("e", 2 * H, CANCEL)],
        unused={"duplicate": 1},
    ),
    Case(
        name="a topic's order is kept: an early purchase behind a late one waits with it",
        steps=[buy("a", 9 * H, kind="renewed"), buy("b", H), view("v", 8 * H, PRICE)],
        alerts=[(BUDGET, "v")],
    ),
    Case(
        name="the earliest head goes first, whatever stands behind it",
        steps=[view("u", 5 * H, HOME), view("v", H, PRICE), buy("b", 4 * H)],
        fates=[(BUDGET, "v", "late")],
    ),
    Case(
        name="a tombstone has its record's time, and goes before a view of that time",
        steps=[view("a", 0 * H, CANCEL), erase(H), view("b", H, CANCEL)],
        alerts=[(CHURN, "a"), (CHURN, "b")],
    ),
    Case(
        name="a view without a customer does not hold back the topic",
        steps=[
            view("n", 9 * D, HOME, None),
            view("v", H, PRICE),
            buy("b", 2 * H),
        ],
        alerts=[(BUDGET, "v")],
        unused={"ignored": 1},
    ),
    Case(
        name="a bot's view holds back the topic as any other",
        steps=[view("n", 9 * H, HOME, user_agent="Googlebot/2.1"), view("v", 8 * H, PRICE), buy("b", 8 * H)],
        alerts=[(UPGRADE, "v")],
        unused={"ignored": 1},
    ),
]

FORGETTING = [
    Case(
        name="who was not heard of for 400 days is forgotten, and what they did is no double any more",
        steps=[view("v", 0 * H, CANCEL), view("w", 400 * D + H, HOME, "c2"), view("v", 400 * D + H, PRICE)],
        alerts=[(CHURN, "v"), (BUDGET, "v")],
    ),
    Case(
        name="the time of a partition is that of its newest event less the lateness",
        steps=[view("v", 0 * H, CANCEL), view("w", 400 * D + H - US, HOME, "c2"), view("v", 400 * D + H - US, PRICE)],
        alerts=[(CHURN, "v")],
        unused={"duplicate": 1},
    ),
    Case(
        name="an event that is older than all that is remembered is judged, and forgotten before the next",
        steps=[view("w", 500 * D, HOME, "c2"), view("v", 0 * H, CANCEL), view("v", H, PRICE)],
        alerts=[(CHURN, "v"), (BUDGET, "v")],
    ),
]

CASES = [*PLAIN, *FATE_OF_EVENTS, *PROFILES, *HELP_RULE, *PURCHASES, *VOIDS, *SILENCE, *ORDER, *FORGETTING]

PAGES = [
    ("/kaiyaku", "cancellation"),
    ("/ja/Taikai/", "cancellation"),
    ("/%E8%A7%A3%E7%B4%84", "cancellation"),
    ("/退会/確認?from=/pricing", "cancellation"),
    ("/cancel", "cancellation"),
    ("/cancel/", "cancellation"),
    ("/cancellation", "cancellation"),
    ("/Account/Cancel", "cancellation"),
    ("/ja/mypage/cancel", "cancellation"),
    ("/subscription/cancel/confirm", "cancellation"),
    ("/billing/cancel", "cancellation"),
    ("/contract/cancellation", "cancellation"),
    ("/plan/cancel", "cancellation"),
    ("/service/cancel", "cancellation"),
    ("/help/kaiyaku", "cancellation"),
    ("/seminar/cancel", "other"),
    ("/booking/cancel", "other"),
    ("/order/123/cancel", "other"),
    ("/cancel/order/123", "other"),
    ("/events/cancel", "other"),
    ("/mail/unsubscribe", "other"),
    ("/newsletter/kaiyaku", "other"),
    ("/seminar/kaiyaku", "other"),
    ("/mypage/予約/退会", "other"),
    ("/order/plan/cancel", "other"),
    ("/メルマガ/解約", "other"),
    ("/unsubscribe", "other"),
    ("/account/unsubscribe", "other"),
    ("/account/booking/cancel", "other"),
    ("/cancel-policy", "other"),
    ("/docs/cancel-an-order", "spec"),
    ("/help/cancel", "support"),
    ("/pricing", "pricing"),
    ("/PRICING/", "pricing"),
    ("/ja/plans/enterprise", "pricing"),
    ("/price", "pricing"),
    ("/prices", "pricing"),
    ("/ryokin", "pricing"),
    ("/料金", "pricing"),
    ("/%E6%96%99%E9%87%91/", "pricing"),
    ("/docs/pricing", "pricing"),
    ("/blog/pricing-psychology", "other"),
    ("/price-list", "other"),
    ("/spec", "spec"),
    ("/product/specs", "spec"),
    ("/docs", "spec"),
    ("/docs/faq", "spec"),
    ("/仕様", "spec"),
    ("/docstring", "other"),
    ("/help", "support"),
    ("/faq#pricing", "support"),
    ("/Support/Tickets", "support"),
    ("/manual/2", "support"),
    ("/ヘルプ", "support"),
    ("/サポート", "support"),
    ("/よくある質問", "support"),
    ("/helpful", "other"),
    ("/features/reports", "spec"),
    ("/機能", "spec"),
    ("/features/help", "support"),
    ("/contact-us", "support"),
    ("/contact", "support"),
    ("/お問い合わせ", "support"),
    ("/docs/contact", "spec"),
    ("/compare", "pricing"),
    ("/plan/compare", "pricing"),
    ("/blog/features", "other"),
    ("/events/contact", "other"),
    ("/contract/contact", "other"),
    ("/invoices/2026", "other"),
    ("/?page=/pricing", "other"),
    ("/#/pricing", "other"),
    ("", "other"),
]
