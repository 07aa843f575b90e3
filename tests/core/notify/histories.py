"""What happens, and what is said of it, in short words: times of Tokyo, cases by the name of their first alert."""

from datetime import datetime
from zoneinfo import ZoneInfo

from stream_app.core.alerts import (
    Intent,
    Polarity,
    PublishedAlert,
    Resolution,
    ResolvedReason,
    Severity,
    Snapshot,
    Standing,
    Suppressed,
    SuppressedReason,
)
from stream_app.core.calendar import Calendar, Hours
from stream_app.core.events import DAY, EPOCH, Tier, moment_of
from stream_app.core.notify.orders import Acted, Action, Contacted, Solved
from tests.core.notify.naive_cases import World

TOKYO = ZoneInfo("Asia/Tokyo")
SEVERITIES = {
    "churn": "high",
    "budget": "medium",
    "upgrade": "medium",
    "support": "low",
    "loyalty": "low",
    "ops": "high",
}
WORLD = World()


def at(text):
    """Return a moment of Tokyo, such as 2026-06-12 18:30."""
    return int((datetime.fromisoformat(text).replace(tzinfo=TOKYO) - EPOCH).total_seconds()) * 1_000_000


def alert(name, intent, when, *, read="", account="a-1", customer="", severity="", tier="high", owner="cs-1", **more):
    """Return when an alert is read, and the alert; what is of the site has neither customer nor account."""
    of_site = intent == "ops"
    return at(read or when), PublishedAlert(
        alert_id=name,
        intent=Intent(intent),
        rule_id=f"{intent}.rule",
        severity=Severity(severity or SEVERITIES[intent]),
        polarity=Polarity.RISK,
        customer_id="" if of_site else customer or f"c-{account}",
        account_id="" if of_site else account,
        customer=None
        if of_site
        else Snapshot(tier=Tier(tier) if tier else None, owner=f"{owner}@example.co.jp" if owner else ""),
        occurred_at=at(when),
        rule_set="rules",
        reason="",
        evidence=(),
        **more,
    )


def over(name, when, reason="solved", *, account="a-1", intent="churn"):
    """Return when it is read that an alert is over, and that it is."""
    of_site = intent == "ops"
    return at(when), Resolution(
        alert_id=name,
        intent=Intent(intent),
        rule_id=f"{intent}.rule",
        customer_id="" if of_site else f"c-{account}",
        account_id="" if of_site else account,
        event_id="",
        occurred_at=at(when),
        reason=ResolvedReason(reason),
    )


def worth(amount, currency="JPY", **more):
    """Return how a customer stands who is worth so much."""
    return Standing(lifetime_value=amount, currency=currency, **more)


def held_back(name, intent, when, reason="cooldown", account="a-1"):
    """Return when a match is read that detect suppressed, and the match."""
    return at(when), Suppressed(
        match_id=name,
        intent=Intent(intent),
        rule_id=f"{intent}.rule",
        severity=Severity.MEDIUM,
        customer_id=f"c-{account}",
        account_id=account,
        event_id=name,
        occurred_at=at(when),
        rule_set="rules",
        reason=SuppressedReason(reason),
    )


def deed(case, action, when):
    """Return when somebody does something with a case's message, and what."""
    return at(when), Acted(case_id=case, action=Action(action), by="cs-1", at=at(when))


def contacted(when, customer="c-a-1"):
    return at(when), Contacted(customer_id=customer, at=at(when))


def solved(when, customer="c-a-1"):
    return at(when), Solved(customer_id=customer, at=at(when))


def calendars(**hours):
    """Return the team's calendar of Tokyo, and those of people with other hours."""
    people = {f"{name.replace('_', '-')}@example.co.jp": Calendar(each) for name, each in hours.items()}
    return {"": Calendar(Hours(closures=("12-29/01-03",))), **people}


def lines(said, *, updates=False):
    """Return what was said as lines of text; without what nobody is notified of."""
    return sorted(line(*one) for one in said if updates or one[2] != "update")


def line(when, target, kind, cases):
    who = target.address.partition("@")[0] or str(target.sink)
    return f"{moment_of(when).astimezone(TOKYO):%m-%d %H:%M} {who} {kind} {' '.join(cases)}"


def until(history, days=9):
    """Return when nothing more is to be expected of a history."""
    return max((when for when, _ in history), default=0) + days * DAY
