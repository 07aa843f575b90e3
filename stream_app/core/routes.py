"""The table of routes as values: what each takes, where that goes, and the table that holds without any setting."""

from enum import StrEnum
from fnmatch import fnmatchcase

from msgspec import Struct

from stream_app.core.alerts import Intent, Polarity, PublishedAlert, Severity
from stream_app.core.events import Tier
from stream_app.core.people import person_key

OWNER = "owner"
"""In a route's `user`: whoever owns the customer."""

FALLBACK = "fallback"
ESCALATION = "escalation"
"""Names of what is no route of the table, but goes somewhere as one does."""

TEAM_CHANNEL = "#customer-success"


class Sink(StrEnum):
    """A kind of place that messages go to."""

    SLACK = "slack"
    SALESFORCE = "salesforce"
    HUBSPOT = "hubspot"
    WEBHOOK = "webhook"
    CONSOLE = "console"
    FILE = "file"


class AlertFacts(Struct, frozen=True, kw_only=True):
    """What routes look at; `tier` None, `owner` and `language` empty: not known.

    `digest`: it waits for the digest, whatever its route says; `second`: the second target hears of it too.
    """

    intent: Intent
    severity: Severity
    polarity: Polarity
    rule: str
    tier: Tier | None = None
    owner: str = ""
    language: str = ""
    digest: bool = False
    second: bool = False


class Matcher(Struct, frozen=True, kw_only=True):
    """What a route takes: of each a list of allowed values, an empty one allows any.

    `owner` and `rule` may hold wildcards (`*`, `?`, `[…]`); `ja` allows `ja-JP` too; an empty text is one not known.
    """

    intent: tuple[Intent, ...] = ()
    severity: tuple[Severity, ...] = ()
    polarity: tuple[Polarity, ...] = ()
    tier: tuple[Tier, ...] = ()
    owner: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()

    def takes(self, alert: AlertFacts) -> bool:
        """Tell whether every list allows the alert."""
        return (
            _among(alert.intent, self.intent)
            and _among(alert.severity, self.severity)
            and _among(alert.polarity, self.polarity)
            and _among(alert.tier or Tier.LOW, self.tier)
            and _like(person_key(alert.owner), tuple(map(person_key, self.owner)))
            and _spoken(alert.language, self.language)
            and _like(alert.rule, self.rule)
        )


class Route(Struct, frozen=True, kw_only=True):
    """One line of the table: what it takes and where that goes; at most one of channel, user and queue is set.

    `goes_on`: later routes are asked too. `mentions_owner`: the owner is named in the channel. `digest`: in the next
    digest, not at once. `passes`: the severities that do not wait for business hours.
    """

    name: str
    match: Matcher = Matcher()
    sink: Sink = Sink.SLACK
    channel: str = ""
    user: str = ""
    queue: str = ""
    mentions_owner: bool = False
    digest: bool = False
    passes: tuple[Severity, ...] = ()
    goes_on: bool = False

    def takes(self, alert: AlertFacts) -> bool:
        """Tell whether an alert goes this way; one of operations only where intent or rule are named."""
        meant = alert.intent is not Intent.OPS or self.match.intent or self.match.rule
        return bool(meant) and self.match.takes(alert)


class Routes(Struct, frozen=True, kw_only=True):
    """The table in its order, and what takes the rest; the fallback's matcher is never asked."""

    ordered: tuple[Route, ...]
    fallback: Route


DEFAULT_ROUTES = Routes(
    ordered=(
        Route(name="high-touch", match=Matcher(tier=(Tier.HIGH,)), user=OWNER),
        Route(name="low-touch", match=Matcher(tier=(Tier.LOW,)), channel=TEAM_CHANNEL, mentions_owner=True),
        Route(name="tech-touch", match=Matcher(tier=(Tier.TECH,)), channel=TEAM_CHANNEL, digest=True),
    ),
    fallback=Route(name=FALLBACK, channel=TEAM_CHANNEL),
)


def facts_of(alert: PublishedAlert) -> AlertFacts:
    """Return what routes look at in an alert."""
    customer = alert.customer
    return AlertFacts(
        intent=alert.intent,
        severity=alert.severity,
        polarity=alert.polarity,
        rule=alert.rule_id,
        tier=customer.tier if customer else None,
        owner=customer.owner if customer else "",
        language=customer.language if customer else "",
        digest=waits(alert),
        second=alert.second,
    )


def waits(alert: PublishedAlert) -> bool:
    """Tell whether it waits for the digest: its rule says so, or somebody was in contact and it is not high."""
    contacted = alert.standing is not None and alert.standing.contacted_at is not None
    return alert.digest or (contacted and alert.severity is not Severity.HIGH)


def _among(value: str, allowed: tuple[str, ...]) -> bool:
    return not allowed or value in allowed


def _like(value: str, patterns: tuple[str, ...]) -> bool:
    return not patterns or any(fnmatchcase(value, pattern) for pattern in patterns)


def _spoken(language: str, allowed: tuple[str, ...]) -> bool:
    """Tell whether a language is allowed, by itself or as one of its regions (RFC 4647, basic filtering)."""
    spoken, ranges = language.lower(), [one.lower() for one in allowed]
    return not ranges or any(spoken == one or (one and spoken.startswith(f"{one}-")) for one in ranges)
