"""Documents of the input topics for Hypothesis: sound ones, and sound ones with something changed."""

import json
from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import strategies as st

from stream_app.core.events import InteractionKind, PurchaseKind
from stream_app.topics import InputTopic

IDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
FIRST = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
LAST = datetime(9998, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC).replace(tzinfo=None)
TIMES = st.datetimes(FIRST, LAST, timezones=st.just(UTC) | OFFSETS).map(datetime.isoformat)
DATES = st.dates(date(1000, 1, 1)).map(str)
DECIMALS = st.decimals(-(10**17), 10**17, places=6).map(lambda number: f"{number:f}") | st.integers(-(10**17), 10**17)
COSTS = st.decimals(0, 10**9, places=2).map(str) | st.floats(0, 10**9)
SHARES = st.sampled_from(["0", "0.25", "1", "1.000", 0, 1, 0.5, 1e-12])


def optional(strategy):
    return st.none() | strategy


FIELDS = {
    InputTopic.PAGE_VIEWS: (
        {"event_id": IDS, "occurred_at": TIMES, "url": IDS},
        {
            "customer_id": optional(IDS | st.just("")),
            "account_id": optional(IDS | st.just("")),
            "title": optional(TEXTS),
            "user_agent": optional(TEXTS),
            "referrer": optional(TEXTS),
            "session_id": optional(TEXTS),
            "schema_version": st.just(1),
        },
    ),
    InputTopic.PURCHASES: (
        {
            "event_id": IDS,
            "customer_id": IDS,
            "occurred_at": TIMES,
            "amount": DECIMALS,
            "currency": st.sampled_from(["JPY", "USD", "EUR"]),
        },
        {
            "kind": optional(st.sampled_from(PurchaseKind)),
            "order_id": optional(IDS),
            "product_id": optional(IDS),
            "plan": optional(IDS),
            "campaign": optional(IDS),
            "schema_version": st.just(1),
        },
    ),
    InputTopic.CUSTOMERS: (
        {"customer_id": IDS, "occurred_at": TIMES},
        {
            "name": optional(TEXTS),
            "account_id": optional(IDS),
            "account_name": optional(TEXTS),
            "owner": st.sampled_from([None, "", "cs-1@example.co.jp", "a+b@example.com"]),
            "tier": st.sampled_from([None, "", "high", "low", "tech"]),
            "stage": st.sampled_from([None, "", "lead", "onboarding", "active", "churned"]),
            "plan": optional(IDS),
            "seats": optional(st.integers(0, 10**9)),
            "seats_used": optional(st.integers(0, 10**9)),
            "renewal_date": optional(DATES | st.just("")),
            "fiscal_year_end": st.sampled_from([None, "", "03-31", "02-29", "2026-12-31"]),
            "language": st.sampled_from([None, "", "ja", "en-GB", "zh-Hant-TW"]),
            "timezone": st.sampled_from([None, "", "Asia/Tokyo", "UTC", "America/Argentina/Buenos_Aires"]),
            "gross_margin": optional(SHARES),
            "acquisition_cost": optional(COSTS),
            "keeping_cost": optional(COSTS),
            "schema_version": st.just(1),
        },
    ),
    InputTopic.INTERACTIONS: (
        {"event_id": IDS, "customer_id": IDS, "occurred_at": TIMES, "kind": st.sampled_from(InteractionKind)},
        {
            "ref": optional(IDS),
            "score": optional(st.integers(0, 10)),
            "touchpoints": optional(st.dictionaries(IDS, st.integers(-3, 3), max_size=5)),
            "schema_version": st.just(1),
        },
    ),
    InputTopic.TICKS: ({"occurred_at": TIMES}, {"schema_version": st.just(1)}),
}

# Each at or near an edge of some field.
ODD = st.sampled_from(
    [
        *("", " ", "\n", "\0", "a\n", "\x7f", "\x85", "\u3000", "\u200b", "x" * 256, "x" * 257, "u" * 8192, "u" * 8193),
        *("1", "-1", "+1", "1.5", "01", " 1", "1 ", "1_0", "1e3", "NaN", "Infinity", "-0", "0.1234567890", "1.", ".5"),
        *("9" * 18, "9" * 19, "١", "1\n", "1.0000000001", "1.1", "-0.5"),
        *(0, 1, -1, 2, 3, 4, -3, -4, 10, 11, 10**9, 10**9 + 1, 10**18 - 1, 10**18, -(10**18), 2**63, 2**64, 10**40),
        *(0.5, -0.5, 1.5, 1e-12, -1e-12, 1.0000000000001, 1e17, 1e18, -1e18, 1e300, 5e-324),
        *(True, False, None, [], {}, [1], {"a": 1}, {"a": 4}, {"a\n": 1}, {"": 1}, {"k" * 257: 1}, {"a": "1"}),
        {str(number): 1 for number in range(32)},
        {str(number): 1 for number in range(33)},
        *("2024-02-29", "2023-02-29", "2024-2-9", "0999-01-01", "1000-01-01", "2024-01-01\n", "20240101", "2024-W01-1"),
        *("2024-05-06T07:08:09Z", "2024-05-06T07:08:09z", "2024-05-06t07:08:09+09:00", "2024-05-06T07:08:09.1234567Z"),
        *("2024-05-06T07:08:09", "2024-05-06T07:08:60Z", "2024-05-06T24:00:00Z", "2023-02-29T00:00:00Z"),
        *("2024-05-06T07:08:09-00:00", "2024-05-06T07:08:09+24:00", "2024-05-06T07:08:09+09", "2024-05-06T07:08Z"),
        *("1969-12-31T23:59:59Z", "1970-01-01T00:00:00+09:00", "9998-12-31T23:59:59.9999999Z", "9999-01-01T00:00:00Z"),
        *("2024-05-06T07:08:09.Z", "2024-05-06T07:08:09Z\n", "0000-01-01T00:00:00Z", "2024-05-06T07:08:09,5Z"),
        *("03-31", "02-30", "02-29", "13-01", "00-10", "04-31", "3-1", "2024-04-30", "24-04-30", "03-31\n"),
        *(
            "JPY",
            "jpy",
            "JP",
            "JPYX",
            "JPY\n",
            "ＪＰＹ",
            "high",
            "HIGH",
            "high\n",
            "active",
            "lead",
            "completed",
            "nps",
        ),
        *("a@b", "a@b.c", "a@@b.c", "a b@c.d", "a@b.c\n", "@b.c", "あ@b.c", "ja", "ja_JP", "j", "ja-", "日本語"),
        *("Asia/Tokyo", "Asia/Tokyo\n", "../etc/passwd", "z" * 64, "z" * 65),
    ]
)


@st.composite
def sound(draw, topic):
    required, others = FIELDS[topic]
    return draw(st.fixed_dictionaries(required, optional=others))


@st.composite
def changed(draw, topic):
    """A sound document with up to two fields dropped, added or given an odd value."""
    document = draw(sound(topic))
    required, others = FIELDS[topic]
    names = st.sampled_from([*required, *others, "unknown", "__proto__"])
    for name in draw(st.lists(names, min_size=1, max_size=2)):
        if draw(st.integers(0, 5)) == 0:
            document.pop(name, None)
        else:
            document[name] = draw(ODD | TEXTS)
    return document


def as_bytes(document, ascii_only=False):
    return json.dumps(document, ensure_ascii=ascii_only).encode()
