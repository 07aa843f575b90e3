"""Whom the samples are about, and when they happen."""

from zoneinfo import ZoneInfo

from stream_app.core.events import DAY, HOUR, Profile, Stage, Tier
from stream_app.core.language import Language
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
