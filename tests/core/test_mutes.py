"""What is silenced for a while: every list must allow the alert, and the time must not be over."""

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import Intent, Severity
from stream_app.core.notify.mutes import Mute
from stream_app.core.routes import Matcher
from tests.core.alerts import PUBLISHED

UNTIL = 1_782_000_000_000_000
ALONE = replace(PUBLISHED, account_id="")

TABLE = [
    ("no list takes all", {}, PUBLISHED, True),
    ("its intent", {"match": Matcher(intent=(Intent.CHURN,))}, PUBLISHED, True),
    ("another intent", {"match": Matcher(intent=(Intent.BUDGET,))}, PUBLISHED, False),
    ("its owner by a wildcard", {"match": Matcher(owner=("*@example.co.jp",))}, PUBLISHED, True),
    ("its customer", {"customers": ("c-0", "c-1")}, PUBLISHED, True),
    ("another customer", {"customers": ("c-2",)}, PUBLISHED, False),
    ("ids are whole", {"customers": ("c-",)}, PUBLISHED, False),
    ("its account", {"accounts": ("a-1",)}, PUBLISHED, True),
    ("another account", {"accounts": ("a-2",)}, PUBLISHED, False),
    ("an account is not a customer", {"accounts": ("c-1",)}, PUBLISHED, False),
    ("a customer without account", {"accounts": ("a-1",)}, ALONE, False),
    ("customers without account", {"accounts": ("",)}, ALONE, True),
    ("customer and account", {"customers": ("c-1",), "accounts": ("a-1",)}, PUBLISHED, True),
    ("customer, but not account", {"customers": ("c-1",), "accounts": ("a-2",)}, PUBLISHED, False),
    (
        "account, but not severity",
        {"accounts": ("a-1",), "match": Matcher(severity=(Severity.LOW,))},
        PUBLISHED,
        False,
    ),
]


@pytest.mark.parametrize(("lists", "alert", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_every_list_must_allow_the_alert(lists, alert, expected):
    assert expected is Mute(**lists, until=UNTIL, why="w").takes(alert, UNTIL - 1)


@pytest.mark.parametrize(("now", "expected"), [(0, True), (UNTIL - 1, True), (UNTIL, False), (UNTIL + 1, False)])
def test_it_ends_by_the_clock_whenever_the_alert_happened(now, expected):
    assert expected is Mute(until=UNTIL, why="w").takes(PUBLISHED, now)
