"""A new feature that a customer is setting up."""

from stream_app.core import difficulty
from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import DAY, HOUR
from stream_app.core.example import Step, silent, speaks
from stream_app.core.pages import PageCategory
from stream_app.core.rule import HELP_THREAD, Asked, Match, rule
from stream_app.core.state import HELP

RULE_ID = "support.trying"

_FEATURE = Step(views="/features/workflows")
_READ = tuple(Step(after=hours * HOUR, views=f"/docs/workflows/{hours}") for hours in (20, 21))
_AGAIN = Step(after=22 * HOUR, views="/docs/workflows/20")


@rule(
    RULE_ID,
    intent=Intent.SUPPORT,
    severity=Severity.LOW,
    polarity=Polarity.CHANCE,
    cooldown=7 * DAY,
    on=HELP | {PageCategory.FEATURE},
    where=difficulty.may_be_one,
    digest=True,
    thread=HELP_THREAD,
    due=difficulty.judged_over_at,
    ends=difficulty.over,
    playbook="setup",
    examples=(
        speaks(_FEATURE, *_READ, _AGAIN),
        silent(*_READ, _AGAIN),
        silent(_FEATURE, *_READ, Step(after=22 * HOUR, views="/docs/workflows/22")),
        silent(_FEATURE, *_READ, Step(after=44 * HOUR, views=_AGAIN.views)),
        silent(Step(views="/features"), *_READ, _AGAIN),
    ),
)
def trying(asked: Asked) -> Match | None:
    """Somebody who looks at a feature and comes back to how it is set up wants to use more: offer a set-up call."""
    if difficulty.worse_is_said(asked, RULE_ID):
        return None
    views, span = asked.state.views, asked.tuning.windows.help
    for view in asked.once(difficulty.since):
        looks = difficulty.set_up_looks(views, view, span) if view.category in HELP else ()
        feature = difficulty.feature_before(views, view.occurred_at, asked.pages) if looks else None
        if feature is not None:
            return Match(
                reason="The customer looked at a feature, "
                f"and {len(looks)} times within a day at how things are set up: most likely they are trying it.",
                views=(feature, *looks),
                anchor=(anchor := (view.event_id, view.occurred_at)),
                instead=asked.stands_later(RULE_ID, HELP_THREAD, anchor),
            )
    return None
