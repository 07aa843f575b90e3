"""Records to events: what is taken as it is, what is put right, what is refused and why."""

import json
import traceback
from decimal import Decimal

import pytest

from stream_app.codec import DeadLetterReason, DecodeError, IgnoredInput, IgnoredReason, decode
from stream_app.core.events import (
    MINUTE,
    CustomerProfile,
    Interaction,
    InteractionKind,
    PageView,
    Profile,
    Purchase,
    PurchaseKind,
    Stage,
    Tier,
)
from stream_app.testing import builders
from stream_app.topics import RECORDED, InputTopic

NOON = 1_781_092_800_000_000
NOON_MS = NOON // 1000
KEY = builders.CUSTOMER.encode()
BUILDERS = {
    InputTopic.PAGE_VIEWS: builders.page_view,
    InputTopic.PURCHASES: builders.purchase,
    InputTopic.CUSTOMERS: builders.customer,
    InputTopic.INTERACTIONS: builders.interaction,
}


def read(topic, key=KEY, timestamp_ms=NOON_MS, **fields):
    return decode(topic, key, json.dumps(BUILDERS[topic](**fields)).encode(), timestamp_ms)


def refusal(topic, key, value, timestamp_ms=NOON_MS):
    with pytest.raises(DecodeError) as caught:
        decode(topic, key, value, timestamp_ms)
    return caught.value


def test_page_view():
    """All fields arrive; those that nobody uses are gone."""
    fields = {"title": "料金　プラン", "account_id": "a-1", "user_agent": "Mozilla", "referrer": "r", "session_id": "s"}
    expected = PageView(
        event_id="v-1",
        customer_id=builders.CUSTOMER,
        occurred_at=NOON,
        url="https://www.stream-app.example/pricing",
        title="料金　プラン",
        account_id="a-1",
        user_agent="Mozilla",
    )
    assert expected == read(InputTopic.PAGE_VIEWS, **fields)


def test_purchase():
    """The amount is exact and the kind completed unless it says otherwise."""
    document = builders.purchase(amount=29800.1, campaign="spring")
    del document["kind"]
    expected = Purchase(
        event_id="p-1",
        customer_id=builders.CUSTOMER,
        occurred_at=NOON,
        amount=Decimal("29800.1"),
        currency="JPY",
        kind=PurchaseKind.COMPLETED,
        order_id="o-1",
        product_id="team-monthly",
        plan="team",
        campaign="spring",
    )
    actual = decode(InputTopic.PURCHASES, KEY, json.dumps(document).encode(), NOON_MS)
    assert expected == actual
    assert (Decimal, PurchaseKind) == (type(actual.amount), type(actual.kind))


def test_customer():
    """A profile is whole; a financial year given as a date is cut to its day."""
    profile = Profile(
        occurred_at=NOON,
        name="担当者 00001",
        account_id="a-0001",
        account_name="株式会社サンプル 01",
        owner="cs-1@example.co.jp",
        tier=Tier.HIGH,
        stage=Stage.ACTIVE,
        plan="team",
        seats=10,
        seats_used=7,
        renewal_date="2026-09-30",
        fiscal_year_end="03-31",
        language="ja",
        timezone="Asia/Tokyo",
        gross_margin=Decimal("0.35"),
        acquisition_cost=Decimal(120000),
        keeping_cost=Decimal("0"),
    )
    expected = CustomerProfile(customer_id=builders.CUSTOMER, occurred_at=NOON, profile=profile)
    figures = {"gross_margin": 0.35, "acquisition_cost": "120000", "keeping_cost": 0}
    assert expected == read(InputTopic.CUSTOMERS, fiscal_year_end="2027-03-31", **figures)


@pytest.mark.parametrize("nothing", [None, ""])
def test_empty_and_null_fields_of_a_profile_are_absent(nothing):
    """A profile exported with blanks is a profile with nothing in those fields."""
    empty = dict.fromkeys(set(builders.customer()) - {"customer_id", "occurred_at", "seats", "seats_used"}, nothing)
    expected = Profile(occurred_at=NOON, seats=10, seats_used=7)
    assert expected == read(InputTopic.CUSTOMERS, **empty).profile


def test_interaction():
    """Score and touchpoints come along."""
    expected = Interaction(
        event_id="i-1",
        customer_id=builders.CUSTOMER,
        occurred_at=NOON,
        kind=InteractionKind.NPS,
        ref="t-1",
        score=9,
        touchpoints={"support": -2},
    )
    assert expected == read(InputTopic.INTERACTIONS, kind="nps", score=9, touchpoints={"support": -2})


@pytest.mark.parametrize("key", [None, b"", b"whatever", b"\xff"])
@pytest.mark.parametrize("customer", [{"customer_id": ""}, {"customer_id": None}, {}])
def test_view_without_customer_is_anonymous_whatever_its_key(key, customer):
    """Nobody's view is no error; it is up to the core to ignore it."""
    document = builders.page_view()
    del document["customer_id"]
    value = json.dumps(document | customer).encode()
    assert "" == decode(InputTopic.PAGE_VIEWS, key, value, NOON_MS).customer_id


@pytest.mark.parametrize("topic", RECORDED)
@pytest.mark.parametrize("key", [None, b"", b"c-1", KEY + b" ", b"\xff"])
def test_key_must_be_the_customer(topic, key):
    """A record under another key would split the customer's state."""
    error = refusal(topic, key, json.dumps(BUILDERS[topic]()).encode())
    assert DeadLetterReason.KEY_MISMATCH == error.reason


def test_key_may_be_any_text():
    """Customers need not be ASCII."""
    assert "顧客-1" == read(InputTopic.PAGE_VIEWS, key="顧客-1".encode(), customer_id="顧客-1").customer_id


def test_tombstone_forgets_a_customer():
    """A null value has no time of its own: it takes the record's."""
    expected = CustomerProfile(customer_id=builders.CUSTOMER, occurred_at=NOON, profile=None)
    assert expected == decode(InputTopic.CUSTOMERS, KEY, None, NOON_MS)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (None, DeadLetterReason.KEY_MISMATCH),
        (b"", DeadLetterReason.INVALID),
        (b"\xff", DeadLetterReason.INVALID),
        (b"a\nb", DeadLetterReason.INVALID),
        (b"x" * 257, DeadLetterReason.INVALID),
    ],
)
def test_tombstone_for_nobody(key, reason):
    """A tombstone needs a key that may be a customer id."""
    assert reason == refusal(InputTopic.CUSTOMERS, key, None).reason


@pytest.mark.parametrize("topic", [InputTopic.PAGE_VIEWS, InputTopic.PURCHASES, InputTopic.INTERACTIONS])
def test_null_value_elsewhere_is_empty(topic):
    """Only profiles can be taken back."""
    assert DeadLetterReason.EMPTY == refusal(topic, KEY, None).reason


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", DeadLetterReason.EMPTY),
        (b"{", DeadLetterReason.NOT_JSON),
        (b"\xef\xbb\xbf{}", DeadLetterReason.NOT_JSON),
        (b'{"customer_id": "\xff"}', DeadLetterReason.NOT_JSON),
        (b'{"event_id": "\\ud800"}', DeadLetterReason.NOT_JSON),
        (b'{"type": "\xff"}', DeadLetterReason.UNKNOWN_FORMAT),
        (b'{"event_id": 5, "x": }', DeadLetterReason.NOT_JSON),
        (b'{"event_id": NaN}', DeadLetterReason.NOT_JSON),
        (b'{"x":' + b"[" * 100_000, DeadLetterReason.NOT_JSON),
        (b'{"event_id":5,"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", DeadLetterReason.NOT_JSON),
        (b"null", DeadLetterReason.UNKNOWN_FORMAT),
        (b"[]", DeadLetterReason.UNKNOWN_FORMAT),
        (b"{}", DeadLetterReason.UNKNOWN_FORMAT),
        (b'{"user_pseudo_id": "1", "event_params": []}', DeadLetterReason.UNKNOWN_FORMAT),
        (b'{"event_id": "e", "type": "page"}', DeadLetterReason.INVALID),
        (b'{"event_id": "e"}', DeadLetterReason.INVALID),
        (b'{"schema_version": 2}', DeadLetterReason.UNSUPPORTED_VERSION),
        (b'{"schema_version": "1"}', DeadLetterReason.UNSUPPORTED_VERSION),
        (b'{"schema_version": null, "event_id": "e"}', DeadLetterReason.UNSUPPORTED_VERSION),
        (b'"' + b"x" * 262_143 + b'"', DeadLetterReason.TOO_BIG),
    ],
    ids=lambda value: repr(value)[:40],
)
@pytest.mark.parametrize("topic", RECORDED)
def test_what_is_no_message(topic, value, reason):
    """Each way of being no message has its reason, whatever the topic."""
    assert reason == refusal(topic, KEY, value).reason


@pytest.mark.parametrize("topic", RECORDED)
def test_version_counts_before_anything_else(topic):
    """A sound message of another version is refused for its version; ours may say so."""
    document = BUILDERS[topic](schema_version=2)
    assert DeadLetterReason.UNSUPPORTED_VERSION == refusal(topic, KEY, json.dumps(document).encode()).reason
    assert read(topic) == read(topic, schema_version=1)


@pytest.mark.parametrize("topic", RECORDED)
def test_unknown_keys_are_ignored(topic):
    """Whatever they hold, also names that mean something to other languages."""
    extra = {"__proto__": {"x": 1}, "constructor": None, "new": [{"deep": [1]}], "": 2**70}
    assert read(topic) == read(topic, **extra)


@pytest.mark.parametrize("topic", RECORDED)
@pytest.mark.parametrize(("ahead_ms", "refused"), [(300_000, False), (300_001, True), (-(10**9), False)])
def test_future(topic, ahead_ms, refused):
    """More than five minutes ahead of the record is refused."""
    value = json.dumps(BUILDERS[topic]()).encode()
    if refused:
        assert DeadLetterReason.FUTURE == refusal(topic, KEY, value, NOON_MS - ahead_ms).reason
    else:
        assert NOON == decode(topic, KEY, value, NOON_MS - ahead_ms).occurred_at


def test_record_without_time_cannot_be_behind():
    """Very old clients send none (-1): nothing to compare with."""
    assert NOON == read(InputTopic.PAGE_VIEWS, timestamp_ms=-1).occurred_at


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2026-06-10T12:00:00Z", NOON),
        ("2026-06-10T12:00:00.000001Z", NOON + 1),
        ("2026-06-10T12:00:00.999999z", NOON + 999_999),
        ("2026-06-10T21:00:00+09:00", NOON),
        ("2026-06-10 06:30:00-0530", NOON),
        ("2026-06-10T12:00:00.0000004Z", NOON),
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00+09:00", -9 * 60 * MINUTE),
    ],
)
def test_time_is_exact(text, micros):
    """Whole microseconds, whatever the offset."""
    assert micros == read(InputTopic.PAGE_VIEWS, occurred_at=text).occurred_at


@pytest.mark.parametrize(
    "text", ["2026-06-10T12:00:00", "1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "2026-02-30T00:00:00Z", 1781092800]
)
def test_time_that_is_none(text):
    """A time without an offset is nowhere, and 1969 and 9999 are somebody's mistake."""
    error = refusal(InputTopic.PAGE_VIEWS, KEY, json.dumps(builders.page_view(occurred_at=text)).encode(), -1)
    assert DeadLetterReason.INVALID == error.reason


@pytest.mark.parametrize(
    ("topic", "field", "value"),
    [
        *((topic, "customer_id", value) for topic in RECORDED for value in ("a\0b", "x" * 257, 5)),
        *((topic, "customer_id", "") for topic in RECORDED if topic is not InputTopic.PAGE_VIEWS),
        *((InputTopic.PAGE_VIEWS, "event_id", value) for value in ("", None, "a\x85b", "a\x7fb", 5)),
        *((InputTopic.PAGE_VIEWS, "url", value) for value in ("", None, "\n", "u" * 8193)),
        *((InputTopic.PAGE_VIEWS, "title", value) for value in (5, ["t"])),
        *((InputTopic.PURCHASES, "amount", value) for value in ("NaN", "1_0", " 1", "1e3", "", None, True, [], 10**18)),
        *((InputTopic.PURCHASES, "amount", value) for value in ("1" * 19, "0.1234567890", 10**400, 1e300)),
        *((InputTopic.PURCHASES, "currency", value) for value in ("jpy", "ZZZ", "JPY\n", "", None, 392)),
        *((InputTopic.PURCHASES, "kind", value) for value in ("", "bought")),
        *((InputTopic.CUSTOMERS, "owner", value) for value in ("cs-1", "a b@c.example", "a@b.example\n")),
        *((InputTopic.CUSTOMERS, "timezone", value) for value in ("Asia/Edo", "../../etc/passwd", "JST\n")),
        *((InputTopic.CUSTOMERS, "renewal_date", value) for value in ("2023-02-29", "2023-1-1", "tomorrow")),
        *((InputTopic.CUSTOMERS, "fiscal_year_end", value) for value in ("02-30", "3-31", "0331")),
        *((InputTopic.CUSTOMERS, "gross_margin", value) for value in (1.01, -0.1, "1.5", "-0.1", "50%")),
        *((InputTopic.CUSTOMERS, "keeping_cost", value) for value in (-1, "-1")),
        *((InputTopic.CUSTOMERS, "seats", value) for value in (-1, 1.5, "5", 10**9 + 1)),
        *((InputTopic.CUSTOMERS, "language", value) for value in ("ja_JP", "日本語")),
        *((InputTopic.CUSTOMERS, "stage", value) for value in ("ACTIVE", "gone")),
        *((InputTopic.INTERACTIONS, "score", value) for value in (-1, 11, "9")),
        *((InputTopic.INTERACTIONS, "touchpoints", value) for value in ({"a": 4}, {"a\n": 1}, {"": 1}, [])),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_invalid_fields(topic, field, value):
    """A field that is not as it must be is named, and what it held is not said."""
    error = refusal(topic, KEY, json.dumps(BUILDERS[topic]() | {field: value}).encode())
    assert DeadLetterReason.INVALID == error.reason
    assert field in error.detail


@pytest.mark.parametrize(
    ("topic", "field"),
    [
        (InputTopic.PURCHASES, "kind"),
        (InputTopic.CUSTOMERS, "tier"),
        (InputTopic.CUSTOMERS, "stage"),
        (InputTopic.INTERACTIONS, "kind"),
    ],
)
@pytest.mark.parametrize("secret", ["hunter2", "x' - at `$.hunter2`", "a\nhunter2"])
def test_a_word_that_is_not_allowed_is_not_repeated(topic, field, secret):
    """The library would quote it."""
    error = refusal(topic, KEY, json.dumps(BUILDERS[topic]() | {field: secret}).encode())
    assert f"Not an allowed value - at `$.{field}`" == error.detail


def test_the_causes_of_an_error_are_not_printed():
    """Where a message is nobody's, what the first try said of it is not in the second one's traceback."""
    value = json.dumps({"kind": "hunter2", "type": "page", "messageId": "", "properties": {}}).encode()
    error = refusal(InputTopic.PURCHASES, KEY, value)
    assert "messageId: missing" == error.detail
    assert "hunter2" not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize(
    ("month", "days"),
    [(1, 31), (2, 29), (3, 31), (4, 30), (5, 31), (6, 30), (7, 31), (8, 31), (9, 30), (10, 31), (11, 30), (12, 31)],
)
def test_a_financial_year_ends_on_a_day_that_there_is(month, days):
    """In any year."""
    last, none = f"{month:02}-{days}", f"{month:02}-{days + 1}"
    assert last == read(InputTopic.CUSTOMERS, fiscal_year_end=last).profile.fiscal_year_end
    value = json.dumps(builders.customer(fiscal_year_end=none)).encode()
    assert DeadLetterReason.INVALID == refusal(InputTopic.CUSTOMERS, KEY, value).reason


@pytest.mark.parametrize("kind", ["refunded", "cancelled"])
def test_void_needs_no_order(kind):
    """Without an order id the latest equal purchase is meant; the core finds it."""
    assert (kind, "") == (lambda p: (p.kind, p.order_id))(read(InputTopic.PURCHASES, kind=kind, order_id=None))


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("a\0b\x1b[31m\x7f\x85c", "ab[31m c"),
        ("a\tb\r\nc", "a b  c"),
        ("t" * 600, "t" * 512),
        ("解約　手続き", "解約　手続き"),
        ("\\\"'<script>", "\\\"'<script>"),
    ],
)
def test_free_text_is_cleaned_and_cut(given, taken):
    """Titles and names are never a reason to lose an event."""
    assert taken == read(InputTopic.PAGE_VIEWS, title=given).title
    assert taken == read(InputTopic.CUSTOMERS, name=given).profile.name


def test_url_loses_control_characters():
    """As browsers do."""
    assert "https://a.example/b" == read(InputTopic.PAGE_VIEWS, url="https://a.ex\tample/\0b").url


@pytest.mark.parametrize(
    ("number", "amount"),
    [("0.30000000000000004", "0.3"), ("1e2", "100"), ("-5", "-5"), ("1.10", "1.10"), ("1E-99999", "0"), ("-0.0", "0")],
)
def test_numbers_are_exact_or_rounded_to_nine_places(number, amount):
    """What a binary float adds is dropped, and nothing of what was meant."""
    value = json.dumps(builders.purchase(amount="@")).replace('"@"', number).encode()
    assert Decimal(amount) == decode(InputTopic.PURCHASES, KEY, value, NOON_MS).amount


SEGMENT_PAGE = {
    "type": "page",
    "messageId": "m-1",
    "userId": builders.CUSTOMER,
    "timestamp": "2026-06-10T12:00:00Z",
    "properties": {"url": "https://a.example/pricing"},
}
SEGMENT_ORDER = SEGMENT_PAGE | {
    "type": "track",
    "event": "Order Completed",
    "properties": {"order_id": "o-1", "revenue": 25},
}


@pytest.mark.parametrize("topic", RECORDED)
@pytest.mark.parametrize(("document", "kind"), [(SEGMENT_PAGE, PageView), (SEGMENT_ORDER, Purchase)])
def test_segment_is_recognised_on_any_topic(topic, document, kind):
    """Message by message, by what it is; key and time are judged like ours."""
    value = json.dumps(document).encode()
    assert kind is type(decode(topic, KEY, value, NOON_MS))
    assert DeadLetterReason.KEY_MISMATCH == refusal(topic, b"c-1", value).reason
    assert DeadLetterReason.FUTURE == refusal(topic, KEY, value, NOON_MS - 300_001).reason


@pytest.mark.parametrize("kind", ["identify", "group", "alias", "screen", "track"])
def test_other_segment_events_are_ignored(kind):
    """They belong to such a feed: no dead letters, whatever their fields."""
    value = json.dumps({"type": kind, "event": "Signed In", "userId": ["?"], "properties": 5}).encode()
    with pytest.raises(IgnoredInput) as caught:
        decode(InputTopic.PAGE_VIEWS, KEY, value, NOON_MS)
    assert IgnoredReason.NOT_RELEVANT == caught.value.reason
