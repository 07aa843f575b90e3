"""Alerts to render: real ones, made by the core out of short histories."""

from decimal import Decimal
from zoneinfo import ZoneInfo

from stream_app.core.alerts import Intent
from stream_app.core.events import DAY, HOUR, MINUTE, CustomerProfile, PageView, Profile, Purchase, Stage, Tier
from stream_app.core.language import Language
from stream_app.core.pipeline import RuleSet, process
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.render import LinkTemplates, Sender

TOKYO, LONDON = ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/London")
MORNING = 20_605 * DAY + HOUR  # Monday 2026-06-01, 10:00 in Tokyo
STARTS = {Language.JA: MORNING, Language.EN: MORNING + 8 * HOUR}  # each at 10:00 of its zone
LINKS = LinkTemplates(
    crm="https://crm.example.com/accounts/{account_id}", history="https://crm.example.com/history/{customer_id}"
)

CUSTOMERS = {
    Language.JA: Profile(
        occurred_at=MORNING - 90 * DAY,
        name="見本 利用者",
        account_id="a-0007",
        account_name="株式会社サンプル",
        owner="tantou@example.co.jp",
        tier=Tier.HIGH,
        stage=Stage.ACTIVE,
        plan="team",
        renewal_date="2026-07-15",
        language="ja",
        timezone="Asia/Tokyo",
    ),
    Language.EN: Profile(
        occurred_at=MORNING - 90 * DAY,
        name="Sample Customer",
        account_id="a-0008",
        account_name="Example Ltd",
        owner="owner@example.com",
        tier=Tier.HIGH,
        stage=Stage.ACTIVE,
        plan="team",
        renewal_date="2026-07-15",
        language="en",
        timezone="Europe/London",
    ),
}
SENDERS = {
    Language.JA: Sender(name="見本 担当者", email="tantou@example.co.jp"),
    Language.EN: Sender(name="Account Owner", email="owner@example.com"),
}
ZONES = {Language.JA: TOKYO, Language.EN: LONDON}

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

VIEWS = {
    Intent.CHURN: ((0, "/account/cancel"),),
    Intent.BUDGET: ((0, "/pricing"),),
    Intent.UPGRADE: ((0, "/pricing"),),
    Intent.SUPPORT: ((0, "/help/export"), (25 * MINUTE, "/help/export"), (70 * MINUTE, "/help/export")),
}


def alert_of(intent, language=Language.JA, *, profile=None):
    """Return the alert of an intent that the core makes of a short history."""
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
