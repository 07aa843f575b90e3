"""The whole flow on one page: an event and a state in, a state and what to say out."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.account_views import account_view
from stream_app.core.alerts import (
    AccountView,
    Alert,
    Resolution,
    ResolvedReason,
    SegmentChange,
    Suppressed,
    SuppressedReason,
)
from stream_app.core.audience import IgnoredReason
from stream_app.core.due import Come, due_else_of, due_of, put_off
from stream_app.core.events import (
    DAY,
    MINUTE,
    NEVER,
    CustomerProfile,
    Due,
    Event,
    Interaction,
    Micros,
    PageView,
    Purchase,
)
from stream_app.core.matters import after_speaking, is_settled, says_more
from stream_app.core.policy import NEEDS_RECORDING, suppressed
from stream_app.core.rule import Asked, Kind, Match, Rule
from stream_app.core.rule_set import RuleSet
from stream_app.core.speaking import alert_of, held_back, resolution_of
from stream_app.core.standing import moved
from stream_app.core.state import UNKNOWN_CUSTOMER, CustomerState, Matter, Viewed, apply, viewed

_SOON, _AWAY = 7 * DAY, 7
"""Of who was there within so many days it is known what is waited for; of who comes back it must be asked anew."""


class Verdict(StrEnum):
    """What became of an event; the same word is the metric's label."""

    USED = "used"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    ERASED = "erased"  # of a customer who was erased since; never judged


class Outcome(Struct, frozen=True):
    """What one event came to; `errors` holds what rules raised, for the log."""

    verdict: Verdict
    state: CustomerState
    alerts: tuple[Alert, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    ignored: IgnoredReason | None = None
    errors: tuple[Exception, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    move: SegmentChange | None = None
    account_view: AccountView | None = None

    @property
    def speaks(self) -> bool:
        """Whether anything follows from it beside the state, be it a line in the log."""
        return bool(self.alerts or self.suppressed or self.resolutions or self.move or self.account_view or self.errors)


def process(event: Event | Due, state: CustomerState, rules: RuleSet) -> Outcome:
    """Judge one event of one customer against the state just before it."""
    if type(event) is not PageView:
        return _process_rare(event, state, rules)
    if (reason := rules.audience.ignored(event)) is not None:
        return Outcome(Verdict.IGNORED, state, ignored=reason)
    view = viewed(event, rules.pages.page(event.url))
    after = apply(event, state, view, rules.days.number(event.occurred_at))
    if after is None:
        return Outcome(Verdict.DUPLICATE, state)
    if (
        after.active is not state.active
        and after.active.newest - state.active.newest >= _AWAY
        and after.due > event.occurred_at + _SOON
        and rules.timed
    ):
        after = replace(after, due=NEVER)  # nothing was to be waited for: from now on there may be
    if view is None and after.due != NEVER and (not after.matters or _is_idle(after, event.occurred_at, rules)):
        return Outcome(Verdict.USED, after)
    asked = _asked(event, after, view, rules)
    kind = Kind.VISIT if view is None else view.category
    groups = _worth_asking(asked, kind, rules)
    idle = not groups and _is_idle(after, event.occurred_at, rules)
    outcome = Outcome(Verdict.USED, after) if idle else _Judgement(asked, rules).of(kind, groups)
    if view is None or (seen := account_view(event, view, state, rules.policy)) is None:
        return outcome
    return replace(outcome, account_view=seen)


def _is_idle(state: CustomerState, at: Micros, rules: RuleSet) -> bool:
    """Say whether nothing can follow from a visit: none of what is open is over with it, or stood elsewhere."""
    if not state.matters:
        return state.due != NEVER
    if not state.newest == at < state.due - MINUTE:
        return False
    return rules.ended_by_visits.isdisjoint([matter.rule_id for matter in state.matters.values()])


def _process_rare(event: Event | Due, state: CustomerState, rules: RuleSet) -> Outcome:
    if isinstance(event, Due):
        if state is UNKNOWN_CUSTOMER or event.occurred_at < state.due:
            return Outcome(Verdict.USED, state)
        after: CustomerState | None = replace(state, asked_to=event.occurred_at)
        if event.occurred_at >= state.newest + rules.tuning.waits.forget:
            return Outcome(Verdict.USED, UNKNOWN_CUSTOMER)
        come = Come(event.occurred_at)
        if not event.lost and (later := put_off(state, come, rules)) is not None:
            return Outcome(Verdict.USED, later, errors=tuple(come.errors))
    else:
        after = apply(event, state, None, rules.days.number(event.occurred_at))
    if after is None:
        return Outcome(Verdict.DUPLICATE, state)
    if after is UNKNOWN_CUSTOMER or _says_the_same(event, state, after):
        return Outcome(Verdict.USED, after)
    asked, kind = _asked(event, after, None, rules), _kind(event)
    groups = _worth_asking(asked, kind, rules)
    if isinstance(event, Due) and come.dues:
        groups = [tuple(rule for rule in group if rule.due is None or rule.due in come.dues) for group in groups]
    return _Judgement(asked, rules).of(kind, groups)


def _says_the_same(event: Event | Due, before: CustomerState, after: CustomerState) -> bool:
    """Say whether a profile came once more as it was: nothing follows from it."""
    if not isinstance(event, CustomerProfile) or before.profile is None or after.profile is None:
        return False
    return before.due != NEVER and before.profile == replace(after.profile, occurred_at=before.profile.occurred_at)


def _kind(event: Event | Due) -> str:
    match event:
        case Purchase() | Interaction():
            return event.kind
        case CustomerProfile():
            return Kind.PROFILE
    return Kind.DUE


def _asked(event: Event | Due, state: CustomerState, view: Viewed | None, rules: RuleSet) -> Asked:
    return Asked(event, state, view, rules.tuning, rules.pages, rules.days, rules.policy.lateness)


def _worth_asking(asked: Asked, kind: str, rules: RuleSet) -> list[tuple[Rule, ...]]:
    """Return the rules that are asked about this kind of event, but for those that would find nothing."""
    on = rules.on if asked.at >= asked.state.newest else rules.on_late
    return [group for where, group in on.get(kind, ()) if where is None or asked.once(where)]


class _Judgement:
    """Asks the rules about one event; what one says counts for the next."""

    __slots__ = ("_again", "_alerts", "_asked", "_blind", "_errors", "_held", "_move", "_over", "_rules", "_timed")

    def __init__(self, asked: Asked, rules: RuleSet) -> None:
        event = asked.event
        self._asked = asked
        self._rules = rules
        self._timed = isinstance(event, Due)
        self._blind = isinstance(event, Due) and event.is_blind
        self._again: list[Micros] = []
        self._alerts: list[Alert] = []
        self._held: list[Suppressed] = []
        self._over: list[Resolution] = []
        self._errors: list[Exception] = []
        self._move: SegmentChange | None = None

    def of(self, kind: str, groups: list[tuple[Rule, ...]]) -> Outcome:
        """Return what an event of this kind comes to, by the rules that are worth asking."""
        asked, rules = self._asked, self._rules
        if rules.full and asked.view is None and kind != Kind.VISIT:
            asked.state, move = moved(asked.event, asked.state, rules.tuning, asked.lateness)
            asked.moved, self._move = move, move if move is not None and move.before is not move.after else None
        if asked.state.matters:
            self._end_matters()
        for group in groups:
            for rule in group:
                self._ask(rule)
        if self._alerts and asked.at < asked.state.newest:
            self._end_matters()  # what came late may be over already
        if (
            kind == Kind.DUE
            or asked.state.due == NEVER
            or self._alerts
            or self._over
            or type(asked.event) is not PageView
        ):
            come = Come()
            due_else = due_else_of(asked.state, come, rules)
            due = min([due_of(asked.state, due_else, come, rules), *self._asked_anyway()])
            self._errors += come.errors
            asked.state = replace(asked.state, due=due, due_else=due_else)
        return Outcome(
            Verdict.USED,
            asked.state,
            tuple(self._alerts),
            tuple(self._held),
            None,
            tuple(self._errors),
            tuple(self._over),
            self._move,
        )

    def _ask(self, rule: Rule) -> None:
        asked = self._asked
        try:
            match = rule.check(asked)
        except Exception as error:
            self._errors.append(error)
            self._hold(rule, None, SuppressedReason.RULE_ERROR)
            return
        if match is None:
            return
        at = match.anchor[1] if match.anchor is not None and not self._timed else asked.at
        matter = asked.state.matters.get(rule.thread) if self._rules.full and rule.thread else None
        turned = matter is not None and says_more(rule, match, matter)
        reason = suppressed(
            rule,
            at,
            asked.state,
            self._rules.policy,
            timed=self._timed,
            turned=turned,
            not_recorded=match.again is not None or (self._blind and rule.id in NEEDS_RECORDING),
        )
        if reason is SuppressedReason.TRACKING_OUTAGE:
            self._again.append(self._tomorrow() if self._blind or match.again is None else match.again)
        if reason is not None:
            self._hold(rule, match, reason)
            return
        if match.complete is not None:
            match = match.complete(match)
        alert = alert_of(rule, match, asked, self._rules.id, matter, full=self._rules.full)
        self._alerts.append(alert)
        asked.state = after_speaking(rule, match, alert, matter, asked.state, full=self._rules.full)

    def _tomorrow(self) -> Micros:
        days = self._rules.days
        return days.begins(days.number(self._asked.at) + 1)

    def _asked_anyway(self) -> list[Micros]:
        """Return when rules want to be asked whatever they say now: what was held back was promised another time."""
        due = self._asked.state.due
        return self._again if self._timed else [due] if due > self._asked.state.asked_to else []

    def _hold(self, rule: Rule, match: Match | None, reason: SuppressedReason) -> None:
        self._held.append(held_back(rule, match, self._asked, self._rules.id, reason))

    def _end_matters(self) -> None:
        asked = self._asked
        for thread, matter in list(asked.state.matters.items()):
            if (reason := self._ended(matter)) is not None:
                matters = {name: one for name, one in asked.state.matters.items() if name != thread}
                rule, spoken = self._rules.by_id.get(matter.rule_id), asked.state.spoken
                if is_settled(rule, matter, reason, asked.at):  # what comes now is new
                    spoken = {rule_id: at for rule_id, at in spoken.items() if rule_id != matter.rule_id}
                asked.state = replace(asked.state, matters=matters, spoken=spoken)
                self._over.append(resolution_of(matter, rule, asked, reason))

    def _ended(self, matter: Matter) -> ResolvedReason | None:
        rule = self._rules.by_id.get(matter.rule_id)
        if rule is not None:
            try:
                if (reason := rule.ends(self._asked, matter)) is not None:
                    return reason
            except Exception as error:
                self._errors.append(error)
        return ResolvedReason.EXPIRED if self._asked.at >= matter.expires_at else None
