"""A partition's customers: those touched since the last checkpoint, over those in the store."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from stream_app.codec.state import AT_ONCE, NOTHING_APPLIED, decode_state, encode_state
from stream_app.core.events import Micros
from stream_app.core.state import UNKNOWN_CUSTOMER, CustomerState
from stream_app.core.timeline import Agenda
from stream_app.workers.stores import PartitionStore


class Customer:
    """A customer as touched since the last checkpoint; `gone` by the passing of time."""

    __slots__ = ("changed", "fence", "gone", "state")

    def __init__(self, fence: list[int], state: CustomerState) -> None:
        self.fence = fence
        self.state = state
        self.changed = self.gone = False

    def value(self, committed: Iterable[int]) -> bytes | None:
        """Return what is to be kept, if events below these offsets are never read again.

        One that is gone leaves its fence behind as long as it may be needed, and is looked at again.
        """
        if not self.gone:
            return encode_state(self.fence, self.state)
        if all(applied < offset for applied, offset in zip(self.fence, committed, strict=True)):
            return None
        return encode_state(self.fence, self.state, due=AT_ONCE)


class Touched:
    """The customers of a partition; `void` says of whom state is met that was built of what has been erased since."""

    def __init__(
        self, number: int, store: PartitionStore, void: Callable[[str, list[int], CustomerState], bool]
    ) -> None:
        self._number = number
        self._void = void
        self._store = store
        self._touched: dict[str, Customer] = {}
        self._agenda: Agenda[str] = Agenda()
        self._stored: Iterator[tuple[Micros, bytes]] | None = None
        self._next_stored: tuple[Micros, str] | None = None

    def get(self, customer_id: str) -> Customer:
        """Return a customer, who counts as touched from now on."""
        customer = self._touched.get(customer_id)
        if customer is None:
            raw = self._store.fetch(self._number, customer_id.encode())
            known = (list(NOTHING_APPLIED), UNKNOWN_CUSTOMER) if raw is None else decode_state(raw)
            customer = self._touched[customer_id] = Customer(*known)
            if raw is not None and self._void(customer_id, *known):
                self.forget(customer_id, customer)
            self._agenda.put(customer_id, customer.state.due)
        return customer

    def forget(self, customer_id: str, customer: Customer) -> None:
        """Let nothing remain of a customer, not even a fence: what was erased is told by the erasure."""
        customer.fence = list(NOTHING_APPLIED)
        self.put(customer_id, customer, UNKNOWN_CUSTOMER)
        customer.changed = customer.gone = True

    def put(self, customer_id: str, customer: Customer, state: CustomerState) -> None:
        """Note what an event made of a customer's state."""
        if state.due != customer.state.due:
            self._agenda.put(customer_id, state.due)
        customer.state = state
        customer.gone = False

    def changes(self, committed: Iterable[int]) -> Mapping[bytes, bytes | None]:
        """Return the values of the customers that changed since the last call."""
        changed = {id_: customer for id_, customer in self._touched.items() if customer.changed}
        for customer in changed.values():
            customer.changed = False
        return {customer_id.encode(): customer.value(committed) for customer_id, customer in changed.items()}

    def settled(self) -> None:
        """Forget who was touched, but for those that changed after the last `changes`."""
        self._touched = {id_: customer for id_, customer in self._touched.items() if customer.changed}
        self._agenda = Agenda()
        for customer_id, customer in self._touched.items():
            self._agenda.put(customer_id, customer.state.due)
        self._stored = None

    def first_due(self) -> tuple[Micros, str] | None:
        """Return the smallest (due, customer id) of all."""
        touched, stored = self._agenda.first(), self._first_stored()
        if touched is None or stored is None:
            return touched or stored
        return min(touched, stored)

    def state_of(self, customer_id: str) -> CustomerState:
        """Return what is remembered of a customer."""
        return self.get(customer_id).state

    def keep(self, customer_id: str, state: CustomerState) -> None:
        """Remember this of a customer whose moment has come."""
        customer = self.get(customer_id)
        self.put(customer_id, customer, state)
        customer.changed = True
        customer.gone = state is UNKNOWN_CUSTOMER

    def _first_stored(self) -> tuple[Micros, str] | None:
        """Return the first in the store who was not touched; what is passed here stays touched until `settled`."""
        if self._stored is None:
            self._stored = self._store.dues(self._number)
            self._advance()
        while self._next_stored is not None and self._next_stored[1] in self._touched:
            self._advance()
        return self._next_stored

    def _advance(self) -> None:
        found = next(self._stored, None) if self._stored is not None else None
        self._next_stored = None if found is None else (found[0], found[1].decode())
