"""Erasures as they stand on their topic."""

import orjson
import pytest

from stream_app.codec.erasures import ErasuresError, collected, decode_erasure, encode_erasure, erasure_key
from stream_app.core.erasure import Erasure, hash_of
from stream_app.core.events import DAY

SALT = "0123456789abcdef" * 2
ERASED = Erasure(
    hash=hash_of("顧客7", SALT), salt=SALT, erased_at=DAY, upto={"page-views": {3: 12}, "customers": {3: 0}}
)
LESS = Erasure(hash=ERASED.hash, salt=SALT, erased_at=DAY, upto={"page-views": {3: 9}})
KEY = erasure_key(ERASED)
FIELDS = {
    "hash": ERASED.hash,
    "salt": SALT,
    "erased_at": "1970-01-02T00:00:00Z",
    "upto": {"page-views": {"3": 12}, "customers": {"3": 0}},
    "schema_version": 1,
}


def test_a_record_says_all_that_is_needed_to_know_the_customer_again():
    assert (FIELDS, ERASED) == (orjson.loads(encode_erasure(ERASED)), decode_erasure(encode_erasure(ERASED), "here"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema_version": 2}, "go on with the version that wrote it"),
        ({"schema_version": 2, "upto": "by time"}, "go on with the version that wrote it"),
        ({"salt": "short"}, "erase again"),
        ({"upto": {"page-views": {"3": -5}}}, "erase again"),
        ({"upto": {"page-views": {"x": 5}}}, "erase again"),
        ({"upto": {"cs-alerts-churn": {"3": 5}}}, "erase again"),
        ({"erased_at": "yesterday"}, "erase again"),
    ],
)
def test_what_cannot_be_read_stops_with_words(change, said):
    with pytest.raises(ErasuresError, match=said):
        collected([(KEY, orjson.dumps(FIELDS | change))], "erasures[3]")


@pytest.mark.parametrize(
    ("key", "value"),
    [(None, encode_erasure(ERASED)), (b"other", encode_erasure(ERASED)), (KEY, b"{"), (KEY, b""), (KEY, b"[]")],
)
def test_a_damaged_record_stops_with_words(key, value):
    with pytest.raises(ErasuresError, match=r"erasures\[3\]"):
        collected([(key, value)], "erasures[3]")


@pytest.mark.parametrize(
    ("values", "upto"),
    [
        ([ERASED, LESS], ERASED.upto),
        ([LESS, ERASED], ERASED.upto),
        ([ERASED, None, LESS], LESS.upto),
    ],
    ids=["a later record that says less", "one that says more", "what was made void"],
)
def test_records_of_a_key_add_to_each_other(values, upto):
    found = collected([(KEY, value and encode_erasure(value)) for value in values], "erasures[3]")
    assert [upto] == [erasure.upto for erasure in found]


def test_a_damaged_record_can_be_made_void():
    records = [(KEY, b"{"), (KEY, None), (KEY, encode_erasure(ERASED))]
    assert [ERASED] == list(collected(records, "erasures[3]"))


def test_a_null_value_alone_erases_nobody():
    assert [] == list(collected([(KEY, None)], "erasures[3]"))
