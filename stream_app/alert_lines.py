"""Alerts as people read them while they come: who, how bad, which page, why, and what is known beside."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.json import Decoder
from rich.cells import cell_len, set_cell_size
from rich.color import ColorSystem
from rich.style import Style
from yarl import URL

from stream_app.codec import encode_alert
from stream_app.core.alerts import Alert, Intent, Severity

ZONE = ZoneInfo("Asia/Tokyo")
WHO = 34  # cells: an ideograph takes two

_STYLES = {
    Severity.HIGH: Style.parse("bold red"),
    Severity.MEDIUM: Style.parse("yellow"),
    Severity.LOW: Style.parse("cyan"),
}


class _Customer(Struct, frozen=True):
    name: str = ""
    account_name: str = ""


class _Evidence(Struct, frozen=True):
    category: str
    url: str = ""
    title: str = ""
    amount: str = ""
    currency: str = ""


class _Reading(Struct, frozen=True):
    reading: str
    confidence: float


class _Standing(Struct, frozen=True):
    lifetime_value: str = ""
    currency: str = ""
    nps: int | None = None
    cell: str = ""
    moved_from: str = ""
    contacted_at: datetime | None = None
    proposed_tier: str = ""
    campaign_only: bool = False
    onboarding: bool = False


class _Shown(Struct, frozen=True, kw_only=True):
    """What people are shown of an alert, out of its JSON."""

    intent: Intent
    severity: Severity
    customer_id: str = ""
    account_id: str = ""
    customer: _Customer = _Customer()
    occurred_at: datetime
    reason: str
    evidence: tuple[_Evidence, ...] = ()
    supersedes: str = ""
    readings: tuple[_Reading, ...] = ()
    standing: _Standing = _Standing()
    preceded_by: str = ""
    digest: bool = False
    second: bool = False


_ALERTS = Decoder(_Shown)


def alert_line(alert: Alert | bytes, *, zone: ZoneInfo = ZONE, width: int | None = None, colour: bool = False) -> str:
    """Return an alert, or its JSON, as one line, cut to `width` cells if given."""
    shown = _shown(alert)
    who = set_cell_size(_who(shown), WHO)
    seen, known = _newest(shown), "; ".join(_known(shown, zone))
    text = f"{seen}: {plain(shown.reason)}" if seen else plain(shown.reason)
    return _line(shown, zone, f"{who}  {text}" + (f" ({known})" if known else ""), width, colour)


def plain(text: str) -> str:
    """Return text that cannot move the cursor, nor turn the direction of what follows."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text)


def _shown(alert: Alert | bytes) -> _Shown:
    return _ALERTS.decode(encode_alert(alert, None) if isinstance(alert, Alert) else alert)


def _line(alert: _Shown, zone: ZoneInfo, text: str, width: int | None, colour: bool) -> str:
    room = None if width is None else max(0, width - cell_len(_head(alert, zone, False)))
    return _head(alert, zone, colour) + _cut(text, room)


def _head(alert: _Shown, zone: ZoneInfo, colour: bool) -> str:
    severity = f"{alert.severity.upper():6}"
    if colour:
        severity = _STYLES[alert.severity].render(severity, color_system=ColorSystem.STANDARD)
    return f"{alert.occurred_at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {severity}  {alert.intent:7}  "


def _who(alert: _Shown) -> str:
    person = plain(alert.customer.name or alert.customer_id or "the site")
    company = plain(alert.customer.account_name or alert.account_id)
    return f"{person}, {company}" if company else person


def _newest(alert: _Shown) -> str:
    """Return the newest page; where none was looked at, the newest of what else happened, if anything did."""
    pages = (seen for seen in reversed(alert.evidence) if seen.url or seen.title)
    newest = next(pages, alert.evidence[-1] if alert.evidence else None)
    return _told(newest) if newest else ""


def _known(alert: _Shown, zone: ZoneInfo) -> Iterator[str]:
    if alert.readings:
        yield ", ".join(f"{plain(one.reading)} {one.confidence:.0%}" for one in alert.readings)
    yield from _stands(alert.standing, zone)
    if alert.preceded_by:
        yield f"read before: {plain(_path(alert.preceded_by) or alert.preceded_by)}"
    if alert.supersedes:
        yield f"in place of {alert.supersedes[:8]}"
    if alert.digest:
        yield "for the digest"
    if alert.second:
        yield "second target too"


def _stands(standing: _Standing, zone: ZoneInfo) -> Iterator[str]:
    if standing.cell or standing.moved_from:
        before = f"{standing.moved_from} → " if standing.moved_from else ""
        yield plain(f"{before}{standing.cell or 'not known'}".replace("_", " "))
    if standing.lifetime_value:
        yield plain(f"worth {standing.lifetime_value} {standing.currency}".rstrip())
    if standing.nps is not None:
        yield f"NPS {standing.nps}"
    if standing.contacted_at is not None:
        yield f"contacted {standing.contacted_at.astimezone(zone):%Y-%m-%d}"
    if standing.proposed_tier:
        yield f"tier {plain(standing.proposed_tier)} proposed"
    if standing.campaign_only:
        yield "buys only in campaigns"
    if standing.onboarding:
        yield "in onboarding"


def _told(seen: _Evidence) -> str:
    if seen.amount:
        return plain(f"{seen.category} {seen.amount} {seen.currency}")
    return plain(" ".join(filter(None, (seen.title, _path(seen.url)))) or seen.category)


def _path(url: str) -> str:
    try:
        return URL(url).path
    except ValueError:
        return ""


def _cut(text: str, width: int | None) -> str:
    if width is None or cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - 1)) + "…" * min(width, 1)
