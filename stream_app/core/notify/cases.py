"""An account's cases: which an alert belongs to, and who is told of it."""

from msgspec import Struct, json
from msgspec.structs import replace

from stream_app.core.alerts import Intent, PublishedAlert, Suppressed, SuppressedReason, account_key
from stream_app.core.events import DAY, Micros
from stream_app.core.notify.fates import Delivery, Fate, FateReason, delivery
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.keys import account_record
from stream_app.core.notify.orders import Acted, Again, Order, Overtaken, Told
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.routes import facts_of
from stream_app.core.routing import Routing, Target, standing

KNOWN_FOR = 7 * DAY
"""How long an alert's id is known: detect repeats itself within minutes of a crash, if ever."""

MAX_KNOWN = 200
"""Alert ids kept of an account, the newest."""

TAKEN_OVER = (Intent.BUDGET, Intent.UPGRADE)


class Case(Struct, frozen=True, kw_only=True):
    """What a customer's company has in mind, and everybody who was told of it, the last of a route's name last."""

    id: str
    intent: Intent
    routings: tuple[Routing, ...]
    last_at: Micros  # when its last alert came

    @property
    def targets(self) -> tuple[Target, ...]:
        """Every target that heard of it, once."""
        return tuple(dict.fromkeys(routing.target for routing in self.routings))


class Account(Struct, frozen=True, kw_only=True):
    """The open cases, one an intent at most, and the alerts of late: id → when they came."""

    cases: dict[Intent, Case] = {}
    known: dict[str, Micros] = {}


class Said(Struct, frozen=True, kw_only=True):
    """What follows from something read: orders for desks, and fates that need no desk."""

    orders: tuple[tuple[Target, Order], ...] = ()
    deliveries: tuple[Delivery, ...] = ()


class Cases:
    """The cases of the accounts of one partition."""

    def __init__(self, rules: NotifyRules) -> None:
        self._rules = rules
        self._accounts: dict[str, Account] = {}
        self._changed: set[str] = set()

    def load(self, account: str, value: bytes) -> None:
        """Take back what `changes` gave."""
        self._accounts[account] = json.decode(value, type=Account)

    def changes(self) -> list[tuple[bytes, bytes | None]]:
        """Return the changelog records since last asked; None deletes."""
        changed, self._changed = sorted(self._changed), set()
        return [(account_record(account), self._encoded(account)) for account in changed]

    def alert(self, alert: PublishedAlert, now: Micros) -> Said:
        """Return what an alert says to whom; nothing if it is known already."""
        account = self._accounts.get(account_key(alert), Account())
        if alert.alert_id in account.known:
            return Said()
        case, rivals = self._case(alert, account, now)
        routings = self._routings(alert, case, now)
        told = [each for each in routings if not self._rules.is_too_old(alert, each, now)]
        case_id = case.id if case is not None else alert.alert_id
        late = tuple(
            delivery(alert, case_id, each, Fate.EXPIRED, FateReason.TOO_OLD, now)
            for each in routings
            if each not in told
        )
        if not told:
            self._keep(account_key(alert), _knowing(account, alert.alert_id, now))
            return Said(deliveries=late)
        takes_over = case is not None and case.intent is not alert.intent
        after = _joined(case, alert, tuple(told), now)
        self._keep(account_key(alert), _knowing(_with_case(account, after, rivals), alert.alert_id, now))
        orders: list[tuple[Target, Order]] = [
            (each.target, Told(case_id=after.id, alert=alert, routing=each, takes_over=takes_over)) for each in told
        ]
        orders += [(target, Overtaken(case_id=one.id, by=after.id)) for one in rivals for target in one.targets]
        return Said(orders=tuple(orders), deliveries=late)

    def held_back(self, fate: Suppressed, now: Micros) -> Said:
        """Return who counts what detect held back, while the case is open."""
        about = {SuppressedReason.COOLDOWN: fate.intent, SuppressedReason.INHIBITED: Intent.CHURN}.get(fate.reason)
        account = self._accounts.get(account_key(fate))
        if about is None or account is None or (case := self._still_open(account, about, now)) is None:
            return Said()
        again = Again(
            case_id=case.id,
            match_id=fate.match_id,
            customer_id=fate.customer_id,
            occurred_at=fate.occurred_at,
            reason=fate.reason,
        )
        return Said(orders=tuple((target, again) for target in case.targets))

    def acted(self, feedback: Feedback, now: Micros) -> Said:
        """Return who hears of what somebody did with a message: every target of its case, and the second target."""
        account = self._accounts.get(feedback.account, Account())
        case = next((case for case in account.cases.values() if case.id == feedback.case_id), None)
        if case is None:
            return Said()
        acted = Acted(case_id=case.id, action=feedback.action, by=feedback.by, at=feedback.at)
        second = standing(self._rules.second, self._rules.people, now).target
        return Said(orders=tuple((target, acted) for target in dict.fromkeys((*case.targets, second))))

    def forget(self, now: Micros) -> None:
        """Drop what is over."""
        for key, account in list(self._accounts.items()):
            kept = _without_old(account, now, self._rules.open_for)
            if kept == account:
                continue
            self._changed.add(key)
            if kept == Account():
                del self._accounts[key]
            else:
                self._accounts[key] = kept

    def _case(self, alert: PublishedAlert, account: Account, now: Micros) -> tuple[Case | None, list[Case]]:
        """Return the case that an alert belongs to, None: a new one; and those that it speaks for from now on."""
        own = self._still_open(account, alert.intent, now)
        if alert.intent is not Intent.CHURN or own is not None:
            return own, []
        found = [case for intent in TAKEN_OVER if (case := self._still_open(account, intent, now)) is not None]
        found.sort(key=lambda case: case.last_at)
        return (found.pop() if found else None), found

    def _still_open(self, account: Account, intent: Intent, now: Micros) -> Case | None:
        case = account.cases.get(intent)
        return case if case is not None and now < case.last_at + self._rules.open_for else None

    def _routings(self, alert: PublishedAlert, case: Case | None, now: Micros) -> tuple[Routing, ...]:
        """Return who is told: those of the case in its threads, and whom the routes name besides, or instead today."""
        by_name = {each.route: each for each in case.routings} if case is not None else {}
        for each in self._rules.routings(facts_of(alert), now):
            if each.route not in by_name or each.absent:
                by_name[each.route] = each
        by_target: dict[Target, Routing] = {}
        for each in by_name.values():
            by_target.setdefault(each.target, each)
        return tuple(by_target.values())

    def _keep(self, key: str, account: Account) -> None:
        self._accounts[key] = account
        self._changed.add(key)

    def _encoded(self, account: str) -> bytes | None:
        return json.encode(self._accounts[account]) if account in self._accounts else None


def _joined(case: Case | None, alert: PublishedAlert, told: tuple[Routing, ...], now: Micros) -> Case:
    if case is None:
        return Case(id=alert.alert_id, intent=alert.intent, routings=told, last_at=now)
    others = tuple(each for each in case.routings if each not in told)
    return replace(case, intent=alert.intent, routings=(*others, *told), last_at=now)


def _with_case(account: Account, case: Case, rivals: list[Case]) -> Account:
    """Return the account with this case, and without those that it speaks for."""
    over = {case.id, *(one.id for one in rivals)}
    others = {intent: one for intent, one in account.cases.items() if one.id not in over}
    return replace(account, cases={**others, case.intent: case})


def _knowing(account: Account, alert_id: str, now: Micros) -> Account:
    before = list(account.known.items())[1 - MAX_KNOWN :]
    return replace(account, known={**dict(before), alert_id: now})


def _without_old(account: Account, now: Micros, open_for: Micros) -> Account:
    return Account(
        cases={intent: case for intent, case in account.cases.items() if now < case.last_at + open_for},
        known={alert: at for alert, at in account.known.items() if now < at + KNOWN_FOR},
    )
