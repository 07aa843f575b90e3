"""One customer's events and the moments that come due between them: what a partition does, for one customer."""

from collections.abc import Iterable, Iterator

from stream_app.core.events import MINUTE, NEVER, Due, Event, Micros
from stream_app.core.pipeline import Outcome, process
from stream_app.core.rule_set import RuleSet
from stream_app.core.state import UNKNOWN_CUSTOMER, CustomerState


def course(events: Iterable[Event], rules: RuleSet, until: Micros | None = None) -> Iterator[Outcome]:
    """Yield what each event and each due moment comes to.

    Time lags behind the newest event by the allowed lateness; in the end it moves on to `until` itself.
    """
    state, newest, customer_id = UNKNOWN_CUSTOMER, NEVER, ""
    for event in events:
        customer_id, newest = event.customer_id, max(newest, event.occurred_at)
        for outcome in _due(customer_id, state, newest - rules.policy.lateness, rules):
            state = outcome.state
            yield outcome
        outcome = process(event, state, rules)
        state = outcome.state
        yield outcome
    if until is not None:
        yield from _due(customer_id, state, until, rules)


def _due(customer_id: str, state: CustomerState, until: Micros, rules: RuleSet) -> Iterator[Outcome]:
    while state is not UNKNOWN_CUSTOMER and NEVER < state.due <= until // MINUTE * MINUTE:
        outcome = process(Due(customer_id=customer_id, occurred_at=state.due), state, rules)
        state = outcome.state
        yield outcome
