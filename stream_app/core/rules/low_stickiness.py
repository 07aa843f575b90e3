"""Somebody still buys, but is hardly there any more."""

from stream_app.core.activity import NO_DAY, Active
from stream_app.core.alerts import Intent, Polarity, ResolvedReason, Severity
from stream_app.core.days import Days
from stream_app.core.events import DAY, NEVER, Due, Micros
from stream_app.core.example import Step, silent, speaks
from stream_app.core.habit import (
    ORDERS_SHOW_A_GAP,
    SPAN,
    WEEK,
    WEEKS,
    days_active,
    next_review,
    recorded,
    renews_after,
    retained,
    weeks_active,
    weeks_of,
)
from stream_app.core.rule import Asked, Kind, Match, rule
from stream_app.core.state import CustomerState, Matter
from stream_app.core.tuning import Feed, Tuning

ID = "churn.low-stickiness"
COOLDOWN = 28 * DAY
LOW = 1  # weeks of the last four
HABIT = 6  # days of four weeks
_LATELY = (1 << SPAN) - 1
_AHEAD = (WEEKS - 2) * WEEK
_THERE = tuple(Step(after=(70 + 3 * n) * DAY, views="/features") for n in range(9))
_STILL = tuple(Step(after=(97 + 3 * n) * DAY, views="/features") for n in range(9))
_BUYS = tuple(Step(after=days * DAY, buys="team") for days in (0, 60, 120))


def _review(state: CustomerState, after: Micros, tuning: Tuning, days: Days) -> Micros | None:
    """Return the end of a week in which the customer may still be one who buys."""
    if (oldest := state.active.oldest) == NO_DAY:
        return None
    at = next_review(state, max(after, state.spoken.get(ID, NEVER) + COOLDOWN - 1))
    if (new_for := oldest + SPAN - days.number(at)) > 0:  # what comes late may have been a day before
        at += -(-new_for // 7) * WEEK
    if not _may_buy(state, at, days):
        return None
    last = days.number(at + _AHEAD) + 1
    bits = state.active.before(last, last - days.number(at) + 2 * SPAN)
    for _ in range(WEEKS - 1):  # so long whatever comes speaks against it, and what does not hold now will not
        day = days.number(at)
        if _is_low(bits >> last - day) and _was_there_before(state.active, day):
            break
        at += WEEK
    return at if _may_buy(state, at, days) else None


def _may_buy(state: CustomerState, at: Micros, days: Days) -> bool:
    """Say whether they may still be one who buys: no gap is longer than the time from the first order to the last."""
    spent = state.spent
    if spent.orders >= ORDERS_SHOW_A_GAP and at < spent.last_at + 2 * (spent.last_at - spent.first_at) + 2 * DAY:
        return True
    return renews_after(state, days.number(at))


def _ends(asked: Asked, matter: Matter) -> ResolvedReason | None:
    """They are there again: in three weeks of four, and on more than half of the days before it began."""
    active, day = asked.state.active, asked.days.number(asked.at) + 1  # today is enough for good news
    if weeks_active(active, day) < WEEKS - 1:
        return None
    before = days_active(active, asked.days.number(matter.occurred_at) - SPAN)
    return ResolvedReason.RETURNED if 2 * days_active(active, day) > before else None


@rule(
    ID,
    intent=Intent.CHURN,
    severity=Severity.MEDIUM,
    polarity=Polarity.RISK,
    cooldown=COOLDOWN,
    on={Kind.DUE},
    digest=True,
    thread="habit",
    open_for=COOLDOWN,
    feeds={Feed.PAGE_VIEWS, Feed.PURCHASES},
    due=_review,
    ends=_ends,
    ended_by_visits=True,
    playbook="silence",
    examples=(
        speaks(*_BUYS[:2], *_THERE, _BUYS[2], Step(after=126 * DAY)),
        silent(*_BUYS[:2], *_THERE, *_STILL, _BUYS[2], Step(after=126 * DAY)),
        silent(*_BUYS[:2], *_THERE, Step(after=126 * DAY)),
    ),
)
def low_stickiness(asked: Asked) -> Match | None:
    """Somebody who still pays but hardly comes any more is easily lost to whoever asks first."""
    state, day = asked.state, asked.days.number(asked.at)
    if not isinstance(asked.event, Due) or "silence" in state.matters or _is_new(asked):
        return None
    active = recorded(state.active, asked.event.lost, day, asked.days)
    is_low = _is_low(active.before(day, 2 * SPAN))
    if not (is_low and _is_news(asked, active) and retained(state, asked.at, asked.days)):
        return None
    now, before = days_active(active, day), days_active(active, day - SPAN)
    last = max((d for d in state.active.days() if d < day), default=0)
    return Match(
        reason=f"The customer still buys but was there on {now} of the last 28 days, on {before} of the 28 before.",
        purchases=tuple(p for p in state.purchases if not p.void and p.occurred_at <= asked.at)[-1:],
        anchor=("", asked.at),
        mark=f"active:{last}",
    )


def _is_low(bits: int) -> bool:
    """Say whether somebody is hardly there any more: in one week of four at most, or half as often as before."""
    lately, before = bits & _LATELY, (bits >> SPAN & _LATELY).bit_count()
    return weeks_of(lately) <= LOW or (before >= HABIT and 2 * lately.bit_count() <= before)


def _is_new(asked: Asked) -> bool:
    """Say whether the customer still has to find a habit: that is another rule's question."""
    return asked.at < asked.state.spent.first_at + asked.tuning.waits.onboarding


def _is_news(asked: Asked, active: Active) -> bool:
    """Say whether there was a time before these four weeks, and something new since this was said long ago."""
    day, spoken_at = asked.days.number(asked.at), asked.state.spoken.get(ID, NEVER)
    since = 0 if spoken_at == NEVER else asked.days.number(spoken_at)
    there = _was_there_before(active, day) and active.count(since, day - 1) > 0
    return there and asked.at >= spoken_at + COOLDOWN


def _was_there_before(active: Active, day: int) -> bool:
    """Say whether there was a time before the four weeks up to `day`."""
    return NO_DAY < active.oldest < day - SPAN
