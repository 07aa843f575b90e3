"""Naive judges of complaints, answers, cells and silence: everything anew from the plain list of all events."""

from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from stream_app.core.calendar import Calendar, Hours
from stream_app.core.events import DAY, HOUR, MINUTE, Interaction, PageView
from tests.core.naive_past import TOKYO, active_days, answer, day, met, one_complaint, orders, profile, signs

OFFICE = Calendar(Hours())  # which has a judge of its own
HIGH = 300_000


def complaints(history, until):
    """Return what is said of complaints, as (rule, when), by time."""
    said = []
    for number, event in enumerate(history):
        if event in signs(history[: number + 1]):
            said.append((event.occurred_at, f"support.complaint{'-reopened' * (event.kind == 'reopened')}"))
        if isinstance(event, Interaction) and event.kind == "complaint" and (close := _left_alone(event, history)):
            said.append((close, "support.complaint-unanswered"))
        if isinstance(event, Interaction) and event.kind == "solved" and (due := _held(event, history)):
            lately = any(rule == "loyalty.recovered" and due < at + 30 * DAY for at, rule in said)
            said += [] if lately else [(due, "loyalty.recovered")]
    said = [one for one in said if one[0] <= until]
    return sorted(set(said))


def _left_alone(complaint, history):
    """Return at which close nobody had answered; None if somebody had, or if something newer is open by then."""
    close = OFFICE.business_days_after(complaint.occurred_at, 1)
    heard = [*met(history, "answered", "solved"), *(one for one in signs(history) if one.kind == "reopened")]
    in_time = [one for one in heard if complaint.occurred_at <= one.occurred_at <= close]
    newer = [*signs(history), *met(history, "solved")]
    if any(one_complaint(one, complaint) for one in in_time):
        return None
    return None if any(close < one.occurred_at < close + HOUR for one in newer) else close


def _held(solved, history):
    """Return when a solution of a complaint had held long enough; None if it did not."""
    due = -(-(solved.occurred_at + 14 * DAY) // MINUTE) * MINUTE
    wrong = signs(history)
    again = any(solved.occurred_at < one.occurred_at <= due for one in wrong)
    of_one = any(one.occurred_at < solved.occurred_at and one_complaint(one, solved) for one in wrong)
    return due if of_one and not again else None


def answers(history, until):
    """Return what is said of detractors, as (when, severity)."""
    said = []
    for number, event in enumerate(history):
        if not isinstance(event, Interaction) or event.kind != "nps" or event.score > 6:
            continue
        worth = lifetime_value(history[: number + 1], event.occurred_at)
        said.append((event.occurred_at, "high" if worth is not None and worth >= HIGH else "medium"))
        close = OFFICE.business_days_after(event.occurred_at, 1)
        later = [one for one in history if event.occurred_at < one.occurred_at < close + HOUR]
        if close <= until and not met(later, "nps", "contacted", "answered", "solved", "follow_up"):
            said.append((close, "high"))
    return sorted(said)


def lifetime_value(events, at):
    """Return unit price × orders a year × years at a time; all is in yen, of full margin and without costs."""
    kept = [one for one in orders(events) if one.occurred_at <= at]
    if not kept:
        return None
    tenure = max(at - kept[0].occurred_at, 90 * DAY)
    mean = sum(one.amount for one in kept) / Decimal(len(kept))
    return mean * len(kept) * (365 * DAY) / tenure * max(3 * 365 * DAY, tenure) / (365 * DAY)


def silences(history, until):
    """Return on which days' ends a customer was found silent."""
    said = []
    days = sorted(active_days(history))
    for number, newest in enumerate(days):
        midnight = _midnight(newest)
        gaps = [_business(first, then) for first, then in pairwise(days[: number + 1])]
        while True:
            midnight += DAY
            known = [one for one in history if one.occurred_at < midnight + HOUR]
            if midnight > until or sorted(active_days(known))[-1] != newest:
                break
            now = profile(known)
            prior = {"high": 14, "low": 30, "tech": 60}[(now.tier if now is not None else None) or "low"]
            filled = sorted(gaps + [prior] * (5 - len(gaps)))
            usual = max(filled[-(-9 * len(filled) // 10) - 1], 5)
            stays = bool(orders(known)) or (now is not None and now.stage in ("active", "onboarding"))
            over = day(midnight) - 1
            if _business(newest, over) == usual + 1 and _business(newest, over - 1) == usual and stays:
                said.append(midnight)
                break
    return said


def _business(first, last):
    return sum(OFFICE.is_business_day(date.fromordinal(one)) for one in range(first + 1, last + 1))


def _midnight(number):
    return int(datetime.fromordinal(number).replace(tzinfo=TOKYO).timestamp()) * 1_000_000


CELLS = ("uncooperative", "ordinary", "fan", "leaving", "almost_loyal", "loyal")


def cells(history):
    """Return in which cell the customer is after each event that is no view."""
    held, since, before, found = None, None, history[0].occurred_at, []
    for number, event in enumerate(history):
        if isinstance(event, PageView):
            continue
        events, at = history[:number], event.occurred_at
        while (then := _next_time(events, before, at, held, since)) is not None:
            held, since, before = _cell(events, then, held), then, then
        events = history[: number + 1]
        if _cell(events, at, held) != held and (since is None or at >= since + 7 * DAY):
            held, since = _cell(events, at, held), at
        found.append(held)
        before = at
    return found


def _next_time(events, after, until, held, since):
    """Return the first whole minute after one time and before another at which time alone moves the customer."""
    if since is None:
        return None
    first = max(-(-(since + 7 * DAY) // MINUTE), after // MINUTE + 1)
    last = -(-until // MINUTE) - 1
    if first > last or _cell(events, last * MINUTE, held) == held:
        return None
    while first < last:  # what time does is done once: an answer goes stale, a value falls
        middle = (first + last) // 2
        first, last = (first, middle) if _cell(events, middle * MINUTE, held) != held else (middle + 1, last)
    return first * MINUTE


def _cell(events, at, held):
    said, worth = answer(events, at), lifetime_value(events, at)
    if said is None or worth is None:
        return None
    is_high = worth >= HIGH if held is None else worth >= HIGH * Decimal("1.1")
    if held in CELLS[3:]:
        is_high = worth > HIGH * Decimal("0.9")
    return CELLS[3 * is_high + (said.score >= 7) + (said.score >= 9)]
