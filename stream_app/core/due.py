"""When a customer is to be asked next, whatever happens until then."""

from collections.abc import Iterable

from msgspec.structs import replace

from stream_app.core.events import MINUTE, Micros
from stream_app.core.rule import DueAt
from stream_app.core.rule_set import RuleSet
from stream_app.core.standing import next_move
from stream_app.core.state import CustomerState


def put_off(state: CustomerState, at: Micros, rules: RuleSet, errors: list[Exception]) -> CustomerState | None:
    """Return the state with the next moment if nothing waits for this one any more, as with whoever is there every day.

    None: something is due. What a rule raises goes to `errors`; so below.
    """
    due_else = state.due_else if at < state.due_else else due_else_of(state, rules, errors)
    if due_else <= at or (due := due_of(state, due_else, rules, errors)) <= at:
        return None
    return replace(state, asked_to=at, due=due, due_else=due_else)


def due_of(state: CustomerState, due_else: Micros, rules: RuleSet, errors: list[Exception]) -> Micros:
    """Return the next moment, a whole minute, of what visits put off and of the rest."""
    return -(-_earliest(rules.dues_put_off, state, due_else, rules, errors) // MINUTE) * MINUTE


def due_else_of(state: CustomerState, rules: RuleSet, errors: list[Exception]) -> Micros:
    """Return when the customer is to be asked next, whether they come or not: to forget them, at the latest."""
    after = state.asked_to
    first = state.newest + rules.tuning.waits.forget
    for matter in state.matters.values():
        if after < matter.expires_at < first:
            first = matter.expires_at
    if rules.full and (at := next_move(state, after, rules.tuning)) is not None and at < first:
        first = at
    return _earliest(rules.dues, state, first, rules, errors)


def _earliest(
    dues: Iterable[DueAt], state: CustomerState, first: Micros, rules: RuleSet, errors: list[Exception]
) -> Micros:
    after = state.asked_to
    for due in dues:
        try:
            if (at := due(state, after, rules.tuning, rules.days)) is not None and after < at < first:
                first = at
        except Exception as error:
            errors.append(error)
    return first
