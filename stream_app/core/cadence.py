"""How often a customer comes, and from when on it has been too long."""

from collections.abc import Iterable
from itertools import pairwise

from stream_app.core.activity import Active
from stream_app.core.days import EVERY_DAY, Days, Workdays
from stream_app.core.events import Micros, Tier
from stream_app.core.state import CustomerState
from stream_app.core.tuning import Tuning

SHORTEST = 5
"""Days that nobody minds, however often they come otherwise."""

_GAPS_WANTED = 5
_PRIOR = {Tier.HIGH: 14, Tier.LOW: 30, Tier.TECH: 60}


def workdays_of(state: CustomerState, tuning: Tuning, days: Days) -> Workdays:
    """Return the days that count for a customer: business days of theirs, or all."""
    if tuning.waits.calendar_days:
        return EVERY_DAY
    return days.workdays(state.profile.timezone if state.profile is not None else "")


def usual_gap(active: Active, workdays: Workdays, tier: Tier | None) -> int:
    """Return the longest gap between two active days that is nothing unusual: the p90 of those known.

    While there are fewer than five, what is usual in the tier stands for the others.
    """
    gaps = [workdays.between(day, later) for later, day in pairwise(active.days())]
    gaps += [_PRIOR[tier or Tier.LOW]] * (_GAPS_WANTED - len(gaps))
    nearest_rank = -(-9 * len(gaps) // 10)
    return max(sorted(gaps)[nearest_rank - 1], SHORTEST)


def lost_days(lost: Iterable[tuple[Micros, Micros]], first: int, last: int, days: Days) -> frozenset[int]:
    """Return the days after `first`, up to `last` with it, of which a part was not recorded."""
    spans = ((days.number(start), days.number(min(end, days.begins(last)))) for start, end in lost)
    touched = (range(max(begin, first + 1), min(end, last) + 1) for begin, end in spans)
    return frozenset(day for span in touched for day in span)


def silent_with(newest: int, usual: int, workdays: Workdays, lost: frozenset[int] = frozenset()) -> int:
    """Return the day with which more than the usual gap has passed since the day `newest`, those lost left out."""
    counting = sorted(day for day in lost if workdays.counts(day))
    end = workdays.after(newest, usual + 1)
    while (found := workdays.after(newest, usual + 1 + sum(day <= end for day in counting))) != end:
        end = found
    return end
