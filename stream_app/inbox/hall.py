"""What readers see of the cases, and what they are told when one changes."""

import asyncio
from collections.abc import Callable
from zoneinfo import ZoneInfo

import orjson

from stream_app.codec.outputs import time_text
from stream_app.core.events import DAY, Micros
from stream_app.inbox.asked import Stories
from stream_app.inbox.cards import Desk, Fields, Written, encoded, written
from stream_app.inbox.case import Case
from stream_app.inbox.cases import KEPT_FOR, Cases
from stream_app.inbox.stream import Stream
from stream_app.inbox.whole import whole_case
from stream_app.playbooks import load_playbooks
from stream_app.settings import Settings

MAX_CARDS = 1_000
"""More are not shown in one list."""

CARDS_AT_ONCE = 20
"""Writing one takes some tenths of a millisecond."""

KEPT_DAYS = KEPT_FOR // DAY


class Hall:
    """Cards, whole cases, and the stream of what changes; `began_at` grows with each start."""

    def __init__(self, settings: Settings, now: Callable[[], Micros], began_at: int) -> None:
        self.settings = settings
        self.now = now
        rules = settings.notify_rules()
        self.cases = Cases()
        self.stream = Stream(began_at)
        self.stories = Stories(settings, now)
        self.desk = Desk(
            rules=rules,
            playbooks=load_playbooks(settings.playbooks),
            zone=ZoneInfo(settings.hours.timezone),
            links=settings.notify.links.templates(),
        )
        self._cards: dict[str, Written] = {}
        self.up = False
        """Whether the cases are all there: before that nobody follows."""

    def list(self, email: str | None) -> Fields:
        """Return the cards of somebody, None: of everybody."""
        those = [one for one in self._cards.values() if email is None or email in one.readers]
        those.sort(key=lambda one: one.order)
        cards = [orjson.Fragment(one.body) for one in those[:MAX_CARDS]]
        return {**self._as_of(), "left_out": max(0, len(those) - MAX_CARDS), "cards": cards}

    def whole(self, case: Case, email: str) -> Fields:
        """Return all of a case, as somebody reads it."""
        return {**self._as_of(), **whole_case(case, self.desk, self.now(), email)}

    async def all_read(self) -> None:
        """Write all cards, and let readers in."""
        self.cases.tidy(self.now())
        await self.changed()
        self.up = True

    async def changed(self) -> None:
        """Write the cards that changed, and tell those who follow."""
        changed = self.cases.changed()
        for number, case_id in enumerate(changed, 1):
            self._write(case_id)
            if number % CARDS_AT_ONCE == 0:  # of thousands, as at the start, others are served in between
                await asyncio.sleep(0)
        if changed:
            await self.stream.wake()

    def tidy(self) -> None:
        """Let go of what is too old, and see what time alone has changed."""
        now = self.now()
        self.cases.tidy(now)
        for case_id, one in self._cards.items():
            if one.until is not None and now >= one.until:
                self.cases.touch(case_id)

    def erased(self) -> None:
        """Forget what is kept beside the cases."""
        self.stories.forget()

    def _write(self, case_id: str) -> None:
        case = self.cases.get(case_id)
        if case is not None:
            card = self._cards[case_id] = written(case, self.desk, self.now())
            self.stream.put(case_id, "card", card.body)
        elif self._cards.pop(case_id, None) is not None:
            self.stream.put(case_id, "gone", encoded({"id": case_id}))

    def _as_of(self) -> Fields:
        return {"as_of": str(self.stream.end), "now": time_text(self.now())}
