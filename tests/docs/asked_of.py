"""Which settings a rule looks at: found by running its examples with settings that note who asks."""

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.course import course
from stream_app.core.rule_set import RULES_OF, RuleSet
from stream_app.core.tuning import Feed, Tuning

EVERYTHING = Tuning(feeds=frozenset(Feed))
SETTING_OF = {
    "windows.bought": "[rules] bought_window",
    "windows.help": "[rules] help_window",
    "fiscal_year_end": "fiscal_year_end",
}
"""Where the settings name it otherwise than the core does."""

WORTH = frozenset({"loyalty.high", "loyalty.gross_margin", "loyalty.duration"})
ASKED_BEFORE = {"loyalty.became-loyal": WORTH | {"loyalty.dwell"}, "churn.detractor": WORTH}
"""What a move between cells, or a severity of who has bought, rests on: no example asks the rule itself for it."""

BESIDE = {"churn.silent": frozenset({"loyalty.contact_counts", "loyalty.dwell", "waits.onboarding"})}
"""What is asked for with the rest of how a customer stands, and decides nothing of whether the rule speaks."""


class Noting:
    """A value whose fields note that they were asked for, while somebody listens."""

    def __init__(self, value, heard, inside=""):
        self._value, self._heard, self._inside = value, heard, inside

    def __getattr__(self, name):
        """Return the field, noted."""
        value, path = getattr(self._value, name), f"{self._inside}{name}"
        if isinstance(value, Struct):
            return Noting(value, self._heard, f"{path}.")
        self._heard(path)
        return value


class Listening:
    """Hears what is asked for while the rule itself runs, and not what the program asks around it."""

    def __init__(self):
        self.asked, self._inside = set(), 0

    def heard(self, path):
        if self._inside:
            self.asked.add(path)

    def to(self, function):
        """Return the function, listened to."""

        def listened(*given):
            self._inside += 1
            try:
                return function(*given)
            finally:
                self._inside -= 1

        return listened


def settings_of(rule):
    """Return the settings that the rule looks at, as the file writes them, with their defaults."""
    listening = Listening()
    asked = replace(
        rule,
        check=listening.to(rule.check),
        due=listening.to(rule.due) if rule.due else None,
        ends=listening.to(rule.ends),
        where=listening.to(rule.where) if rule.where else None,
    )
    name = next(name for name, rules in RULES_OF.items() if rule in rules)
    rules = RuleSet(name=name, rules=(asked,), tuning=EVERYTHING)
    rules.tuning = Noting(EVERYTHING, listening.heard)
    for example in (example for other in RULES_OF[name] for example in other.examples):
        list(course(example.events, rules, example.until))
    paths = listening.asked - {"feeds"} - BESIDE.get(rule.id, set()) | ASKED_BEFORE.get(rule.id, set())
    return {_written(path): _default(path) for path in sorted(paths)}


def _written(path):
    section, _, field = path.partition(".")
    return SETTING_OF.get(path) or f"[{section}] {field}"


def _default(path):
    value = EVERYTHING
    for name in path.split("."):
        value = getattr(value, name)
    return value
