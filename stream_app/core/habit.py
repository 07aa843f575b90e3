"""Habits of a customer: how often they are there, whether they still buy, how they should be looked after.

Days are numbers on the company's clock (`Days.number`). A day that is not over does not count, so that the order in
which its events come does not either.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import pairwise

from stream_app.core import lifetime
from stream_app.core.activity import Active, was_there
from stream_app.core.days import Days
from stream_app.core.events import DAY, EPOCH, MINUTE, NEVER, Micros, Tier
from stream_app.core.relation import Met, is_talk
from stream_app.core.state import CustomerState
from stream_app.core.tuning import Tuning

WEEKS = 4
SPAN = 7 * WEEKS  # days
VERY_ACTIVE = 12  # days of the span
BARELY_ACTIVE = 2
TALKED = 2
TALK_COUNTS = 90 * DAY
ORDERS_SHOW_A_GAP = 3

WEEK = 7 * DAY
_EPOCH_DAY = EPOCH.toordinal()


def next_review(state: CustomerState, after: Micros) -> Micros:
    """Return the first moment later than `after` at which a customer's week is over.

    Weeks are counted from the first purchase, so that not everybody is looked at in the same minute. What is long past
    is not looked at again.
    """
    start = _first_week(state)
    return start + (max(after, state.newest - DAY) - start) // WEEK * WEEK + WEEK


def _first_week(state: CustomerState) -> Micros:
    first_at = state.spent.first_at
    return 0 if first_at == NEVER else first_at // MINUTE * MINUTE


def recorded(active: Active, lost: Iterable[tuple[Micros, Micros]], day: int, days: Days) -> Active:
    """Return the active days as if the customer had been there while nothing was recorded before `day`."""
    for start, end in lost:
        for missing in range(max(days.number(start), day - 2 * SPAN), min(days.number(end) + 1, day)):
            active = was_there(active, missing)
    return active


def weeks_active(active: Active, day: int) -> int:
    """Return in how many of the four weeks before `day` there was an active day: the stickiness."""
    return weeks_of(active.before(day, SPAN))


def weeks_of(bits: int) -> int:
    """Return in how many of four weeks there is a day, of these as bits."""
    return (bits & 0x7F > 0) + (bits >> 7 & 0x7F > 0) + (bits >> 14 & 0x7F > 0) + (bits >> 21 & 0x7F > 0)


def days_active(active: Active, day: int) -> int:
    """Return how many of the 28 days before `day` were active ones."""
    return active.before(day, SPAN).bit_count()


def retained(state: CustomerState, at: Micros, days: Days) -> bool:
    """Say whether the customer still buys: as often as ever, or bound until a renewal that lies ahead."""
    return renews_after(state, days.number(at)) or _buys_as_ever(state, at, days)


def renews_after(state: CustomerState, day: int) -> bool:
    """Say whether the profile names a renewal date that lies ahead of `day`."""
    if state.profile is None or not state.profile.renewal_date:
        return False
    return _day_of(state.profile.renewal_date) >= day


@lru_cache(4096)
def _day_of(date_text: str) -> int:
    return date.fromisoformat(date_text).toordinal() - _EPOCH_DAY


def _buys_as_ever(state: CustomerState, at: Micros, days: Days) -> bool:
    """Say whether the last order is at most one and a half times the median gap ago; one day's orders are one."""
    bought = sorted({days.number(p.occurred_at) for p in state.purchases if not p.void and p.occurred_at <= at})
    if len(bought) < ORDERS_SHOW_A_GAP:
        return False
    gaps = sorted(later - earlier for earlier, later in pairwise(bought))
    return 2 * (days.number(at) - bought[-1]) <= 3 * gaps[(len(gaps) - 1) // 2]


def campaign_only(state: CustomerState) -> bool:
    """Say whether the customer buys, but only in campaigns: that may be the price, not loyalty."""
    return 1 < state.spent.orders == state.spent.in_campaigns


def talks(state: CustomerState, at: Micros) -> list[Met]:
    """Return when the customer talked to us in the last 90 days, by time."""
    return [m for m in state.interactions if is_talk(m) and at - TALK_COUNTS < m.occurred_at <= at]


def behaves_loyal(state: CustomerState, at: Micros, days: Days) -> bool:
    """Say whether somebody is there often and talks to us, whatever they spend."""
    return days_active(state.active, days.number(at)) >= VERY_ACTIVE and len(talks(state, at)) >= TALKED


def proposed_tier(state: CustomerState, at: Micros, tuning: Tuning, days: Days) -> Tier:
    """Return how a customer should be looked after, by what they are worth and by what they do."""
    if lifetime.is_high(state, at, tuning) or behaves_loyal(state, at, days):
        return Tier.HIGH
    return Tier.TECH if days_active(state.active, days.number(at)) < BARELY_ACTIVE else Tier.LOW
