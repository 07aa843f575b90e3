"""When a customer is to be asked next, whatever happens until then."""

from collections.abc import Iterable

from msgspec.structs import replace

from stream_app.core.events import MINUTE, NEVER, Micros
from stream_app.core.rule import DueAt
from stream_app.core.rule_set import RuleSet
from stream_app.core.standing import next_move
from stream_app.core.state import CustomerState


class Come:
    """What was found out about the moments up to `now`: whose they are, and what a rule raised."""

    __slots__ = ("dues", "errors", "now")

    def __init__(self, now: Micros = NEVER) -> None:
        self.now = now
        self.dues: list[DueAt] = []
        self.errors: list[Exception] = []


def put_off(state: CustomerState, come: Come, rules: RuleSet) -> CustomerState | None:
    """Return the state with the next moment if nothing waits for this one any more, as with whoever is there every day.

    None: something is due.
    """
    due_else = state.due_else if come.now < state.due_else else due_else_of(state, come, rules)
    due = due_of(state, due_else, come, rules)
    return None if due <= come.now else replace(state, asked_to=come.now, due=due, due_else=due_else)


def due_of(state: CustomerState, due_else: Micros, come: Come, rules: RuleSet) -> Micros:
    """Return the next moment, a whole minute, of what visits put off and of the rest."""
    return -(-_earliest(rules.dues_put_off, state, due_else, come, rules) // MINUTE) * MINUTE


def due_else_of(state: CustomerState, come: Come, rules: RuleSet) -> Micros:
    """Return when the customer is to be asked next, whether they come or not: to forget them, at the latest."""
    after = state.asked_to
    first = state.newest + rules.tuning.waits.forget
    for matter in state.matters.values():
        if after < matter.expires_at < first:
            first = matter.expires_at
    if rules.full and (at := next_move(state, after, rules.tuning)) is not None and at < first:
        first = at
    return _earliest(rules.dues, state, first, come, rules)


def _earliest(dues: Iterable[DueAt], state: CustomerState, first: Micros, come: Come, rules: RuleSet) -> Micros:
    after = state.asked_to
    for due in dues:
        try:
            at = due(state, after, rules.tuning, rules.days)
        except Exception as error:
            come.errors.append(error)
            come.dues.append(due)  # whose moment it is nobody knows
            continue
        if at is not None and after < at:
            if at <= come.now:
                come.dues.append(due)
            if at < first:
                first = at
    return first
