"""A naive judge of the help rules: everything anew from the plain list of all events."""

from stream_app.core.calendar import Calendar, Hours
from stream_app.core.events import DAY, HOUR, MINUTE, PageView
from tests.core.naive_past import HELP, active_days, category, day, of, path, views

OFFICE = Calendar(Hours())  # which has a judge of its own
FAQ, TRYING, LOST = RANKS = ("support.faq-did-not-help", "support.trying", "support.lost")


def difficulties(history, until):
    """Return which rule of help spoke, at which event."""
    said, opened = [], None
    for number, event in enumerate(history):
        events = history[: number + 1]
        if opened is not None and _is_over(events, opened, event.occurred_at):
            opened = None
        if not isinstance(event, PageView) or not any(view is event for view in views(events)):
            continue
        asked = zip(RANKS, (_in_vain, _tries, _is_lost), strict=True)
        found = next((rule for rule, is_so in asked if is_so(events)), None)
        if found is None or (opened is not None and RANKS.index(found) > RANKS.index(opened[0])):
            continue
        if opened is not None and opened[0] == found and event.occurred_at < opened[1] + 7 * DAY:
            continue
        said.append((found, event.event_id))
        opened = (found, event.occurred_at)
    return said


def _is_over(events, opened, now):
    """Whether it is solved, or two weeks have passed."""
    close = OFFICE.business_days_after(opened[1], 0)
    while close <= now - HOUR:
        read = [one.occurred_at for one in of(PageView, events) if category(one) in HELP and one.occurred_at <= close]
        start = read[-1]
        later = any(day(start) < each < day(close) for each in active_days(events))
        if close >= OFFICE.business_days_after(start, 3) and later:
            return True
        close = OFFICE.business_days_after(close, 1)
    return now >= opened[1] + 14 * DAY


def _lately(events, span=DAY):
    at = events[-1].occurred_at
    return [view for view in views(events) if at - span < view.occurred_at <= at]


def _in_vain(events):
    """Whether somebody comes back for help from articles that they looked at too often."""
    back, kept = events[-1], views(events)[:-1]
    if category(back) not in (*HELP, "contact", "cancellation"):
        return False
    return any(_too_many(kept[: n + 1]) for n, view in enumerate(kept) if back.occurred_at - view.occurred_at < DAY)


def _too_many(kept):
    last = kept[-1]
    if category(last) not in ("faq", "support"):
        return False
    same = [view for view in kept if path(view) == path(last) and last.occurred_at - view.occurred_at < DAY]
    session = [last]
    for view in reversed(kept[:-1]):
        if session[-1].occurred_at - view.occurred_at >= 30 * MINUTE:
            break
        session.append(view)
    topic = path(last).rpartition("/")[0]
    pages = {path(v) for v in session if category(v) in ("faq", "support") and path(v).rpartition("/")[0] == topic}
    return len(same) >= 3 or (bool(topic) and len(pages) >= 3)


def _searches(events):
    seen = [view for view in _lately(events) if category(view) in HELP]
    same = [view for view in seen if path(view) == path(events[-1])]
    spec = category(events[-1]) == "spec" and len(same) >= 3
    return category(events[-1]) in HELP and (spec or (len(same) == 1 and len({path(view) for view in seen}) >= 5))


def _saw_a_feature(events):
    return any(path(view).startswith("/features/") for view in _lately(events, 7 * DAY))


def _tries(events):
    reads = ("spec", "support")
    looks = [path(view) for view in _lately(events) if category(view) in reads]
    sets_up = category(events[-1]) in reads and len(looks) >= 3 and any(looks.count(one) >= 2 for one in looks)
    return _saw_a_feature(events) and category(events[-1]) in HELP and (sets_up or _searches(events))


def _is_lost(events):
    return _searches(events) and not _saw_a_feature(events)
