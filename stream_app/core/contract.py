"""What the rules of the contract say together: one open alert whose reading may turn, whatever the order of arrival.

What is open and settled (older than the lateness) stays as it is. Of what is younger, the traces alone say where the
alert would stand had all of them come in order; if it stands elsewhere, it is replaced.
"""

from itertools import takewhile

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.alerts import Reading, ResolvedReason
from stream_app.core.bought import Bought
from stream_app.core.events import InteractionKind, Micros, Purchase, PurchaseKind
from stream_app.core.hypotheses import Told, Trace, is_beyond_plan, told
from stream_app.core.pages import PageCategory
from stream_app.core.readings import HALF_LIFE, ONLY_WITH_SIGNS, Sign
from stream_app.core.relation import Met
from stream_app.core.rule import Asked, Kind, Match
from stream_app.core.signs import detractor, growing
from stream_app.core.state import CustomerState, Matter, Viewed

THREAD = "contract"
TRACES: frozenset[str] = frozenset(
    {
        *(word for word in HALF_LIFE if word not in (Sign.FEATURE_NOT_IN_PLAN, *ONLY_WITH_SIGNS)),
        PageCategory.FEATURE,
        *(PurchaseKind.COMPLETED, PurchaseKind.RENEWED, PurchaseKind.REFUNDED),
    }
)
"""At what a reading may turn."""

WHAT_TURNS: frozenset[str] = frozenset(
    {
        *ONLY_WITH_SIGNS,
        *(PageCategory.SPEC, PurchaseKind.CANCELLED, Kind.PROFILE, Kind.VISIT),
        *(InteractionKind.NPS, InteractionKind.COMPLAINT, InteractionKind.REOPENED, InteractionKind.SOLVED),
    }
)
"""What, when it comes late, may have turned one that came before it."""


class Found(Struct, frozen=True, kw_only=True):
    """What is to be said of a customer's contract, and where it stands in time; `anchor` None: what was said before."""

    told: Told
    anchor: Trace | None
    instead: bool = False


def match_of(asked: Asked, rule_id: str, reading: Reading, reason: str) -> Match | None:
    """Return the match of the rule for a reading, if that is the one that leads and something is to be said."""
    found = asked.once(_found)
    if found is None or found.told.reading is not reading:
        return None
    open_one = asked.state.matters.get(THREAD)
    if open_one is not None and open_one.reading is reading and open_one.rule_id != rule_id:
        return None  # they were seen on the cancellation page: nothing is to be added
    return Match(
        reason=reason,
        anchor=(found.anchor.event_id, found.anchor.at) if found.anchor is not None else None,
        reading=reading,
        instead=found.instead,
        complete=lambda match: _complete(match, asked, found),
    )


def _complete(match: Match, asked: Asked, found: Found) -> Match:
    views, purchases, interactions = _evidence(asked, found)
    readings = found.told.readings
    return replace(match, views=views, purchases=purchases, interactions=interactions, readings=readings)


def bought(asked: Asked, matter: Matter) -> ResolvedReason | None:
    """End what is open once they bought or renewed: that was their answer, also to a look just after it."""
    return bought_since(asked, matter.opened_at - asked.lateness)


def bought_since(asked: Asked, since: Micros) -> ResolvedReason | None:
    """Say whether they bought or renewed later than that; what was undone later had been an answer too."""
    return ResolvedReason.RENEWAL if any(p.occurred_at > since for p in asked.state.purchases) else None


def may_speak(asked: Asked) -> bool:
    """Say whether something may turn at this: a trace, or what came late, where there is a look at prices."""
    if asked.at == asked.state.newest and not _is_trace(asked):
        return False
    return any(view.category is PageCategory.PRICING for view in asked.state.views)


def _found(asked: Asked) -> Found | None:
    open_one = asked.state.matters.get(THREAD)
    if open_one is None:
        return _opening(asked)
    tale = _tale(asked)
    if tale is None:
        return None
    settled = asked.state.newest - asked.lateness
    begins = _began(asked, open_one, settled)
    stands = tale.since if _turned(tale, begins) else _at(tale, begins)
    if tale.reading is not open_one.reading:
        return Found(told=tale, anchor=_not_settled(tale, stands, settled))
    is_late = asked.at < asked.state.newest  # what is forgotten moves nothing
    if is_late and stands is not None and _stands_elsewhere(tale, stands, open_one, settled):
        return Found(told=tale, anchor=stands, instead=True)
    return Found(told=tale, anchor=None) if _is_pricing(asked) else None


def _is_trace(asked: Asked) -> bool:
    if isinstance(asked.event, Purchase):
        return asked.event.kind in TRACES
    view = asked.view
    if view is None or view.category not in TRACES:
        return False
    return view.category is not PageCategory.FEATURE or is_beyond_plan(view, asked.state, asked.pages)


def _opening(asked: Asked) -> Found | None:
    """Find what a look at prices says while nothing is open, also one that had come before what is asked about."""
    since = max([asked.at, *_decided(asked)])
    looks = _looks(asked.state, since)
    if not looks or (tale := _tale(asked)) is None:
        return None
    begins = looks[0].occurred_at
    return Found(told=tale, anchor=tale.since if _turned(tale, begins) else _at(tale, begins))


def _began(asked: Asked, open_one: Matter, settled: Micros) -> Micros:
    """Return when what is open would have been opened in order: by the first look at prices that could."""
    opened = open_one.opened_at
    if opened <= settled:
        return opened
    since = max([open_one.free_from, settled + 1, *(at for at in _decided(asked) if at <= opened)])
    return min((v.occurred_at for v in _looks(asked.state, since) if v.occurred_at < opened), default=opened)


def _stands_elsewhere(tale: Told, stands: Trace, open_one: Matter, settled: Micros) -> bool:
    """Say whether the open alert, of the same reading, would be another had all come in order."""
    if stands.at <= settled or stands.at == open_one.occurred_at:
        return False
    turned_back = stands is tale.since and stands.at > open_one.occurred_at
    return turned_back or open_one.occurred_at > settled


def _tale(asked: Asked) -> Told | None:
    return told(asked.state, asked.tuning, asked.pages, asked.days)


def _turned(tale: Told, begins: Micros) -> bool:
    return tale.turned and tale.since.at > begins


def _at(tale: Told, at: Micros) -> Trace | None:
    return next((trace for trace in tale.traces if trace.at == at and trace.is_view), None)


def _not_settled(tale: Told, stands: Trace | None, settled: Micros) -> Trace | None:
    """Return the first trace at which it may still be said; what was learned since may have turned it long ago."""
    if stands is not None and stands.at > settled:
        return stands
    return next((trace for trace in tale.traces if trace.at > settled), None)


def _is_pricing(asked: Asked) -> bool:
    return asked.view is not None and asked.view.category is PageCategory.PRICING


def _looks(state: CustomerState, since: Micros) -> list[Viewed]:
    """Return the looks at prices from then on, by time."""
    lately = takewhile(lambda view: view.occurred_at >= since, reversed(state.views))
    return [view for view in lately if view.category is PageCategory.PRICING][::-1]


def _decided(asked: Asked) -> list[Micros]:
    """Return from when on looks at prices are a question again: in the session of a purchase they belong to it."""
    return [purchase.occurred_at + asked.lateness for purchase in asked.state.purchases]


def _evidence(asked: Asked, found: Found) -> tuple[tuple[Viewed, ...], tuple[Bought, ...], tuple[Met, ...]]:
    """Return what stands for the readings: the latest view that counts of each category, and what made the signs."""
    state, tale = asked.state, found.told
    told_of = {trace.event_id for trace in (*tale.counted.values(), found.anchor) if trace is not None}
    views = tuple(view for view in state.views if view.event_id in told_of)
    grown = growing(state, tale.traces[-1].at, asked.tuning) if Sign.GROWING_PURCHASES in tale.weights else ()
    complaint = state.relation.complaint
    said = [detractor(state, tale.traces[-1].at, asked.tuning)] if Sign.DETRACTOR in tale.weights else []
    if Sign.OPEN_COMPLAINT in tale.weights and complaint is not None:
        said += [one for one in state.interactions if one.event_id == complaint.event_id]
    return views, tuple(grown[-1:]), tuple(one for one in said if one is not None)
