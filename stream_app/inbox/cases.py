"""All cases of the last days, and which of them changed: the topics of notify, folded."""

from collections import defaultdict

from msgspec.structs import replace

from stream_app.core.alerts import Intent
from stream_app.core.erasure import Erasures
from stream_app.core.events import Micros
from stream_app.core.notify.ends import end_of
from stream_app.core.notify.erased import is_of_erased, without_erased
from stream_app.core.notify.fates import Delivery, Fate
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.orders import (
    Again,
    Contacted,
    Escalated,
    Order,
    Overtaken,
    Raised,
    Replaced,
    Resolved,
    Solved,
    Told,
)
from stream_app.core.notify.rules import ENDS_WITHIN
from stream_app.inbox.case import Case, customers
from stream_app.inbox.state import told_since
from stream_app.render.case import lead

KEPT_FOR = ENDS_WITHIN
"""How long a case is kept after the last that came of it: as long as notify remembers it."""

MAX_CASES = 20_000
"""More are not kept: those go first of which nothing came for the longest time."""


class Cases:
    """The cases, by id. What changed is asked for with `changed`, and is there or is not: then it is gone."""

    def __init__(self) -> None:
        self._erasures = Erasures()
        self._cases: dict[str, Case] = {}
        self._of_customer: defaultdict[str, set[str]] = defaultdict(set)
        self._changed: dict[str, None] = {}  # a set in the order of coming

    def __len__(self) -> int:
        """Return how many there are to be seen."""
        return sum(1 for case in self._cases.values() if case.alerts)

    def get(self, case_id: str) -> Case | None:
        """Return a case that is to be seen."""
        case = self._cases.get(case_id)
        return case if case is not None and case.alerts else None

    def all(self) -> list[Case]:
        """Return all that are to be seen."""
        return [case for case in self._cases.values() if case.alerts]

    def changed(self) -> list[str]:
        """Return the ids of what changed since last asked."""
        changed, self._changed = list(self._changed), {}
        return changed

    def order(self, order: Order) -> None:
        """Take what notify says to a desk."""
        if is_of_erased(order, self._erasures):
            return
        match without_erased(order, self._erasures):
            case Told() | Escalated() as told:
                self._put(self._case(told.case_id).told(told))
            case Raised(case_id=case_id, together=together):
                self._put(self._case(case_id).raised(together))
            case (Replaced() | Resolved()) as over:
                self._put(self._case(over.case_id).ended(end_of(over)))
            case Again(case_id=case_id, match_id=match_id):
                self._put(self._case(case_id).counted(match_id))
            case Overtaken(case_id=case_id):
                self._put(replace(self._case(case_id), overtaken=True))
            case Contacted(customer_id=customer_id, at=at):
                self._contacted(customer_id, at)
            case Solved(customer_id=customer_id, at=at):
                self._solved(customer_id, at)
            case _:
                pass  # deeds come from `cs-feedback`; whose thread a reply is in only its desk knows

    def delivery(self, fate: Delivery) -> None:
        """Take what became of an alert on a route."""
        if fate.fate is not Fate.ERASED and not self._erasures.erased_by(fate.customer_id, fate.at):
            self._put(self._case(fate.case_id).met(fate))

    def feedback(self, said: Feedback) -> None:
        """Take what somebody did."""
        if not self._erasures.erased_by(said.account, said.at):
            self._put(self._case(said.case_id).acted(said))

    def erase(self, erasures: Erasures) -> None:
        """Forget these people, from now on too."""
        for erasure in erasures:
            self._erasures.add(erasure)
        for case in list(self._cases.values()):
            left = case.without(erasures)
            if left is None:
                self._drop(case)
            else:
                self._put(left)

    def tidy(self, now: Micros) -> None:
        """Let go of what is too old or too much."""
        for case in list(self._cases.values()):
            if now >= case.last_at + KEPT_FOR:
                self._drop(case)
        too_many = max(0, len(self._cases) - MAX_CASES)
        for case in sorted(self._cases.values(), key=lambda one: one.last_at)[:too_many]:
            self._drop(case)

    def touch(self, case_id: str) -> None:
        """Count a case as changed: time alone made another of it."""
        self._changed[case_id] = None

    def _contacted(self, customer_id: str, at: Micros) -> None:
        for case_id in list(self._of_customer.get(customer_id, ())):
            case = self._cases[case_id]
            since = told_since(case)
            if since is not None and since <= at and at > (case.contacted_at or 0):
                self._put(replace(case, contacted_at=at))

    def _solved(self, customer_id: str, at: Micros) -> None:
        for case_id in list(self._of_customer.get(customer_id, ())):
            case = self._cases[case_id]
            leading = lead(case.holding)
            if leading.intent is Intent.SUPPORT and leading.occurred_at <= at and case.solved_at is None:
                self._put(replace(case, solved_at=at))

    def _case(self, case_id: str) -> Case:
        return self._cases.get(case_id) or Case(id=case_id)

    def _put(self, case: Case) -> None:
        before = self._cases.get(case.id)
        if case == before:
            return
        self._cases[case.id] = case
        self._index(case.id, customers(before) if before else frozenset(), customers(case))
        if case.alerts:
            self._changed[case.id] = None

    def _drop(self, case: Case) -> None:
        del self._cases[case.id]
        self._index(case.id, customers(case), frozenset())
        if case.alerts:
            self._changed[case.id] = None

    def _index(self, case_id: str, before: frozenset[str], after: frozenset[str]) -> None:
        for customer_id in before - after:
            self._of_customer[customer_id].discard(case_id)
            if not self._of_customer[customer_id]:
                del self._of_customer[customer_id]
        for customer_id in after - before:
            self._of_customer[customer_id].add(case_id)
