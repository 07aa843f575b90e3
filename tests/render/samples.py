"""Alerts to render: real ones, made by the core out of short histories."""

from decimal import Decimal

from stream_app.core.alerts import Intent
from stream_app.core.events import DAY, MINUTE, CustomerProfile, PageView, Purchase
from stream_app.core.language import Language
from stream_app.core.pipeline import process
from stream_app.core.rule_set import RuleSet
from stream_app.core.state import UNKNOWN_CUSTOMER
from tests.render.found import found
from tests.render.whom import CUSTOMERS, LINKS, LONDON, MORNING, SENDERS, STARTS, TOKYO, ZONES

__all__ = ["CUSTOMERS", "LINKS", "LONDON", "MORNING", "SENDERS", "STARTS", "TOKYO", "ZONES", "alert_of"]

SITES = {
    Language.JA: {
        "/account/cancel": "解約のお手続き",
        "/pricing": "料金プラン",
        "/help/export": "CSVの書き出し",
        "/help/import": "データの取り込み",
    },
    Language.EN: {
        "/account/cancel": "Cancel your subscription",
        "/pricing": "Plans and prices",
        "/help/export": "Exporting CSV",
        "/help/import": "Importing your data",
    },
}

WRITTEN = {Intent.LOYALTY: "loyalty.became-loyal", Intent.OPS: "ops.tracking-outage"}
"""What one alert alone cannot show is not made by the core here."""

VIEWS = {
    Intent.CHURN: ((0, "/account/cancel"),),
    Intent.BUDGET: ((0, "/pricing"),),
    Intent.UPGRADE: ((0, "/pricing"),),
    Intent.SUPPORT: ((0, "/help/export"), (25 * MINUTE, "/help/export"), (70 * MINUTE, "/help/export")),
}


def alert_of(intent, language=Language.JA, *, profile=None):
    """Return the alert of an intent that the core makes of a short history; the others' as written down."""
    if intent in WRITTEN:
        return found(WRITTEN[intent], language, customer=profile)
    profile = profile or CUSTOMERS[language]
    events = [CustomerProfile(customer_id="c-1042", occurred_at=profile.occurred_at, profile=profile)]
    if intent is Intent.UPGRADE:
        events.append(_purchase(STARTS[language] - 9 * DAY))
    events += [
        PageView(
            event_id=f"v-{number}",
            customer_id="c-1042",
            occurred_at=STARTS[language] + after,
            url=f"https://www.example.com{path}?utm_source=mail",
            title=SITES[language][path],
        )
        for number, (after, path) in enumerate(VIEWS[intent])
    ]
    return _last_alert(events)


def _purchase(at):
    return Purchase(
        event_id="p-1",
        customer_id="c-1042",
        occurred_at=at,
        amount=Decimal(29_800),
        currency="JPY",
        plan="team",
    )


def _last_alert(events):
    state, rules, alerts = UNKNOWN_CUSTOMER, RuleSet(), []
    for event in events:
        outcome = process(event, state, rules)
        state = outcome.state
        alerts += outcome.alerts
    return alerts[-1]
