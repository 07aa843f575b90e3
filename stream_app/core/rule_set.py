"""Everything that decides, as one value with an id."""

from collections import defaultdict
from collections.abc import Callable
from enum import StrEnum
from hashlib import sha256
from itertools import groupby
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from stream_app.core.audience import Audience
from stream_app.core.days import Days
from stream_app.core.pages import PageTable
from stream_app.core.patterns import default_patterns
from stream_app.core.policy import Policy
from stream_app.core.rule import Asked, Rule
from stream_app.core.rules import FULL, SIMPLE
from stream_app.core.tuning import RECORDED, Feed, Tuning

Group: TypeAlias = tuple[Callable[[Asked], bool] | None, tuple[Rule, ...]]
"""Rules that follow each other and share the question where they are worth asking; None: everywhere."""


class RuleSetName(StrEnum):
    """Which rules are asked."""

    SIMPLE = "simple"  # one page at a time
    FULL = "full"


RULES_OF: dict[RuleSetName, tuple[Rule, ...]] = {RuleSetName.SIMPLE: SIMPLE, RuleSetName.FULL: FULL}


class RuleSet:
    """Everything that decides: what pages mean, whose views count, the rules and when they may speak."""

    def __init__(
        self,
        *,
        name: RuleSetName = RuleSetName.SIMPLE,
        rules: tuple[Rule, ...] | None = None,
        pages: PageTable | None = None,
        audience: Audience | None = None,
        days: Days | None = None,
        tuning: Tuning = Tuning(),  # noqa: B008  (a frozen value)
        policy: Policy = Policy(),  # noqa: B008
    ) -> None:
        self.name = name
        self.rules = RULES_OF[name] if rules is None else rules
        coarse = name is RuleSetName.SIMPLE
        self.pages = pages or PageTable(default_patterns(coarse=coarse), coarse=coarse)
        self.audience = audience or Audience()
        self.days = days or Days()
        self.tuning = tuning
        self.policy = policy
        self.active = tuple(r for r in self.rules if r.enabled and not r.sleeps_for(tuning.feeds))
        self.full = name is RuleSetName.FULL
        self.watches_site = self.full and bool(tuning.feeds & RECORDED)
        self.by_id = {r.id: r for r in self.rules}
        self.on = _by_kind(self.active, late=False)
        self.on_late = _by_kind(self.active, late=True)
        self.ended_by_visits = frozenset(r.id for r in self.rules if r.ended_by_visits)
        self.timed = tuple(r for r in self.active if r.due is not None)
        dues = dict.fromkeys(r.due for r in self.active if r.due is not None)  # some rules share one
        put_off = {r.due for r in self.active if r.ended_by_visits}
        self.dues_put_off = tuple(due for due in dues if due in put_off)  # that visits make later
        self.dues = tuple(due for due in dues if due not in put_off)
        self.id = self._hash()

    def lacks(self, rule: Rule) -> tuple[Feed, ...]:
        """Return the feeds for want of which a rule sleeps."""
        asleep = rule.sleeps_for(self.tuning.feeds)
        return tuple(feed for feed in Feed if feed in asleep)

    @property
    def asleep(self) -> dict[str, tuple[Feed, ...]]:
        """The rules that would be asked if all feeds were there, with what each lacks."""
        return {rule.id: lacks for rule in self.rules if rule.enabled and (lacks := self.lacks(rule))}

    def with_policy(self, policy: Policy) -> "RuleSet":
        """Return the same rules under another policy."""
        return RuleSet(
            name=self.name,
            rules=self.rules,
            pages=self.pages,
            audience=self.audience,
            days=self.days,
            tuning=self.tuning,
            policy=policy,
        )

    def _hash(self) -> str:
        """Return 12 hexadecimal digits that change when rules or settings do, not with the start of a worker."""
        audience, customers = self.audience, self.days.customers
        everything = [
            self.name,
            [[r.id, r.intent, r.severity, r.polarity, r.cooldown, r.why, r.enabled, r.digest] for r in self.rules],
            [self.pages.patterns, self.pages.query_keys],
            [audience.bots, audience.staff_agents, audience.staff_ids, audience.staff_domains],
            [self.tuning.windows, self.tuning.loyalty, self.tuning.waits, self.tuning.fiscal_year_end],
            [sorted(self.tuning.feeds), self.days.calendar.hours, replace(self.policy, alerts_from=None)],
            [customers.timezone, customers.days, customers.country, customers.closures],  # no rule looks at their hours
        ]
        return sha256(msgspec.json.encode(everything)).hexdigest()[:12]


def _by_kind(rules: tuple[Rule, ...], *, late: bool) -> dict[str, tuple[Group, ...]]:
    found: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        for kind in rule.on | rule.on_late if late else rule.on:
            found[kind].append(rule)
    return {
        kind: tuple((where, tuple(group)) for where, group in groupby(of_kind, key=lambda rule: rule.where))
        for kind, of_kind in found.items()
    }
