"""What an alert rests on, as lines: each page once with its times, each purchase with its amount, newest first."""

from zoneinfo import ZoneInfo

from yarl import URL

from stream_app.core.alerts import Evidence
from stream_app.core.events import Micros
from stream_app.playbooks.placeholders import fill
from stream_app.render.catalogue import Catalogue
from stream_app.render.message import Seen
from stream_app.render.money import amount
from stream_app.render.shown import MAX_ADDRESS, MAX_ID, MAX_TITLE, shown
from stream_app.render.when import told_times

LINES_SHOWN = 5
TIMES_SHOWN = 3


def seen_lines(
    evidence: tuple[Evidence, ...], zone: ZoneInfo, now: Micros, words: Catalogue
) -> tuple[tuple[Seen, ...], str]:
    """Return the lines, and what there is beside them in a word or two."""
    lines: dict[tuple[str, str], list[Evidence]] = {}
    for one in sorted(evidence, key=lambda one: one.occurred_at, reverse=True):
        lines.setdefault(_same_line(one), []).append(one)
    shown_lines, left = list(lines.values())[:LINES_SHOWN], list(lines.values())[LINES_SHOWN:]
    more = fill(words.seen["more"], {"count": str(len(left))}) if left else ""
    return tuple(_line(one, zone, now, words) for one in shown_lines), more


def judged(at: Micros, zone: ZoneInfo, now: Micros, words: Catalogue) -> Seen:
    """Return what stands where nothing was seen: when it was found."""
    return Seen(when=told_times((at,), zone, now, words), what=words.seen["judged"], where="")


def read_before(url: str, words: Catalogue) -> str:
    """Return which help page was read last before; empty: none known."""
    page = address(url)
    return fill(words.seen["read_before"], {"page": page}) if page else ""


def _same_line(one: Evidence) -> tuple[str, str]:
    if one.amount:
        return "purchase", one.event_id
    return one.category, one.url.partition("?")[0] or one.title


def _line(views: list[Evidence], zone: ZoneInfo, now: Micros, words: Catalogue) -> Seen:
    newest = views[0]
    times = sorted(one.occurred_at for one in views[:TIMES_SHOWN])
    count = fill(words.seen["times"], {"count": str(len(views))}) if len(views) > 1 else ""
    title = (newest.plan or newest.product_id) if newest.amount else newest.title
    return Seen(
        when=told_times(times, zone, now, words) + count,
        what=_kind(newest.category, words) + _title(title, words),
        where=amount(newest.amount, newest.currency) if newest.amount else address(newest.url),
    )


def _kind(category: str, words: Catalogue) -> str:
    return words.seen.get(category) or shown(category, MAX_ID)


def _title(title: str, words: Catalogue) -> str:
    clean = shown(title, MAX_TITLE)
    return f"{words.before_title}{clean}{words.after_title}" if clean else ""


def address(url: str) -> str:
    """Return host and path as people read them; no scheme: it is not for following."""
    try:
        parsed = URL(url)
        return shown(f"{parsed.host or ''}{parsed.path}", MAX_ADDRESS)
    except ValueError:
        return ""
