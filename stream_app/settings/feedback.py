"""The table of what precision proposes."""

from typing import Annotated, Self, TypeAlias

from pydantic import Field, model_validator

from stream_app.core.notify.proposals import Bars
from stream_app.settings.sections import Section

Precision: TypeAlias = Annotated[float, Field(ge=0, le=1)]


class FeedbackSettings(Section):
    """When what people say of a rule's alerts proposes something for it; see the core's `Bars`."""

    digest_below: Precision = Bars().digest_below
    push_above: Precision = Bars().push_above
    at_least: Annotated[int, Field(ge=1, le=10_000)] = Bars().at_least

    @model_validator(mode="after")
    def _leaves_room(self) -> Self:
        if self.push_above < self.digest_below:
            raise ValueError("push_above must not be below digest_below: the same rule would go to and fro")
        return self

    def bars(self) -> Bars:
        """Return the core's form of it."""
        return Bars(**self.model_dump())
