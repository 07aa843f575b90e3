"""Which signs beside pages count for a reading at a moment, as far as the state remembers that moment."""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from msgspec.structs import replace

from stream_app.core import signals
from stream_app.core.activity import DAYS_KEPT
from stream_app.core.bought import Bought
from stream_app.core.complaint import complaint_of
from stream_app.core.days import Days
from stream_app.core.events import DAY, EPOCH, NEVER, Micros
from stream_app.core.readings import Sign
from stream_app.core.relation import Complaint, Met
from stream_app.core.state import HELP, CustomerState
from stream_app.core.tuning import Tuning

SEATS_NEARLY = 0.9
FISCAL_YEAR_END_WITHIN = 60  # days
REFUND_WITHIN = 90 * DAY
USE = 14  # days that are compared with as many before them
USED_BEFORE = 4
HELPED = 3
DETRACTOR_TO = 6


class Signs:
    """The signs of one customer; what does not depend on the moment is looked up once."""

    def __init__(self, state: CustomerState, tuning: Tuning, days: Days) -> None:
        self._state, self._tuning, self._days = state, tuning, days
        self._help = [v.occurred_at for v in state.views if v.category in HELP]
        self._of_day: dict[tuple[int, bool], tuple[Sign, ...]] = {}

    def at(self, at: Micros) -> tuple[Sign, ...]:
        """Return the signs that hold."""
        state, day = self._state, self._days.number(at)
        told = state.told_since <= at
        if (of_day := self._of_day.get((day, told))) is None:
            of_day = self._of_day[day, told] = tuple(self._on(day, told=told))
        found = list(of_day)
        if state.purchases and growing(state, at, self._tuning):
            found.append(Sign.GROWING_PURCHASES)
        if state.spent.refunds and any(at - REFUND_WITHIN < refund <= at for refund, _ in state.spent.refunds):
            found.append(Sign.REFUND)
        if len(self._help) >= HELPED and self._is_help_rising(at, day):
            found.append(Sign.RISING_HELP)
        if state.relation.complaint is not None and _is_complaining(state, state.relation.complaint, at):
            found.append(Sign.OPEN_COMPLAINT)
        if state.relation.nps is not None and detractor(state, at, self._tuning) is not None:
            found.append(Sign.DETRACTOR)
        return tuple(found)

    def _on(self, day: int, *, told: bool) -> Iterator[Sign]:
        # What is known of the customer holds from then on, so that it does not count when it arrives.
        profile = self._state.profile if told else None
        if profile is not None and profile.seats and (profile.seats_used or 0) >= SEATS_NEARLY * profile.seats:
            yield Sign.SEATS_NEARLY_USED
        year_end = (profile.fiscal_year_end if profile is not None else "") or self._tuning.fiscal_year_end
        if days_until(year_end, day) <= FISCAL_YEAR_END_WITHIN:
            yield Sign.FISCAL_YEAR_END
        if _is_use_falling(self._state, day):
            yield Sign.FALLING_USE

    def _is_help_rising(self, at: Micros, day: int) -> bool:
        now, begins, before = (bisect_right(self._help, at - spans * USE * DAY) for spans in range(3))
        if now - begins < max(HELPED, 2 * (begins - before)):
            return False
        # Who came later than that was not there to look at less help before: nothing rose.
        return self._state.active.count(day - DAYS_KEPT, day - 2 * USE) > 0


def growing(state: CustomerState, at: Micros, tuning: Tuning) -> list[Bought]:
    """Return the purchases that showed at that moment that the customer grows; they may have been undone since."""
    if any(purchase.void for purchase in state.purchases):
        state = replace(state, purchases=tuple(_as_of(purchase, state, at) for purchase in state.purchases))
    return signals.new_purchases(state, at, tuning.windows.bought)


def _as_of(purchase: Bought, state: CustomerState, at: Micros) -> Bought:
    undone = any(order_id == purchase.order_id and then <= at for order_id, then in state.voids)
    return purchase if undone or not (purchase.void and purchase.order_id) else replace(purchase, void=False)


def _is_complaining(state: CustomerState, known: Complaint, at: Micros) -> bool:
    told = [met for met in state.interactions if met.occurred_at <= at]
    complaint = complaint_of(known if known.occurred_at <= at else None, told)
    if complaint is None:
        return False
    solved = complaint.solved_at if complaint.solved_at <= at else NEVER
    reopened = complaint.reopened_at if complaint.reopened_at <= at else NEVER
    return solved == NEVER or reopened > solved


def _is_use_falling(state: CustomerState, day: int) -> bool:
    bits = state.active.before(day + 1, 2 * USE)
    lately, before = (bits & (1 << USE) - 1).bit_count(), (bits >> USE).bit_count()
    return before >= USED_BEFORE and 2 * lately <= before


def detractor(state: CustomerState, at: Micros, tuning: Tuning) -> Met | None:
    """Return the latest answer at a moment if it is a detractor's."""
    answer = signals.answer_at(state, at, tuning)
    return answer if answer is not None and answer.score is not None and answer.score <= DETRACTOR_TO else None


@lru_cache(maxsize=4096)
def days_until(month_day: str, day: int) -> int:
    """Return how many days from a day to the next MM-DD, 0 on it; a month that is too short has it on its last day."""
    today = date.fromordinal(EPOCH.toordinal() + day)
    month, number = int(month_day[:2]), int(month_day[3:])
    in_years = (date(y, month, min(number, monthrange(y, month)[1])) for y in (today.year, today.year + 1))
    return next((there - today).days for there in in_years if there >= today)
