"""Which records of a changelog count when two workers have written it."""

from types import SimpleNamespace

import pytest

from stream_app.codec.state import encode_site, encode_state
from stream_app.core.site import Site
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.workers.partition import SITE_KEY, TIME_KEY
from stream_app.workers.stores import MemoryStore
from stream_app.workers.terms import TERM_KEY, headers_of, next_term, outdated, what_counts

OLD, NEW = next_term(None, 3), next_term(None, 4)
NO_TERM = b""


def at(*fence):
    """Return a customer's value whose first topics were applied to these offsets."""
    return encode_state([*fence, *[-1] * (5 - len(fence))], UNKNOWN_CUSTOMER)


def record(key, value, term=NO_TERM):
    """Return a record of the changelog."""
    return SimpleNamespace(key=key, value=value, headers=tuple(headers_of(term)) if term else ())


def restored(*stretches):
    """Return what each stretch in turn makes of a store, and whose last record lost."""
    store = MemoryStore()
    for offset, records in enumerate(stretches):
        store.restore(0, what_counts([record(*one) for one in records], 0, store), offset)
    keys = {key for stretch in stretches for key, *_ in stretch} - {TERM_KEY}
    return {key: store.fetch(0, key) for key in keys}, outdated(store, 0)


WITH_TERMS = {
    "each owner in turn": ([(b"c", at(5), OLD), (b"c", at(9), NEW)], {b"c": at(9)}, set()),
    "a customer by a zombie": ([(b"c", at(9), NEW), (b"c", at(5), OLD)], {b"c": at(9)}, {b"c"}),
    "one that knows more in one topic and less in another": (
        [(b"c", at(90, 8), NEW), (b"c", at(100, 5), OLD)],
        {b"c": at(90, 8)},
        {b"c"},
    ),
    "one that knows more": ([(b"c", at(9), NEW), (b"c", at(50), OLD)], {b"c": at(9)}, {b"c"}),
    "one that the owner never had": ([(b"d", at(9), NEW), (b"c", at(5), OLD)], {b"c": None, b"d": at(9)}, {b"c"}),
    "a tombstone by a zombie": ([(b"c", at(9), NEW), (b"c", None, OLD)], {b"c": at(9)}, {b"c"}),
    "a customer that the owner erased": ([(b"c", None, NEW), (b"c", at(5), OLD)], {b"c": None}, {b"c"}),
    "time by a zombie": ([(TIME_KEY, b"7", NEW), (TIME_KEY, b"9", OLD)], {TIME_KEY: b"7"}, {TIME_KEY}),
    "a zombie before the claim is none yet": (
        [(b"c", at(5), OLD), (TERM_KEY, NEW, NEW), (b"c", at(4), OLD)],
        {b"c": at(5)},
        {b"c"},
    ),
    "what was put right": ([(b"c", at(9), NEW), (b"c", at(5), OLD), (b"c", at(9), NEW)], {b"c": at(9)}, set()),
}

SITE_5, SITE_9 = (encode_site([-1, -1, -1, n, -1], Site()) for n in (5, 9))

WITHOUT_TERMS = {
    "in order": ([(b"c", at(5)), (b"c", at(9))], {b"c": at(9)}, set()),
    "dominated": ([(b"c", at(9, 4)), (b"c", at(9, 3))], {b"c": at(9, 4)}, {b"c"}),
    "the same": ([(b"c", at(9)), (b"c", at(9))], {b"c": at(9)}, set()),
    "each further in one topic: the later one": ([(b"c", at(9, 3)), (b"c", at(8, 4))], {b"c": at(8, 4)}, set()),
    "a tombstone": ([(b"c", at(9)), (b"c", None)], {b"c": None}, set()),
    "after a tombstone": ([(b"c", at(9)), (b"c", None), (b"c", at(1))], {b"c": at(1)}, set()),
    "the site": ([(SITE_KEY, SITE_9), (SITE_KEY, SITE_5)], {SITE_KEY: SITE_9}, {SITE_KEY}),
    "time": ([(TIME_KEY, b"9"), (TIME_KEY, b"7")], {TIME_KEY: b"7"}, set()),
    "an older version went on": ([(b"c", at(5), OLD), (b"c", at(9))], {b"c": at(9)}, set()),
    "an older version's zombie": ([(b"c", at(9), OLD), (b"c", at(5))], {b"c": at(9)}, {b"c"}),
}


@pytest.mark.parametrize("case", [*WITH_TERMS, *WITHOUT_TERMS])
def test_what_counts(case):
    """In one stretch as in several: where a fetch ends makes no difference."""
    records, values, lost = (WITH_TERMS | WITHOUT_TERMS)[case]
    assert (values, lost) == restored(records)
    assert (values, lost) == restored(*[[one] for one in records])


@pytest.mark.parametrize(
    ("before", "generation", "expected"), [(None, 3, 3), (OLD, 4, 4), (NEW, 4, 5), (next_term(None, 900), 1, 901)]
)
def test_a_term_is_higher_than_all_before_also_where_the_group_counts_anew(before, generation, expected):
    assert expected == int.from_bytes(next_term(before, generation))
