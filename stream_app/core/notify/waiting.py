"""A message that was not told yet: until when it waits."""

from msgspec.structs import replace

from stream_app.core.alerts import PublishedAlert, Severity
from stream_app.core.events import Micros
from stream_app.core.notify.manner import Manner, is_minor, manner_of
from stream_app.core.notify.message import RANK, Message, Stage
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.routes import waits
from stream_app.core.routing import told_at


def severity_of(message: Message) -> Severity:
    """Return the most severe of what is to be said, first of what need not wait for the digest; else of all."""
    news = [alert for alert in message.alerts if alert.alert_id in message.news]
    counts = [alert for alert in news if _presses(message, alert)] or news or message.live or message.alerts
    return min((alert.severity for alert in counts), key=RANK.__getitem__)


def _presses(message: Message, alert: PublishedAlert) -> bool:
    """Tell whether it need not wait for the digest of its own accord; a webhook has no digest."""
    return manner_of(message.routing.target.sink) is Manner.EACH or not waits(alert)


def _presses_any(message: Message) -> bool:
    return any(alert.alert_id in message.news and _presses(message, alert) for alert in message.alerts)


def scheduled(message: Message, quiet_since: Micros, rules: NotifyRules, now: Micros) -> Message:
    """Return the message with when it may go, and whether in a digest; `quiet_since`: the account's last sign."""
    severity, manner, hours = (
        severity_of(message),
        manner_of(message.routing.target.sink),
        rules.hours_of(message.routing),
    )
    at_once = replace(message.routing, digest=False)
    if manner is Manner.EACH:
        return replace(message, stage=Stage.HELD, send_at=told_at(at_once, severity, now, hours))
    if message.escalated_from:
        return replace(message, stage=Stage.HELD, send_at=hours.next_open(now))
    if manner is Manner.CONVERSATION and goes_to_digest(message, severity):
        return replace(message, stage=Stage.DIGEST, send_at=_digest_at(message, rules, now), quiet_from=None)
    ready, quiet_from = now, message.quiet_from if message.quiet_from is not None else now
    if severity is not Severity.HIGH:
        ready = max(now, min(quiet_since + rules.quiet, quiet_from + rules.quiet_at_most))
    send_at = told_at(at_once, severity, ready, hours)
    return replace(message, stage=Stage.HELD, send_at=send_at, quiet_from=quiet_from)


def at_rest(message: Message) -> Message:
    """Return a message with nothing left to say as the digest left it that told the rest; any other as it is."""
    if message.news or not message.said:  # not said: an escalation waits for its hours, which has no fate
        return message
    return replace(message, stage=Stage.OPEN, send_at=None, quiet_from=None, overflow=False, refused="")


def goes_to_digest(message: Message, severity: Severity) -> bool:
    """Tell whether a conversation's message waits for the digest."""
    return _is_minor(message) or (message.overflow and severity is Severity.MEDIUM)


def makes_no_task(message: Message) -> bool:
    """Tell whether a CRM is spared this."""
    return _is_minor(message)


def may_go(message: Message, rules: NotifyRules, now: Micros) -> bool:
    """Tell whether the reader may be notified now."""
    silent = message.escalated_from or (message.news and not _presses_any(message))
    passes = severity_of(message) in message.routing.passes and not silent
    return passes or rules.hours_of(message.routing).is_open(now)


def _is_minor(message: Message) -> bool:
    return is_minor(message.routing, severity_of(message), not _presses_any(message))


def _digest_at(message: Message, rules: NotifyRules, now: Micros) -> Micros:
    """Return the next opening; what waits for one already stays where it is."""
    if message.stage is Stage.DIGEST and message.send_at is not None:
        return message.send_at
    routing = replace(message.routing, digest=True)
    return told_at(routing, Severity.LOW, now, rules.hours_of(routing))
