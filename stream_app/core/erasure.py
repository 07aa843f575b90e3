"""Who was erased, and up to where: known by a salted hash, so that nobody has to keep the id for it."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b

from msgspec import Struct

from stream_app.core.events import Micros

SALT_BYTES = 16
_HASH_BYTES = 16
_NOTHING = -1


def hash_of(customer_id: str, salt: str) -> str:
    """Return what stands for a customer in `erasures`; `salt` is hexadecimal."""
    return blake2b(customer_id.encode(), digest_size=_HASH_BYTES, salt=bytes.fromhex(salt)).hexdigest()


class Erasure(Struct, frozen=True, kw_only=True):
    """A customer who was erased: all up to these offsets (by input topic and partition), or up to this time."""

    hash: str
    salt: str
    erased_at: Micros
    upto: Mapping[str, Mapping[int, int]]

    def raised_by(self, other: "Erasure | None") -> "Erasure":
        """Return what both of them erase of the same customer."""
        if other is None:
            return self
        upto = {
            topic: {
                number: max(one.get(topic, {}).get(number, _NOTHING) for one in (self.upto, other.upto))
                for number in sorted({*self.upto.get(topic, {}), *other.upto.get(topic, {})})
            }
            for topic in sorted({*self.upto, *other.upto})
        }
        erased_at = max(self.erased_at, other.erased_at)
        return Erasure(hash=self.hash, salt=self.salt, erased_at=erased_at, upto=upto)

    def without(self, topic: str) -> "Erasure":
        """Return the same with nothing said of a topic: it was made anew."""
        upto = {name: offsets for name, offsets in self.upto.items() if name != topic}
        return Erasure(hash=self.hash, salt=self.salt, erased_at=self.erased_at, upto=upto)


class Erasures:
    """Those who were erased. Asking is cheap where offsets lie above all that is erased, and where nobody was."""

    def __init__(self, erasures: Iterable[Erasure] = ()) -> None:
        self._by_hash: dict[str, Erasure] = {}
        self._salts: dict[str, None] = {}  # in order of arrival
        self._lanes: dict[tuple[str, int], _Lane] = {}
        for erasure in erasures:
            self.add(erasure)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._by_hash)

    def __iter__(self) -> Iterator[Erasure]:
        """Yield them all."""
        return iter(self._by_hash.values())

    @property
    def salt(self) -> str:
        """The salt to go on with, empty if there is none yet."""
        return next(reversed(self._salts), "")

    def add(self, erasure: Erasure) -> Erasure:
        """Take in an erasure, which only adds to what is known of that customer; return all that is known then."""
        whole = erasure.raised_by(self._by_hash.get(erasure.hash))
        self._by_hash[erasure.hash] = whole
        self._salts.setdefault(erasure.salt)
        for topic, offsets in whole.upto.items():
            for partition, offset in offsets.items():
                self._lanes.setdefault((topic, partition), _Lane()).add(whole, offset)
        return whole

    def all_of(self, customer_id: str) -> list[Erasure]:
        """Return the erasures of a customer, one for each salt."""
        hashes = (hash_of(customer_id, salt) for salt in self._salts)
        return [self._by_hash[one] for one in hashes if one in self._by_hash]

    def of(self, customer_id: str) -> Erasure | None:
        """Return what was erased of a customer, None if nothing was."""
        found: Erasure | None = None
        for erasure in self.all_of(customer_id):
            found = erasure.raised_by(found)
        return found

    def holds(self, customer_id: str) -> bool:
        """Say whether a customer was ever erased."""
        return self.of(customer_id) is not None

    def erased(self, customer_id: str, topic: str, partition: int, offset: int) -> bool:
        """Say whether an event of a customer that stands there is erased."""
        lane = self._lanes.get((topic, partition))
        return lane is not None and offset <= lane.last and lane.erased(customer_id, offset)

    def erased_by(self, customer_id: str, occurred_at: Micros) -> bool:
        """Say whether what happened with a customer at a time is erased, where there are no offsets to go by."""
        erasure = self.of(customer_id)
        return erasure is not None and occurred_at <= erasure.erased_at

    def last(self, topic: str, partition: int) -> int:
        """Return the offset above which nothing there is erased, −1 if nothing is."""
        lane = self._lanes.get((topic, partition))
        return _NOTHING if lane is None else lane.last


class _Lane:
    """What is erased in one partition of an input topic, by salt and hash."""

    __slots__ = ("_upto", "last")

    def __init__(self) -> None:
        self.last = _NOTHING
        self._upto: dict[str, dict[str, int]] = {}

    def add(self, erasure: Erasure, offset: int) -> None:
        """Take in up to where an erasure reaches here."""
        self.last = max(self.last, offset)
        self._upto.setdefault(erasure.salt, {})[erasure.hash] = offset

    def erased(self, customer_id: str, offset: int) -> bool:
        """Say whether an event of a customer is erased."""
        return any(offset <= upto.get(hash_of(customer_id, salt), _NOTHING) for salt, upto in self._upto.items())
