"""An independent judge: what must come out of a history, recomputed naively from the text of the rules.

It shares no code with the product. Events are parsed JSON objects in the product's own wire format; for
each event everything is recomputed from plain lists, so that the code reads like the rules.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, TypeAlias

from aiokafka.partitioner import murmur2

from tests.acceptance.naive_pages import category_of, page_of

Wire: TypeAlias = dict[str, Any]
Tombstone: TypeAlias = tuple[str, None, datetime]  # key, no value, time of the record
Record: TypeAlias = Wire | Tombstone
Topics: TypeAlias = dict[str, list[Record]]

MINUTE = 60_000_000  # all times are whole microseconds
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LAST = 64
FORGET = 400 * DAY

TOPICS = ("customers", "interactions", "purchases", "page-views")  # in the order of ties
CHURN = "churn.cancellation-page"
UPGRADE = "upgrade.pricing-after-purchase"
BUDGET = "budget.pricing-review"
SUPPORT = "support.repeated-help"
SEVERITY = {CHURN: "high", UPGRADE: "medium", BUDGET: "medium", SUPPORT: "low"}
COOLDOWN = {CHURN: DAY, UPGRADE: 7 * DAY, BUDGET: 7 * DAY, SUPPORT: 7 * DAY}
HELP = ("spec", "support")


def names_a_bot(view: Wire) -> bool:
    """Tell whether a view's user agent calls itself a robot."""
    return re.search(r"bot\b|crawler|spider", view.get("user_agent", ""), re.IGNORECASE) is not None


def nobody(view: Wire) -> bool:
    """Take nobody for staff."""
    return False


@dataclass
class Verdict:
    """What must come out: alerts and fates in order within a partition, counts by (topic, outcome)."""

    alerts: list[Wire] = field(default_factory=list)
    fates: list[Wire] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(frozen=True)
class Options:
    """What the settings say."""

    alerts_from: datetime | None
    judge_unknown: bool
    is_bot: Callable[[Wire], bool]
    is_staff: Callable[[Wire], bool]


@dataclass
class Seen:
    """A view of a page that matters."""

    event_id: str
    time: int
    category: str
    page: str


@dataclass
class Bought:
    """A purchase, and whether it was undone."""

    wire: Wire
    time: int
    amount: Decimal
    void: bool = False


@dataclass
class Known:
    """Everything known of one customer; lists are oldest first: of `views` and `bought` by time, else by arrival."""

    newest: int = -(10**18)
    ids: list[str] = field(default_factory=list)
    views: list[Seen] = field(default_factory=list)
    bought: list[Bought] = field(default_factory=list)
    voids: list[Wire] = field(default_factory=list)
    profile: Wire | None = None
    sent: list[tuple[str, int]] = field(default_factory=list)


def judge(
    topics: Topics,
    *,
    partitions: int = 1,
    alerts_from: datetime | None = None,
    judge_unknown: bool = True,
    is_bot: Callable[[Wire], bool] = names_a_bot,
    is_staff: Callable[[Wire], bool] = nobody,
    known: dict[str, Known] | None = None,
) -> Verdict:
    """Return what must come out of `topics`: records by topic, each list in offset order.

    `known`, of a single partition, are its customers from before; they are kept there.
    """
    options = Options(alerts_from, judge_unknown, is_bot, is_staff)
    verdict = Verdict()
    for partition in split(topics, partitions, verdict.counts):
        customers: dict[str, Known] = {} if known is None else known
        newest = 0
        for topic, record in merged(partition):
            newest = max(newest, time_of(record))
            _forget(customers, (newest - HOUR) // MINUTE * MINUTE)
            _take(topic, record, customers, options, verdict)
    return verdict


def split(topics: Topics, partitions: int, counts: Counter[tuple[str, str]]) -> list[Topics]:
    """Return the topics of each partition; views without a customer are counted and left out."""
    parts: list[Topics] = [{topic: [] for topic in TOPICS} for _ in range(partitions)]
    for topic in TOPICS:
        for record in topics.get(topic, []):
            if customer := customer_of(record):
                parts[(murmur2(customer.encode()) & 0x7FFFFFFF) % partitions][topic].append(record)
            else:
                counts[topic, "ignored"] += 1
    return parts


def merged(topics: Topics) -> Iterator[tuple[str, Record]]:
    """Yield one partition's records: always the earliest of the topics' heads, ties in the order of `TOPICS`."""
    waiting = {topic: topics[topic][::-1] for topic in TOPICS}
    while heads := [topic for topic in TOPICS if waiting[topic]]:
        first = min(heads, key=lambda topic: time_of(waiting[topic][-1]))
        yield first, waiting[first].pop()


def customer_of(record: Record) -> str:
    """Return the customer's id, empty where there is none."""
    return record[0] if isinstance(record, tuple) else record.get("customer_id") or ""


def time_of(record: Record) -> int:
    """Return a record's `occurred_at`, or a tombstone's own time, in microseconds."""
    time = record[2] if isinstance(record, tuple) else datetime.fromisoformat(record["occurred_at"])
    return micros(time)


def micros(time: datetime) -> int:
    """Return whole microseconds since 1970."""
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def alert_id(rule: str, customer: str, event_id: str) -> str:
    """Return the id of an alert as the decisions page gives it."""
    texts = [text.encode() for text in (rule, customer, event_id)]
    return sha256(b"".join(len(text).to_bytes(4, "big") + text for text in texts)).hexdigest()[:32]


def _forget(customers: dict[str, Known], now: int) -> None:
    """Drop whoever was not heard of for so long."""
    for customer in [customer for customer, known in customers.items() if known.newest + FORGET <= now]:
        del customers[customer]


def _take(topic: str, record: Record, customers: dict[str, Known], options: Options, verdict: Verdict) -> None:
    customer = customer_of(record)
    if isinstance(record, tuple):
        customers.pop(customer, None)
        verdict.counts[topic, "used"] += 1
        return
    if topic == "page-views" and (options.is_bot(record) or options.is_staff(record)):
        verdict.counts[topic, "ignored"] += 1
        return
    known = customers.setdefault(customer, Known())
    if _is_duplicate(topic, record, known):
        verdict.counts[topic, "duplicate"] += 1
        return
    verdict.counts[topic, "used"] += 1
    _use(topic, record, known, options, verdict)


def _is_duplicate(topic: str, event: Wire, known: Known) -> bool:
    if topic == "customers":
        return False
    if event["event_id"] in known.ids[-LAST:]:
        return True
    if topic != "purchases" or event.get("kind", "completed") != "completed":
        return False
    order = event.get("order_id")
    return bool(order) and any(bought.wire.get("order_id") == order for bought in known.bought)


def _use(topic: str, event: Wire, known: Known, options: Options, verdict: Verdict) -> None:
    known.newest = max(known.newest, time_of(event))
    if topic == "customers":
        if known.profile is None or time_of(event) >= time_of(known.profile):
            known.profile = event
        return
    known.ids.append(event["event_id"])
    if topic == "purchases":
        if event.get("kind", "completed") in ("completed", "renewed"):
            _buy(event, known)
        else:
            _undo(event, known)
    if topic == "page-views" and (match := _view(event, known)):
        _speak(match[0], match[1], event, known, options, verdict)


def _buy(event: Wire, known: Known) -> None:
    bought = Bought(event, time_of(event), Decimal(str(event["amount"])))
    bought.void = any(_undoes(void, bought) for void in known.voids[-LAST:])
    known.bought = sorted([*known.bought, bought], key=lambda one: one.time)[-LAST:]


def _undo(event: Wire, known: Known) -> None:
    if event.get("order_id"):
        known.voids.append(event)
        for bought in known.bought:
            bought.void = bought.void or _undoes(event, bought)
        return
    amount, time = abs(Decimal(str(event["amount"]))), time_of(event)
    for bought in reversed(known.bought):
        same = bought.amount == amount and bought.wire["currency"] == event["currency"]
        if same and not bought.void and time - 30 * DAY < bought.time <= time:
            bought.void = True
            return


def _undoes(void: Wire, bought: Bought) -> bool:
    near = abs(time_of(void) - bought.time) < 30 * DAY
    return near and void["order_id"] == bought.wire.get("order_id")


def _view(event: Wire, known: Known) -> tuple[str, list[str]] | None:
    """Keep the view if it matters; return the rule that matches it, with its evidence."""
    view = Seen(event["event_id"], time_of(event), category_of(event["url"]), page_of(event["url"]))
    known.views = [one for one in known.views if one.time > known.newest - 30 * DAY]
    if view.category == "other" or not _counts(view, known.views):
        return None
    if view.time > known.newest - 30 * DAY:
        known.views = sorted([*known.views, view], key=lambda one: one.time)[-LAST:]
    if view.category == "cancellation":
        return CHURN, [view.event_id]
    if view.category == "pricing":
        new = [one for one in known.bought if _is_new_business(one, view.time, known.bought)]
        return (UPGRADE if new else BUDGET), [view.event_id, *(one.wire["event_id"] for one in new)]
    return _needs_help(view, known.views)


def _counts(view: Seen, views: list[Seen]) -> bool:
    if view.category not in HELP:
        return True
    return not any(one.page == view.page and abs(one.time - view.time) < MINUTE for one in views)


def _is_new_business(bought: Bought, time: int, everything: Sequence[Bought]) -> bool:
    if bought.void or not time - 30 * DAY < bought.time <= time:
        return False
    before = everything[: next(i for i, one in enumerate(everything) if one is bought)]
    return not (bought.wire.get("kind") == "renewed" or any(_renews(bought, one) for one in before))


def _renews(bought: Bought, earlier: Bought) -> bool:
    key = "plan" if bought.wire.get("plan") else "product_id"
    same = bool(bought.wire.get(key)) and bought.wire.get(key) == earlier.wire.get(key)
    same = same and bought.wire["currency"] == earlier.wire["currency"]
    return same and not earlier.void and bought.amount <= earlier.amount


def _needs_help(view: Seen, views: list[Seen]) -> tuple[str, list[str]] | None:
    window = [one for one in views if one.category in HELP and view.time - DAY < one.time <= view.time]
    of_this_page = [one for one in window if one.page == view.page]
    is_new_page = all(one is view for one in of_this_page)
    if len(of_this_page) >= 3 or (is_new_page and len({one.page for one in window}) >= 5):
        return SUPPORT, [one.event_id for one in window]
    return None


def _speak(rule: str, evidence: list[str], event: Wire, known: Known, options: Options, verdict: Verdict) -> None:
    time, profile = time_of(event), known.profile or {}
    found = {
        "rule_id": rule,
        "intent": rule.split(".")[0],
        "severity": SEVERITY[rule],
        "customer_id": event["customer_id"],
        "account_id": event.get("account_id") or profile.get("account_id"),
        "event_id": event["event_id"],
    }
    identity = alert_id(rule, event["customer_id"], event["event_id"])
    if reason := _silence(rule, time, known, options):
        verdict.fates.append({"match_id": identity, **found, "reason": reason})
        return
    known.sent.append((rule, time))
    verdict.alerts.append({"alert_id": identity, **found, "occurred_at": event["occurred_at"], "evidence": evidence})


def _silence(rule: str, time: int, known: Known, options: Options) -> str | None:
    stage = (known.profile or {}).get("stage")
    if known.newest - time > (DAY if rule == CHURN else HOUR):
        return "late"
    if options.alerts_from is not None and time < micros(options.alerts_from):
        return "backfill"
    if stage in ("lead", "churned") or (not stage and not options.judge_unknown):
        return "not_a_customer"
    churns = [sent for name, sent in known.sent if name == CHURN]
    if rule in (BUDGET, UPGRADE) and churns and time < max(churns) + DAY:
        return "inhibited"
    own = [sent for name, sent in known.sent if name == rule]
    if own and time < max(own) + COOLDOWN[rule]:
        return "cooldown"
    return None
