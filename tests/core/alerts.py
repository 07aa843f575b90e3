"""An alert as others read it, for tests."""

from stream_app.core.alerts import Evidence, Intent, Polarity, PublishedAlert, Severity, Snapshot
from stream_app.core.events import Tier

PUBLISHED = PublishedAlert(
    alert_id="0123456789abcdef0123456789abcdef",
    intent=Intent.CHURN,
    rule_id="churn.cancellation-page",
    severity=Severity.HIGH,
    polarity=Polarity.RISK,
    customer_id="c-1",
    account_id="a-1",
    customer=Snapshot(
        name="担当者",
        account_name="株式会社サンプル",
        owner="cs-1@example.co.jp",
        tier=Tier.HIGH,
        plan="team",
        language="en-GB",
        timezone="Asia/Tokyo",
        renewal_date="2026-09-30",
    ),
    occurred_at=1_781_092_800_000_001,
    detected_at=1_781_092_801_000_000,
    rule_set="0123abcd",
    reason="They looked at the cancellation page.",
    evidence=(
        Evidence(
            event_id="v-1",
            occurred_at=1_781_092_800_000_001,
            category="cancellation",
            url="https://a.example/解約",
            title="解約",
        ),
    ),
)
