"""What was seen of each person, in a line."""

from collections.abc import Sequence

from stream_app.core.alerts import PublishedAlert
from stream_app.playbooks.placeholders import fill
from stream_app.render.message import Seen
from stream_app.render.pen import Pen
from stream_app.render.seen import seen_lines
from stream_app.render.who import customer_of, named

PEOPLE_SHOWN = 5
PAGES_SHOWN = 3


def person_lines(people: Sequence[PublishedAlert], pen: Pen) -> tuple[str, ...]:
    """Return a line for each person, and how many are left out."""
    lines = tuple(_line(one, pen) for one in people[:PEOPLE_SHOWN])
    left = len(people) - PEOPLE_SHOWN
    return (*lines, fill(pen.words.list.more_people, {"count": str(left)})) if left > 0 else lines


def seen_texts(alert: PublishedAlert, pen: Pen) -> tuple[str, ...]:
    """Return what was seen, each page with its times; the newest first."""
    lines, _ = seen_lines(alert.evidence, pen.reader.zone, pen.now, pen.words)
    return tuple(map(_text, lines))


def _line(alert: PublishedAlert, pen: Pen) -> str:
    words = pen.words
    who = named(customer_of(alert), words)
    return words.colon.join(filter(None, (who, words.between_pages.join(seen_texts(alert, pen)[:PAGES_SHOWN]))))


def _text(seen: Seen) -> str:
    return f"{seen.when} {seen.what}"
