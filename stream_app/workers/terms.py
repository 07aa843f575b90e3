"""Which records of a changelog count, when two workers have written it: each for a time the only owner of a partition.

An owner begins a *term* with a record of its own (the claim) and puts the term's number beside everything it writes.
The changelog is read in its order: after a higher term was seen, a record of a lower one comes from a worker that had
lost the partition and did not know. It counts for nothing, be it a customer, a reserved key or a tombstone. The claim
was written where the owner had read to, so what counts is what the owner itself had.

A record without a term is of an older version. It loses if its fence says that it knows less than what is kept: no
topic further, one behind. Where each is further in one topic, nobody can tell, and the later one stays.

What lost may be the last of its key, and Kafka would keep it and drop the good one: the owner writes that one again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from stream_app.codec.state import fence_of
from stream_app.workers.partition import SITE_KEY
from stream_app.workers.stores import RESERVED, PartitionStore

TERM_KEY = RESERVED + b"term"
OUTDATED_KEY = RESERVED + b"outdated"
"""Keys whose last record in the changelog lost, in the store only."""

_HEADER = "term"
_SIZE = 8  # bytes, so that terms compare as bytes
_NONE = b""


class Record(Protocol):
    """What is read of a changelog record."""

    key: bytes
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


def next_term(before: bytes | None, generation: int) -> bytes:
    """Return a term after `before`; workers that both follow it still differ by their group's generation."""
    return max(generation, int.from_bytes(before or _NONE) + 1).to_bytes(_SIZE)


def headers_of(term: bytes) -> list[tuple[str, bytes]]:
    """Return what stands beside each record of a term."""
    return [(_HEADER, term)]


def term_of(record: Record) -> bytes:
    """Return the term of a record, empty if it has none."""
    headers = record.headers
    return headers[0][1] if headers and headers[0][0] == _HEADER else _NONE


def outdated(store: PartitionStore, partition: int) -> set[bytes]:
    """Return the keys whose last record in the changelog lost."""
    raw = store.fetch(partition, OUTDATED_KEY)
    return set(msgspec.msgpack.decode(raw, type=list[bytes])) if raw else set()


def remember_outdated(keys: Collection[bytes]) -> dict[bytes, bytes | None]:
    """Return what to store for `outdated` to find."""
    return {OUTDATED_KEY: msgspec.msgpack.encode(sorted(keys)) if keys else None}


def what_counts(records: Iterable[Record], partition: int, store: PartitionStore) -> dict[bytes, bytes | None]:
    """Return what a stretch of the changelog, read after all that the store has, makes of the store."""
    known = store.fetch(partition, TERM_KEY) or _NONE
    losers = lost_before = outdated(store, partition)
    term, found = known, dict[bytes, bytes | None]()
    for record in records:
        said, key = term_of(record), record.key
        if (said != term or not said) and _loses(record, said, term, found, partition, store):
            losers = losers | {key}
            continue
        term = max(term, said)
        found[key] = record.value
        if losers:
            losers = losers - {key}
    if term != known:
        found[TERM_KEY] = term
    return found if losers == lost_before else found | remember_outdated(losers)


def _loses(
    record: Record,
    said: bytes,
    term: bytes,
    found: Mapping[bytes, bytes | None],
    partition: int,
    store: PartitionStore,
) -> bool:
    if said:
        return said < term
    key, value = record.key, record.value
    if value is None or (key.startswith(RESERVED) and key != SITE_KEY):
        return False
    kept = found[key] if key in found else store.fetch(partition, key)
    return kept is not None and _knows_less(fence_of(value), fence_of(kept))


def _knows_less(fence: Sequence[int], kept: Sequence[int]) -> bool:
    return fence != kept and all(applied <= known for applied, known in zip(fence, kept, strict=True))
