"""What a desk says next: of all that may go now, the most severe first, and news before edits."""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from msgspec import Struct

from stream_app.core.alerts import Severity
from stream_app.core.events import Micros, Tier
from stream_app.core.notify.manner import Manner, manner_of
from stream_app.core.notify.message import RANK, Message, Place, Stage, Todo
from stream_app.core.notify.parcels import Kind
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.notify.waiting import may_go, severity_of

_TIERS = {Tier.HIGH: 0, Tier.LOW: 1, Tier.TECH: 2}
_LAST = len(RANK)

LOUD = frozenset({Kind.ALERT, Kind.RAISE, Kind.ADD, Kind.REMIND, Kind.ESCALATE, Kind.BUNDLE, Kind.DIGEST})
"""What somebody is notified of, so that it keeps to their hours."""


class Choice(Struct, frozen=True, kw_only=True):
    """A parcel that could go now; the least `order` goes first."""

    order: tuple[int, int]
    kind: Kind
    messages: tuple[Message, ...]
    place: Place | None = None  # of what is overwritten


def in_order(messages: Iterable[Message]) -> list[Message]:
    """Return messages as they are shown: severity, lifetime value where it compares, tier, newest."""
    shown = list(messages)
    currency = _currency(shown)
    return sorted(shown, key=lambda message: _weight(message, currency))


def choices(
    posts: list[Message], digest: list[Message], told: Iterable[Message], rules: NotifyRules, now: Micros
) -> Iterator[Choice]:
    """Yield what could go now, of new messages and digest given in order."""
    if posts:
        yield _post(posts, rules)
    if digest:
        yield Choice(order=(_LAST, 0), kind=Kind.DIGEST, messages=tuple(digest))
    for message in told:
        if (choice := _follow_up(message, rules, now)) is not None:
            yield choice


def _post(posts: list[Message], rules: NotifyRules) -> Choice:
    first = posts[0]
    order = (RANK[severity_of(first)], 0)
    own = [message for message in posts if not message.escalated_from]
    if manner_of(first.routing.target.sink) is Manner.CONVERSATION and len(own) >= rules.bundle_from:
        return Choice(order=order, kind=Kind.BUNDLE, messages=tuple(own))
    return Choice(order=order, kind=Kind.ALERT, messages=(_oldest_of_account(posts),))


def _oldest_of_account(posts: list[Message]) -> Message:
    """Return what goes before the first: what its account had to say earlier, to people only what is as severe."""
    first = posts[0]
    to_people = manner_of(first.routing.target.sink) is not Manner.EACH
    own = [one for one in posts if one.account == first.account]
    as_severe = [one for one in own if severity_of(one) is severity_of(first)] if to_people else own
    return min(as_severe, key=lambda one: (one.first_at, one.lead.occurred_at))


def _follow_up(message: Message, rules: NotifyRules, now: Micros) -> Choice | None:
    if message.stage is not Stage.OPEN:
        return None
    if may_go(message, rules, now) and (kind := _loud(message, now)) is not None:
        urgent = kind in (Kind.REMIND, Kind.ESCALATE)
        severity = RANK[Severity.HIGH] if urgent else RANK[severity_of(message)]
        return Choice(order=(severity, 1 + list(Kind).index(kind)), kind=kind, messages=(message,))
    if Todo.UPDATE in message.todo:
        return Choice(order=(_LAST, 1), kind=Kind.UPDATE, messages=(message,))
    return None


def _loud(message: Message, now: Micros) -> Kind | None:
    if Todo.RAISE in message.todo:
        return Kind.RAISE
    if message.escalate_at is not None and message.escalate_at <= now:
        return Kind.ESCALATE
    if message.remind_at is not None and message.remind_at <= now:
        return Kind.REMIND
    return Kind.ADD if Todo.ADD in message.todo else None


def _weight(message: Message, currency: str) -> tuple[int, bool, Decimal, int, Micros, str]:
    lead = message.lead
    tier = (lead.customer.tier if lead.customer else None) or Tier.LOW
    value = _value(message) if _currency_of(message) == currency else None
    by_value = value is None, (value or Decimal(0)).copy_negate()  # plain minus may overflow
    return RANK[severity_of(message)], *by_value, _TIERS[tier], -lead.occurred_at, message.case_id


def _currency(messages: list[Message]) -> str:
    """Return the currency in which most lifetime values are known, of equals the first: others do not compare."""
    counts = Counter(_currency_of(message) for message in messages if _value(message) is not None)
    return min(counts, key=lambda currency: (-counts[currency], currency), default="")


def _currency_of(message: Message) -> str:
    standing = message.lead.standing
    return standing.currency if standing is not None else ""


def _value(message: Message) -> Decimal | None:
    """Return the lifetime value of who a message is about; None: not known."""
    standing = message.lead.standing
    try:
        value = Decimal(standing.lifetime_value) if standing is not None and standing.lifetime_value else None
    except InvalidOperation:
        return None
    return value if value is not None and value.is_finite() else None
