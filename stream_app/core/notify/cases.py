"""An account's cases: which an alert belongs to, and who is told of it."""

from msgspec import Struct, json
from msgspec.structs import replace

from stream_app.core.alerts import (
    AccountView,
    Intent,
    PublishedAlert,
    Resolution,
    Suppressed,
    SuppressedReason,
    account_key,
)
from stream_app.core.erasure import Erasures
from stream_app.core.events import Micros
from stream_app.core.notify.accounts import Account, Case, with_contact
from stream_app.core.notify.ends import End
from stream_app.core.notify.erased import is_erased, still_there
from stream_app.core.notify.fates import Delivery, Fate, FateReason, delivery
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.keys import account_record
from stream_app.core.notify.orders import Acted, Action, Again, Order, Overtaken, Raised, Replaced, Resolved, Told
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.notify.together import Together, grown, look_of
from stream_app.core.routes import ESCALATION, facts_of
from stream_app.core.routing import Routing, Target, standing

TAKEN_OVER = (Intent.BUDGET, Intent.UPGRADE)


class Said(Struct, frozen=True, kw_only=True):
    """What follows from something read: orders for desks, and fates that need no desk."""

    orders: tuple[tuple[Target, Order], ...] = ()
    deliveries: tuple[Delivery, ...] = ()


class Cases:
    """The cases of the accounts of one partition.

    `erasures`: everybody who was erased; whoever is told of new ones calls `erase` too.
    """

    def __init__(self, rules: NotifyRules, erasures: Erasures | None = None) -> None:
        self._rules = rules
        self._erasures = Erasures() if erasures is None else erasures
        self._accounts: dict[str, Account] = {}
        self._changed: set[str] = set()

    def follow(self, rules: NotifyRules) -> None:
        """Go by these rules from now on; an open case stays with whom it was told."""
        self._rules = rules

    def load(self, account: str, value: bytes) -> None:
        """Take back what `changes` gave."""
        self._accounts[account] = json.decode(value, type=Account)

    def changes(self) -> list[tuple[bytes, bytes | None]]:
        """Return the changelog records since last asked; None deletes."""
        changed, self._changed = sorted(self._changed), set()
        return [(account_record(account), self._encoded(account)) for account in changed]

    def alert(self, alert: PublishedAlert, now: Micros) -> Said:
        """Return what an alert says to whom; nothing if it is known already."""
        if is_erased(alert, self._erasures):
            return self._of_erased(alert, now)
        key = account_key(alert)
        account = self._accounts.get(key, Account()).in_contact(alert)
        if alert.alert_id in account.known:
            return Said()
        alert = with_contact(alert, account, self._rules)
        early = account.ended.get(alert.alert_id)
        said, account = (
            self._told(alert, account, now) if early is None else self._never_told(alert, account, early.end, now)
        )
        self._keep(key, account.knowing(alert.alert_id, now))
        return said

    def viewed(self, view: AccountView, now: Micros) -> Said:
        """Return who hears that somebody of an account looked at a page: of what is open and more severe for it."""
        if self._erasures.erased_by(view.customer_id, view.occurred_at):
            return Said()
        before = self._accounts.get(view.account_id, Account())
        after = before.seeing(look_of(view), now)
        if after is before:
            return Said()
        self._keep(view.account_id, after)
        open_ = [case for intent in Intent if (case := self._still_open(after, intent, now)) is not None]
        orders = [
            order
            for case in open_
            for order in self._raised(case, grown(before.company(case), after.company(case)), now)
        ]
        return Said(orders=tuple(orders))

    def resolved(self, resolution: Resolution, now: Micros) -> Said:
        """Return who hears that an alert is over; of one that did not come yet it is remembered."""
        if self._erasures.erased_by(resolution.customer_id, resolution.occurred_at):
            return Said()
        key = account_key(resolution)
        end = End(alert_id=resolution.alert_id, reason=resolution.reason, at=resolution.occurred_at)
        account, orders = self._ended(self._accounts.get(key, Account()), end, now)
        self._keep(key, account)
        return Said(orders=tuple(orders))

    def held_back(self, fate: Suppressed, now: Micros) -> Said:
        """Return who counts what detect held back, while the case is open."""
        if self._erasures.erased_by(fate.customer_id, fate.occurred_at):
            return Said()
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
        if feedback.action is Action.TOO_EARLY:
            return Said()  # whom it comes too early has not dealt with it: reminder and escalation go on
        account = self._accounts.get(feedback.account, Account())
        known = (*account.cases.values(), *account.past)
        case = next((case for case in known if case.id == feedback.case_id), None)
        if case is None:
            return Said()
        acted = Acted(case_id=case.id, action=feedback.action, by=feedback.by, at=feedback.at)
        return Said(orders=tuple((target, acted) for target in self._everybody(case, now)))

    def erase(self, erasures: Erasures) -> None:
        """Forget these people: what they looked at, and an account that is theirs alone, whose key they are."""
        for key, account in list(self._accounts.items()):
            erasure = erasures.of(key)
            if erasure is not None:
                # Under the hash their alerts are known still: what is told again must not have a second fate.
                before = self._accounts.get(erasure.hash, Account())
                self._keep(erasure.hash, Account(known={**before.known, **account.known}))
                self._keep(key, Account())
            elif (looks := still_there(account.looks, erasures)) != account.looks:
                self._keep(key, replace(account, looks=looks))

    def forget(self, now: Micros) -> None:
        """Drop what is over."""
        for key, account in list(self._accounts.items()):
            self._keep(key, account.without_old(now, self._rules))

    def _told(self, alert: PublishedAlert, account: Account, now: Micros) -> tuple[Said, Account]:
        """Return what is said of an alert that holds, and the account after it."""
        case, rivals = self._case(alert, account, now)
        told, late = self._routings(alert, case, now)
        case_id = case.id if case is not None else alert.alert_id
        orders: list[tuple[Target, Order]] = []
        if told:
            takes_over = case is not None and alert.intent is Intent.CHURN and case.intent is not Intent.CHURN
            joined = _joined(case, alert, told, now)
            account = account.with_case(joined, rivals, now, self._rules)
            more = grown(account.company(case), account.company(joined))
            for each in told:
                order = Told(case_id=case_id, alert=alert, routing=each, takes_over=takes_over, together=more)
                orders.append((each.target, order))
            orders += [(target, Overtaken(case_id=one.id, by=case_id)) for one in rivals for target in one.targets]
        account, replaced = self._ended(account, _replaced(alert), now)
        # A desk that hears of both in one case strikes out the one for the other by itself.
        heard = {(each.target, case_id) for each in told}
        orders += [(target, order) for target, order in replaced if (target, order.case_id) not in heard]
        fates = tuple(delivery(alert, case_id, each, Fate.EXPIRED, FateReason.TOO_OLD, now) for each in late)
        return Said(orders=tuple(orders), deliveries=fates), account

    def _never_told(self, alert: PublishedAlert, account: Account, end: End, now: Micros) -> tuple[Said, Account]:
        """Return the fates of an alert that ended before it came; what it replaced has ended with it."""
        fate, reason = end.fate
        told, late = self._routings(alert, None, now)
        fates = tuple(delivery(alert, alert.alert_id, each, fate, reason, now) for each in (*told, *late))
        account, orders = self._ended(account, replace(end, alert_id=alert.supersedes), now)
        return Said(orders=tuple(orders), deliveries=fates), account

    def _of_erased(self, alert: PublishedAlert, now: Micros) -> Said:
        """Return the fates of an alert whose customer was erased before it was read: nobody is told of it."""
        erasure = self._erasures.of(alert.customer_id)
        key = account_key(alert)
        if erasure is not None and key == alert.customer_id:
            key = erasure.hash
        account = self._accounts.get(key, Account())
        if alert.alert_id in account.known:
            return Said()
        self._keep(key, account.knowing(alert.alert_id, now))
        told, late = self._routings(alert, None, now)
        fates = (delivery(alert, alert.alert_id, each, Fate.ERASED, FateReason.ERASED, now) for each in (*told, *late))
        return Said(deliveries=tuple(fates))

    def _raised(self, case: Case, more: Together, now: Micros) -> list[tuple[Target, Order]]:
        """Return who hears that alerts of a case are more severe for others of the account."""
        order = Raised(case_id=case.id, together=more)
        return [(target, order) for target in self._everybody(case, now)] if more else []

    def _ended(
        self, account: Account, end: End, now: Micros
    ) -> tuple[Account, list[tuple[Target, Replaced | Resolved]]]:
        """Return the account after an alert ended, and who hears of it."""
        case = account.holder(end.alert_id)
        if case is None:
            return account.expecting(end, now), []
        order = end.order(case.id)
        return account.without_alert(case, end.alert_id), [(each, order) for each in self._everybody(case, now)]

    def _everybody(self, case: Case, now: Micros) -> tuple[Target, ...]:
        """Return every target that heard of a case, and the second target, which may have been told since."""
        return tuple(dict.fromkeys((*case.targets, standing(self._rules.second, self._rules.people, now).target)))

    def _case(self, alert: PublishedAlert, account: Account, now: Micros) -> tuple[Case | None, list[Case]]:
        """Return the case that an alert belongs to, None: a new one; and those that it speaks for from now on."""
        own = self._still_open(account, alert.intent, now)
        if own is not None:
            return own, []
        open_ = [case for intent in Intent if (case := self._still_open(account, intent, now)) is not None]
        before = next((case for case in open_ if alert.supersedes and alert.supersedes in case.live), None)
        if alert.intent is not Intent.CHURN:
            return before, []
        found = sorted((case for case in open_ if case.intent in TAKEN_OVER), key=lambda case: case.last_at)
        taken = before or (found[-1] if found else None)
        return taken, [case for case in found if case is not taken]

    def _still_open(self, account: Account, intent: Intent, now: Micros) -> Case | None:
        case = account.cases.get(intent)
        return case if case is not None and now < case.last_at + self._rules.open_for else None

    def _routings(
        self, alert: PublishedAlert, case: Case | None, now: Micros
    ) -> tuple[tuple[Routing, ...], tuple[Routing, ...]]:
        """Return who is told: those of the case in its threads, and whom the routes name besides, or instead today.

        The others are those for whom it is too old. The second target hears of what says so itself.
        """
        known = case.routings if case is not None else ()
        by_name = {each.route: each for each in known if alert.second or each.route != ESCALATION}
        for each in self._rules.routings(facts_of(alert), now):
            if each.route not in by_name or each.absent:
                by_name[each.route] = each
        by_target: dict[Target, Routing] = {}
        for each in by_name.values():
            by_target.setdefault(each.target, each)
        late = [each for each in by_target.values() if self._rules.is_too_old(alert, each, now)]
        return tuple(each for each in by_target.values() if each not in late), tuple(late)

    def _keep(self, key: str, account: Account) -> None:
        if self._accounts.get(key, Account()) == account:
            return
        self._changed.add(key)
        if account == Account():
            del self._accounts[key]
        else:
            self._accounts[key] = account

    def _encoded(self, account: str) -> bytes | None:
        return json.encode(self._accounts[account]) if account in self._accounts else None


def _joined(case: Case | None, alert: PublishedAlert, told: tuple[Routing, ...], now: Micros) -> Case:
    if case is None:
        new = Case(id=alert.alert_id, intent=alert.intent, routings=told, last_at=now)
        return new.with_alert(alert)
    others = tuple(each for each in case.routings if each not in told)
    return replace(case, intent=alert.intent, routings=(*others, *told), last_at=now).with_alert(alert)


def _replaced(alert: PublishedAlert) -> End:
    return End(alert_id=alert.supersedes, by=alert.alert_id, at=alert.occurred_at)
