"""What people said of alerts, by rule: of each person and alert the last word counts."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from msgspec import Struct

from stream_app.core.events import Micros
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.orders import VERDICTS, Action
from stream_app.core.shares import Share


class Verdict(Struct, frozen=True, kw_only=True):
    """How many words a rule's alerts were given, of each kind."""

    useful: int = 0
    not_useful: int = 0
    too_early: int = 0

    @property
    def precision(self) -> Share:
        """Useful of all that say whether the rule is right; too early says that it is, and speaks of the moment."""
        return Share(self.useful, self.useful + self.not_useful)


class _Word(Struct, frozen=True, order=True):
    at: Micros
    feedback_id: str  # of two at once always the same one counts, in whichever order they come
    rule_id: str
    action: Action


class LastWords:
    """Takes feedback in any order, and again; keeps one word of each person and alert."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], _Word] = {}
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def take(self, feedback: Feedback) -> None:
        """Take what somebody said; what is no verdict, or names no rule, is passed over."""
        if feedback.action not in VERDICTS or not feedback.rule_id:
            return
        word = _Word(feedback.at, feedback.feedback_id, feedback.rule_id, feedback.action)
        for alert_id in feedback.alert_ids or (feedback.case_id,):
            self._hear((feedback.by, alert_id), word)

    def forget(self, before: Micros) -> None:
        """Drop the words that were said before."""
        for key in [key for key, word in self._last.items() if word.at < before]:
            self._drop(key)

    def by_rule(self) -> Mapping[str, Verdict]:
        """Return what was said of each rule of which anything was."""
        return {rule_id: Verdict(**counts) for rule_id, counts in sorted(self._counts.items()) if counts.total()}

    def _hear(self, key: tuple[str, str], word: _Word) -> None:
        known = self._last.get(key)
        if known is not None and known >= word:
            return
        self._drop(key)
        self._last[key] = word
        self._counts[word.rule_id][word.action] += 1

    def _drop(self, key: tuple[str, str]) -> None:
        if (word := self._last.pop(key, None)) is not None:
            self._counts[word.rule_id][word.action] -= 1
