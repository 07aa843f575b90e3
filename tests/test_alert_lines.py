"""Alerts as people read them."""

import orjson
import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from stream_app.alert_lines import alert_line
from stream_app.codec import encode_alert
from stream_app.core.alerts import (
    Alert,
    Cell,
    Evidence,
    Intent,
    Polarity,
    Reading,
    Severity,
    Standing,
    Weighed,
)
from stream_app.core.events import HOUR, Profile, Tier

NOON_UTC = 1_781_092_800_000_000  # 2026-06-10
PROFILE = Profile(occurred_at=0, name="担当者 00001", account_name="株式会社サンプル 01")
BOUGHT = Evidence(event_id="p-1", occurred_at=NOON_UTC - HOUR, category="completed", amount="29800", currency="JPY")
VIEW = Evidence(
    event_id="v-1",
    occurred_at=NOON_UTC,
    category="pricing",
    url="https://www.stream-app.example/%E6%96%99%E9%87%91?plan=team",
    title="料金プラン",
)
COMPLAINT = Evidence(event_id="i-1", occurred_at=NOON_UTC, category="complaint")
ALERT = Alert(
    alert_id="a",
    intent=Intent.UPGRADE,
    rule_id="upgrade.pricing-after-purchase",
    severity=Severity.MEDIUM,
    polarity=Polarity.OPEN,
    customer_id="c-00001",
    account_id="a-0001",
    customer=PROFILE,
    event_id="v-1",
    occurred_at=NOON_UTC,
    rule_set="r",
    reason="The customer looked at prices.",
    evidence=(BOUGHT, VIEW),
)
HEAD = "2026-06-10 21:00:00  MEDIUM  upgrade  "
PAGE = "料金プラン /料金"


def test_one_line_says_when_who_where_and_why():
    """Times are those of Tokyo, paths are readable."""
    expected = HEAD + "担当者 00001, 株式会社サンプル 01   " + f"  {PAGE}: The customer looked at prices."

    assert expected.split() == alert_line(ALERT).split()
    assert alert_line(ALERT).startswith(HEAD)


def test_takes_the_bytes_of_the_topic_as_well():
    """With or without the time of detection, and with fields of a later version."""
    wire = encode_alert(ALERT, NOON_UTC)
    later = orjson.dumps(orjson.loads(wire) | {"new_field": 1})

    assert alert_line(ALERT) == alert_line(wire)
    assert alert_line(ALERT) == alert_line(later)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"customer": None}, "c-00001, a-0001"),
        ({"customer": None, "account_id": ""}, "c-00001"),
        ({"customer": Profile(occurred_at=0, name="Someone")}, "Someone, a-0001"),
        ({"customer": Profile(occurred_at=0, account_name="Sample Corp")}, "c-00001, Sample Corp"),
    ],
)
def test_names_customers_as_well_as_it_can(fields, expected):
    assert alert_line(replace(ALERT, **fields)).startswith(f"{HEAD}{expected}  ")


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ((BOUGHT,), "completed 29800 JPY"),
        ((COMPLAINT,), "complaint"),
        ((VIEW, COMPLAINT), PAGE),
        ((replace(VIEW, title=""),), "/料金"),
        ((replace(VIEW, url=""),), "料金プラン"),
        ((replace(VIEW, title="", url="http://[broken"),), "pricing"),
    ],
)
def test_names_what_happened_as_well_as_it_can(evidence, expected):
    line = alert_line(replace(ALERT, evidence=evidence))

    assert f"  {expected}: The customer looked at prices." in line


def test_what_time_alone_found_has_only_its_reason():
    assert alert_line(replace(ALERT, evidence=())).endswith("サンプル 01   The customer looked at prices.")


READINGS = (
    Weighed(reading=Reading.UPGRADE, confidence=0.58, because=("plan_compare",)),
    Weighed(reading=Reading.BUDGET, confidence=0.29, because=()),
    Weighed(reading=Reading.DOUBT, confidence=0.13, because=()),
)
STANDING = Standing(
    lifetime_value="14800",
    currency="JPY",
    nps=9,
    cell=Cell.FAN,
    moved_from=Cell.ORDINARY,
    contacted_at=NOON_UTC + 5 * HOUR,
    proposed_tier=Tier.HIGH,
    campaign_only=True,
    onboarding=True,
)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ""),
        ({"readings": READINGS}, " (upgrade 58%, budget 29%, doubt 13%)"),
        (
            {"standing": STANDING},
            " (ordinary → fan; worth 14800 JPY; NPS 9; contacted 2026-06-11; tier high proposed;"
            " buys only in campaigns; in onboarding)",
        ),
        ({"standing": Standing(nps=0)}, " (NPS 0)"),
        ({"standing": Standing(moved_from=Cell.ALMOST_LOYAL)}, " (almost loyal → not known)"),
        ({"preceded_by": "https://a.example/%E3%83%98%E3%83%AB%E3%83%97/1?q=1"}, " (read before: /ヘルプ/1)"),
        ({"supersedes": "0123456789abcdef" * 2}, " (in place of 01234567)"),
        ({"digest": True, "second": True}, " (for the digest; second target too)"),
    ],
)
def test_what_is_known_beside_stands_in_brackets(fields, expected):
    assert alert_line(replace(ALERT, **fields)).endswith(f"The customer looked at prices.{expected}")


def test_an_alert_of_the_site_is_nobody_s():
    site = replace(ALERT, intent=Intent.OPS, customer_id="", account_id="", customer=None)

    assert "  ops      the site  " in alert_line(site)


def test_no_text_of_others_moves_the_cursor():
    """Escape sequences, line ends and marks that turn the direction of text do not come through."""
    hostile = "a\x1b[2J\r\nb\u202ec\u2028d\x00"
    standing = Standing(lifetime_value="1", currency=hostile)
    alert = replace(ALERT, customer=replace(PROFILE, name=hostile), evidence=(replace(VIEW, title=hostile),))

    text = alert_line(replace(alert, standing=standing, preceded_by=f"https://a.example/{hostile}"))
    assert text.isprintable()
    assert (3, 4) == (text.count("a[2J  bc d"), text.count("a[2J"))


@pytest.mark.parametrize("width", [0, 1, 38, 39, 60, 61, 200])
def test_is_cut_to_the_width_of_the_terminal(width):
    """Ideographs take two cells; the head alone is never cut."""
    line = alert_line(ALERT, width=width)

    assert cell_len(line) <= max(width, len(HEAD))
    assert (width < 200) == line.endswith("…" if width > len(HEAD) else "upgrade  ")


@pytest.mark.parametrize("severity", Severity)
def test_colours_only_when_asked(severity):
    alert = replace(ALERT, severity=severity)

    assert "\x1b[" in alert_line(alert, colour=True)
    assert "\x1b[" not in alert_line(alert)
    assert alert_line(alert, colour=True, width=60).endswith(alert_line(alert, width=60)[-20:])
