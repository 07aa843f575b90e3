"""The tables of the rules: which are asked, when they look and speak, and what they take a customer for."""

import re
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, TypeAlias

from msgspec.structs import replace
from pydantic import AfterValidator, Field, field_validator

from stream_app.core.alerts import Severity
from stream_app.core.events import DAY, HOUR
from stream_app.core.rule import Rule
from stream_app.core.rule_set import RULES_OF, RuleSetName
from stream_app.core.rules import RULES
from stream_app.core.state import VIEWS_KEPT_FOR
from stream_app.core.tuning import Loyalty, Waits, Windows
from stream_app.formats.money import CURRENCIES
from stream_app.settings.sections import Section
from stream_app.settings.values import Span

_A_LEAP_YEAR = 2024


def _day_of_year(text: str) -> str:
    try:
        if not re.fullmatch(r"[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        date.fromisoformat(f"{_A_LEAP_YEAR}-{text}")
    except ValueError:
        raise ValueError("must be a month and a day, such as '03-31'") from None
    return text


DayOfYear: TypeAlias = Annotated[str, AfterValidator(_day_of_year)]
SomeTime: TypeAlias = Annotated[Span, Field(gt=0)]
Worth: TypeAlias = Annotated[Decimal, Field(gt=0, lt=10**18)]


class RuleSettings(Section):
    """What may be set of one rule; None leaves it as it is."""

    enabled: bool | None = None
    cooldown: Span | None = None
    severity: Severity | None = None
    digest: bool | None = None


class Rules(Section):
    """Which rules are asked, and when they look and speak; `by_id` changes single ones."""

    set: RuleSetName = RuleSetName.FULL
    judge_unknown: bool = True
    lateness: Span = HOUR
    cancellation_lateness: Span = DAY
    inhibition: Span = DAY
    bought_window: SomeTime = Windows().bought
    help_window: SomeTime = Windows().help
    by_id: dict[str, RuleSettings] = Field(default_factory=dict)

    @field_validator("help_window")
    @classmethod
    def _within_what_is_kept(cls, window: int) -> int:
        if window > VIEWS_KEPT_FOR:
            raise ValueError("views are kept for 30 days: must be at most '30d'")
        return window

    @field_validator("by_id")
    @classmethod
    def _known(cls, by_id: dict[str, RuleSettings]) -> dict[str, RuleSettings]:
        ids = [rule.id for rule in RULES]
        for unknown in by_id.keys() - {*ids}:
            nearest = get_close_matches(unknown, ids, 1)
            hint = f"did you mean {nearest[0]!r}?" if nearest else f"there are: {', '.join(ids)}"
            raise ValueError(f"no rule is called {unknown!r}; {hint}")
        return by_id

    def chosen(self) -> tuple[Rule, ...]:
        """Return the rules of the set, as they are set."""
        return tuple(_as_set(rule, self.by_id.get(rule.id)) for rule in RULES_OF[self.set])

    def idle(self) -> tuple[str, ...]:
        """Return the ids in `by_id` that change nothing, for the set does not hold such a rule."""
        held = {rule.id for rule in RULES_OF[self.set]}
        return tuple(rule_id for rule_id in self.by_id if rule_id not in held)

    def windows(self) -> Windows:
        """Return how far back the rules look."""
        return Windows(bought=self.bought_window, help=self.help_window)


class LoyaltySettings(Section):
    """What a customer is worth, and how long what they said counts; see the core's `Loyalty`."""

    high: dict[str, Worth] = Field(default_factory=lambda: Loyalty().high)
    gross_margin: Annotated[Decimal, Field(ge=0, le=1)] = Loyalty().gross_margin
    duration: SomeTime = Loyalty().duration
    nps_stale: SomeTime = Loyalty().nps_stale
    dwell: Span = Loyalty().dwell
    contact_counts: Span = Loyalty().contact_counts
    referral_pause: Span = Loyalty().referral_pause
    recovered: SomeTime = Loyalty().recovered

    @field_validator("high")
    @classmethod
    def _currencies(cls, high: dict[str, Decimal]) -> dict[str, Decimal]:
        for unknown in sorted(high.keys() - CURRENCIES):
            raise ValueError(f"{unknown!r} is not a currency of ISO 4217, such as 'JPY'")
        return high

    def loyalty(self) -> Loyalty:
        """Return the core's form of it."""
        return Loyalty(**self.model_dump())


class WaitsSettings(Section):
    """How long what should come is waited for; see the core's `Waits`."""

    onboarding: Span = Waits().onboarding
    habit: SomeTime = Waits().habit
    follow_up: SomeTime = Waits().follow_up
    renewal: SomeTime = Waits().renewal
    forget: SomeTime = Waits().forget
    calendar_days: bool = Waits().calendar_days

    @field_validator("forget")
    @classmethod
    def _not_what_is_looked_at(cls, span: int) -> int:
        if span < VIEWS_KEPT_FOR:
            raise ValueError("rules look at the views of 30 days: must be at least '30d'")
        return span

    def waits(self) -> Waits:
        """Return the core's form of it."""
        return Waits(**self.model_dump())


def _as_set(rule: Rule, settings: RuleSettings | None) -> Rule:
    return replace(rule, **settings.model_dump(exclude_none=True)) if settings else rule
