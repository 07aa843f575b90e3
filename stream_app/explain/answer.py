"""The short answer: told, or why not."""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.events import Micros
from stream_app.core.pipeline import Verdict
from stream_app.explain.matches import Alerted, Matched
from stream_app.explain.story import Story


class Answered(StrEnum):
    """What the answer comes to."""

    TOLD = "told"
    WAITS = "waits"
    UNTOLD = "untold"  # alerts, and no message
    HELD = "held"  # matches, and no alert
    NOTHING = "nothing"
    NOT_COUNTED = "not_counted"  # staff, robots


class Answer(Struct, frozen=True, kw_only=True):
    """What it comes to, and the matches that say so, the newest first."""

    answered: Answered
    matched: tuple[Matched, ...]
    count: int
    all: int


def since(story: Story, at: Micros) -> Story:
    """Return the story without what was done before; how they stand now remains."""
    return replace(
        story,
        people=tuple(
            replace(
                one,
                happened=tuple(each for each in one.happened if each.event.occurred_at >= at),
                wanted=tuple(each for each in one.wanted if each.at >= at),
            )
            for one in story.people
        ),
        said=replace(
            story.said,
            resolutions=tuple(one for one in story.said.resolutions if one.occurred_at >= at),
            feedback=tuple(one for one in story.said.feedback if one.at >= at),
        ),
    )


def answer(story: Story, matched: Sequence[Matched]) -> Answer:
    """Return the answer to "why was I told, or not?"."""
    alerted = [one for one in matched if isinstance(one, Alerted)]
    reached = [one for one in alerted if one.reached]
    waits = [one for one in alerted if one.waiting]
    for answered, those in (
        (Answered.TOLD, reached),
        (Answered.WAITS, waits),
        (Answered.UNTOLD, alerted),
        (Answered.HELD, list(matched)),
    ):
        if those:
            newest = sorted(those, key=lambda one: -one.at)
            return Answer(answered=answered, matched=tuple(newest), count=len(those), all=len(matched))
    counted = any(one.verdict is not Verdict.IGNORED for person in story.people for one in person.happened)
    happened = any(person.happened for person in story.people)
    answered = Answered.NOT_COUNTED if happened and not counted else Answered.NOTHING
    return Answer(answered=answered, matched=(), count=0, all=0)
