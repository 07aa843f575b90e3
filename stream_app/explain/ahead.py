"""What would follow: from one look more, and from silence. Nothing is guessed: the rules themselves are asked."""

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.alerts import SuppressedReason
from stream_app.core.events import DAY, MINUTE, NEVER, Due, Micros, PageView
from stream_app.core.example import SITE
from stream_app.core.pages import PageCategory
from stream_app.core.pipeline import process
from stream_app.core.rule_set import RuleSet
from stream_app.core.state import CustomerState

LOOKS = 4
"""So many looks more are tried, two minutes apart: a reload within one is none."""

AHEAD = 90 * DAY
_BETWEEN = 2 * MINUTE
_STEPS = 200  # moments that silence is followed for


class Want(Struct, frozen=True, kw_only=True):
    """What a rule waited for at a time: so many looks more at such a page; `held`: it would have been held back."""

    rule_id: str
    category: PageCategory
    looks: int
    at: Micros
    held: SuppressedReason | None = None


class Coming(Struct, frozen=True, kw_only=True):
    """What a rule says at a time if nothing comes from the customer until then."""

    rule_id: str
    at: Micros


def wants(view: PageView, state: CustomerState, rules: RuleSet) -> Iterator[Want]:
    """Yield what rules would say of more looks at the page that was viewed last, each rule once."""
    found: set[str] = set()
    category = rules.pages.page(view.url).category
    for look in range(1, LOOKS + 1):
        at = max(view.occurred_at, state.newest) + _BETWEEN
        # No id on the wire holds a control character, so that no other event's id is the same.
        more = replace(view, event_id=f"\0look-{look}", occurred_at=at)
        outcome = process(more, state, rules)
        state = outcome.state
        said: dict[str, SuppressedReason | None] = {one.rule_id: one.reason for one in outcome.suppressed}
        said |= {one.rule_id: None for one in outcome.alerts}
        for rule_id, held in said.items():
            if rule_id not in found:
                found.add(rule_id)
                yield Want(rule_id=rule_id, category=category, looks=look, at=view.occurred_at, held=held)


def closest(those: Iterable[Want]) -> tuple[Want, ...]:
    """Return of each rule what was nearest, the nearest rule first; of equals the latest."""
    found: dict[str, Want] = {}
    for want in sorted(those, key=lambda one: (one.held is not None, one.looks, -one.at)):
        found.setdefault(want.rule_id, want)
    return tuple(found.values())


def untouched(customer_id: str, state: CustomerState, rules: RuleSet, now: Micros) -> tuple[Want, ...]:
    """Return what the rules would say now of pages that were never viewed: those of the rules' own examples."""
    urls = (SITE + s.views for rule in rules.rules for example in rule.examples for s in example.steps if s.views)
    pages = {rules.pages.page(url).category: url for url in urls}
    views = (
        PageView(event_id="", customer_id=customer_id, occurred_at=now, url=url)
        for category, url in pages.items()
        if category is not PageCategory.OTHER
    )
    return closest(want for view in views for want in wants(view, state, rules))


def coming(customer_id: str, state: CustomerState, rules: RuleSet, now: Micros) -> tuple[Coming, ...]:
    """Return what the rules say of silence from now on, each rule once, by time."""
    found: dict[str, Coming] = {}
    for _ in range(_STEPS):
        at = max(state.due, now)
        if state.due == NEVER or at > now + AHEAD:
            break
        outcome = process(Due(customer_id=customer_id, occurred_at=at), state, rules)
        for alert in outcome.alerts:
            found.setdefault(alert.rule_id, Coming(rule_id=alert.rule_id, at=at))
        if outcome.state.due <= state.due:
            break
        state = outcome.state
    return tuple(found.values())
