"""Numbers derived from a customer's state: one pure function each. Windows of W at time t are (t − W, t]."""

from stream_app.core.bought import Bought, is_renewal
from stream_app.core.events import MINUTE, InteractionKind, Micros
from stream_app.core.relation import Met
from stream_app.core.state import HELP, CustomerState, Viewed
from stream_app.core.tuning import Tuning


def help_views(state: CustomerState, at: Micros, within: Micros) -> list[Viewed]:
    """Return the counted views of spec and support pages in the window, by time."""
    found = []
    for view in reversed(state.views):
        if view.occurred_at <= at - within:
            break
        if view.occurred_at <= at and view.category in HELP:
            found.append(view)
    return found[::-1]


def new_purchases(state: CustomerState, at: Micros, within: Micros) -> list[Bought]:
    """Return what was bought in the window beyond a renewal and is not undone, by time."""
    return [
        p
        for p in state.purchases
        if not p.void and at - within < p.occurred_at <= at and not is_renewal(p, state.purchases)
    ]


def answer_at(state: CustomerState, at: Micros, tuning: Tuning) -> Met | None:
    """Return the latest NPS answer up to a time; None: there is none, or it is stale."""
    answer = state.relation.nps
    if answer is not None and answer.occurred_at > at:
        answer = next((m for m in reversed(state.interactions) if is_answer(m) and m.occurred_at <= at), None)
    return answer if answer is not None and at - answer.occurred_at < tuning.loyalty.nps_stale else None


def is_answer(met: Met) -> bool:
    """Say whether an interaction tells an NPS score."""
    return met.kind is InteractionKind.NPS and met.score is not None


def asked_for(at: Micros) -> Micros:
    """Return the whole minute at which time is asked about a moment."""
    return -(-at // MINUTE) * MINUTE
