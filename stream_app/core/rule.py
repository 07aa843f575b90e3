"""What a rule is: a business reason, a small pure function, and what its alerts look like."""

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import DAY, Micros
from stream_app.core.state import Bought, CustomerState, Viewed


class Windows(Struct, frozen=True, kw_only=True):
    """How far back the rules look."""

    bought: Micros = 30 * DAY  # a purchase makes a look at prices a question of more
    help: Micros = DAY  # looks at help that belong to one difficulty


class Match(Struct, frozen=True, kw_only=True):
    """A rule's finding: one sentence and what it rests on."""

    reason: str
    views: tuple[Viewed, ...] = ()
    purchases: tuple[Bought, ...] = ()


Check: TypeAlias = Callable[[Viewed, CustomerState, Windows], Match | None]


class Rule(Struct, frozen=True, kw_only=True):
    """A rule as a value; `check` is asked for each view of a page that matters, with the state after it."""

    id: str
    intent: Intent
    severity: Severity
    polarity: Polarity
    cooldown: Micros
    why: str
    check: Check
    enabled: bool = True


def rule(
    rule_id: str, *, intent: Intent, severity: Severity, polarity: Polarity, cooldown: Micros
) -> Callable[[Check], Rule]:
    """Make a rule of a check; its docstring is the business reason."""

    def build(check: Check) -> Rule:
        return Rule(
            id=rule_id,
            intent=intent,
            severity=severity,
            polarity=polarity,
            cooldown=cooldown,
            why=" ".join((check.__doc__ or "").split()),
            check=check,
        )

    return build
