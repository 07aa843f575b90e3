"""Alerts with as little in them as there can be."""

from stream_app.core.alerts import Intent, Polarity, PublishedAlert, Severity


def published(number, rule_id="r", customer_id="c-1"):
    """Return an alert with this number as its id."""
    return PublishedAlert(
        alert_id=f"{number:032x}",
        intent=Intent.CHURN,
        rule_id=rule_id,
        severity=Severity.HIGH,
        polarity=Polarity.RISK,
        customer_id=customer_id,
        occurred_at=1_000_000,
        detected_at=2_000_000,
        rule_set="test",
        reason="a test",
        evidence=(),
    )
