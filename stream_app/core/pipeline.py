"""The whole flow on one page: an event and a state in, a state and what to say out."""

from enum import StrEnum
from hashlib import sha256

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.alerts import Alert, Evidence, Intent, Suppressed, SuppressedReason, alert_id
from stream_app.core.audience import Audience, IgnoredReason
from stream_app.core.events import Event, PageView
from stream_app.core.pages import PageTable
from stream_app.core.policy import Policy, suppressed
from stream_app.core.rule import Match, Rule, Windows
from stream_app.core.rules import RULES
from stream_app.core.state import Bought, CustomerState, Viewed, apply, viewed


class Verdict(StrEnum):
    """What became of an event; the same word is the metric's label."""

    USED = "used"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"


class RuleSet:
    """Everything that decides: what pages mean, whose views count, the rules and when they may speak."""

    def __init__(
        self,
        *,
        rules: tuple[Rule, ...] = RULES,
        pages: PageTable | None = None,
        audience: Audience | None = None,
        windows: Windows = Windows(),  # noqa: B008  (a frozen value)
        policy: Policy = Policy(),  # noqa: B008
    ) -> None:
        self.rules = rules
        self.pages = pages or PageTable()
        self.audience = audience or Audience()
        self.windows = windows
        self.policy = policy
        self.active = tuple(r for r in rules if r.enabled)
        self.id = self._hash()

    def with_policy(self, policy: Policy) -> "RuleSet":
        """Return the same rules under another policy."""
        return RuleSet(rules=self.rules, pages=self.pages, audience=self.audience, windows=self.windows, policy=policy)

    def _hash(self) -> str:
        """Return 12 hexadecimal digits that change when rules or settings do, not with the start of a worker."""
        audience = self.audience
        everything = [
            [[r.id, r.intent, r.severity, r.polarity, r.cooldown, r.why, r.enabled] for r in self.rules],
            [self.pages.patterns, self.pages.query_keys],
            [audience.bots, audience.staff_agents, audience.staff_ids, audience.staff_domains],
            [self.windows, replace(self.policy, alerts_from=None)],
        ]
        return sha256(msgspec.json.encode(everything)).hexdigest()[:12]


class Outcome(Struct, frozen=True):
    """What one event came to; `errors` holds what rules raised, for the log."""

    verdict: Verdict
    state: CustomerState
    alerts: tuple[Alert, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    ignored: IgnoredReason | None = None
    errors: tuple[Exception, ...] = ()


def process(event: Event, state: CustomerState, rules: RuleSet) -> Outcome:
    """Judge one event of one customer against the state just before it."""
    if type(event) is not PageView:
        after = apply(event, state, None)
        return Outcome(Verdict.DUPLICATE, state) if after is None else Outcome(Verdict.USED, after)
    if (reason := rules.audience.ignored(event)) is not None:
        return Outcome(Verdict.IGNORED, state, ignored=reason)
    view = viewed(event, rules.pages.page(event.url))
    after = apply(event, state, view)
    if after is None:
        return Outcome(Verdict.DUPLICATE, state)
    return Outcome(Verdict.USED, after) if view is None else _judge(event, view, after, rules)


def _judge(event: PageView, view: Viewed, state: CustomerState, rules: RuleSet) -> Outcome:
    alerts: list[Alert] = []
    held: list[Suppressed] = []
    errors: list[Exception] = []
    for rule in rules.active:
        try:
            match = rule.check(view, state, rules.windows)
        except Exception as error:
            errors.append(error)
            held.append(_held(rule, event, state, rules, SuppressedReason.RULE_ERROR))
            continue
        if match is None:
            continue
        if (reason := suppressed(rule, view, state, rules.policy)) is not None:
            held.append(_held(rule, event, state, rules, reason))
            continue
        alerts.append(_alert(rule, match, event, state, rules))
        state = _after_speaking(rule, event, state)
    return Outcome(Verdict.USED, state, tuple(alerts), tuple(held), None, tuple(errors))


def _after_speaking(rule: Rule, event: PageView, state: CustomerState) -> CustomerState:
    churned_at = event.occurred_at if rule.intent is Intent.CHURN else state.churned_at
    return replace(
        state,
        spoken={**state.spoken, rule.id: event.occurred_at},
        churned_at=max(churned_at, state.churned_at),
    )


def _alert(rule: Rule, match: Match, event: PageView, state: CustomerState, rules: RuleSet) -> Alert:
    return Alert(
        alert_id=alert_id(rule.id, event.customer_id, event.event_id),
        intent=rule.intent,
        rule_id=rule.id,
        severity=rule.severity,
        polarity=rule.polarity,
        customer_id=event.customer_id,
        account_id=_account(event, state),
        customer=state.profile,
        event_id=event.event_id,
        occurred_at=event.occurred_at,
        rule_set=rules.id,
        reason=match.reason,
        evidence=tuple(_evidence(match)),
    )


def _held(rule: Rule, event: PageView, state: CustomerState, rules: RuleSet, reason: SuppressedReason) -> Suppressed:
    return Suppressed(
        match_id=alert_id(rule.id, event.customer_id, event.event_id),
        intent=rule.intent,
        rule_id=rule.id,
        severity=rule.severity,
        customer_id=event.customer_id,
        account_id=_account(event, state),
        event_id=event.event_id,
        occurred_at=event.occurred_at,
        rule_set=rules.id,
        reason=reason,
    )


def _account(event: PageView, state: CustomerState) -> str:
    return event.account_id or (state.profile.account_id if state.profile is not None else "")


def _evidence(match: Match) -> list[Evidence]:
    every = [*map(_of_purchase, match.purchases), *map(_of_view, match.views)]
    return sorted(every, key=lambda one: one.occurred_at)


def _of_view(view: Viewed) -> Evidence:
    return Evidence(
        event_id=view.event_id,
        occurred_at=view.occurred_at,
        category=view.category,
        url=view.url,
        title=view.title,
    )


def _of_purchase(purchase: Bought) -> Evidence:
    return Evidence(
        event_id=purchase.event_id,
        occurred_at=purchase.occurred_at,
        category=purchase.kind,
        amount=str(purchase.amount),
        currency=purchase.currency,
        plan=purchase.plan,
        product_id=purchase.product_id,
    )
