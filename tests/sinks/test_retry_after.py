"""What a server means by `Retry-After`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_app.sinks.retry_after import retry_after

NOON = 1_780_315_200.0  # Monday 2026-06-01 12:00 UTC


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("30", 30.0),
        (" 30 ", 30.0),
        ("0", 0.0),
        ("86400", 86400.0),
        ("Mon, 01 Jun 2026 12:01:30 GMT", 90.0),
        ("Mon, 01 Jun 2026 11:00:00 GMT", 0.0),
        ("Mon, 01 Jun 2026 12:01:30 -0000", 90.0),
        ("Mon, 01 Jun 2026 21:01:30 +0900", 90.0),
        ("", None),
        ("abc", None),
        ("-5", None),
        ("1.5", None),
        ("nan", None),
        ("1e3", None),
        ("٣", None),
        ("9" * 400, None),
        ("1e400", None),
        ("Mon, 01 Jun 99999 12:02:00 GMT", None),
        ("Mon, 99 Foo 2026 12:00:00 GMT", None),
    ],
)
def test_seconds_a_date_or_nothing(header, expected):
    assert expected == retry_after(header, NOON)


@given(st.one_of(st.text(), st.text(alphabet="0123456789 :,+-GMTonJu")))
def test_anything_is_understood_or_passed_over(header):
    seconds = retry_after(header, NOON)

    assert seconds is None or seconds >= 0.0
