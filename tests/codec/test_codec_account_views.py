"""A look of somebody of an account, as detect tells it and notify reads it."""

import json

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from stream_app.codec import DecodeError, decode_account_view, encode_account_view
from stream_app.codec.alert_wire import WireAccountView
from stream_app.codec.schemas import json_schema
from stream_app.core.account_views import WATCHED
from stream_app.core.alerts import AccountView
from stream_app.core.pages import PageCategory
from tests.codec.codec_documents import IDS
from tests.codec.notify_documents import MOMENTS, NAMES, NOON

VIEWS = st.builds(
    AccountView,
    account_id=IDS,
    account_name=NAMES,
    customer_id=IDS,
    name=NAMES,
    category=st.sampled_from(sorted(WATCHED)),
    occurred_at=MOMENTS,
    event_id=IDS,
)
VIEW = AccountView(
    account_id="a-1",
    account_name="株式会社見本",
    customer_id="c-1",
    name="見本 太郎",
    category=PageCategory.EXPORT,
    occurred_at=NOON,
    event_id="e-1",
)
DOCUMENT = {
    "account_id": "a-1",
    "account_name": "株式会社見本",
    "customer_id": "c-1",
    "name": "見本 太郎",
    "category": "export",
    "occurred_at": "2026-06-10T12:00:00Z",
    "event_id": "e-1",
    "schema_version": 1,
}
SCHEMA = jsonschema_rs.validator_for(json_schema("account-view"), validate_formats=True)


def changed(**fields):
    return json.dumps(DOCUMENT | fields).encode()


@given(VIEWS)
def test_a_look_comes_back_and_is_as_its_schema_says(view):
    raw = encode_account_view(view)
    SCHEMA.validate(json.loads(raw))

    assert view == decode_account_view(raw)


def test_a_look_in_its_words():
    assert DOCUMENT == json.loads(encode_account_view(VIEW))
    assert {*WireAccountView.__struct_fields__} - {"schema_version"} == {*AccountView.__struct_fields__}


def test_names_may_be_missing_and_later_fields_are_passed_over():
    assert replace(VIEW, name="", account_name="") == decode_account_view(
        changed(name=None, account_name=None, of_a_later_version=1)
    )


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"account_id": None}, "Expected `str`, got `null`"),
        ({"customer_id": "a\x1b"}, "customer_id: has control characters"),
        ({"category": "geheim"}, "Not an allowed value"),
        ({"occurred_at": "1969-12-31T00:00:00Z"}, "occurred_at: not in the years"),
        ({"schema_version": 2}, "schema_version: only 1 is known"),
    ],
)
def test_refused(fields, detail):
    with pytest.raises(DecodeError) as refused:
        decode_account_view(changed(**fields))

    assert detail == refused.value.detail[: len(detail)]
