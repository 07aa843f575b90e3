"""What a run came to."""

from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from stream_app.core.alerts import Alert, Intent, Polarity, Severity, Suppressed, SuppressedReason
from stream_app.core.audience import IgnoredReason
from stream_app.core.lifetime import Worth
from stream_app.core.pipeline import Outcome, Verdict
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.report import FaqGap, Latency, Report, Tally, render, to_json
from stream_app.topics import RECORDED, InputTopic

WHAT = {
    "intent": Intent.CHURN,
    "rule_id": "churn.cancellation-page",
    "severity": Severity.HIGH,
    "customer_id": "c-1",
    "account_id": "",
    "event_id": "v-1",
    "occurred_at": 0,
    "rule_set": "r",
}
ALERT = Alert(alert_id="a", polarity=Polarity.RISK, customer=None, reason="", evidence=(), **WHAT)
HELD = Suppressed(match_id="m", reason=SuppressedReason.COOLDOWN, **WHAT)

NOBODY = {"erased": 0}

USED = Outcome(Verdict.USED, UNKNOWN_CUSTOMER, (ALERT,), (HELD,))
DUPLICATE = Outcome(Verdict.DUPLICATE, UNKNOWN_CUSTOMER)
BOT = Outcome(Verdict.IGNORED, UNKNOWN_CUSTOMER, ignored=IgnoredReason.BOT)

FATES = {
    "used": lambda tally, topic: tally.judged(topic, USED),
    "duplicate": lambda tally, topic: tally.judged(topic, DUPLICATE),
    "bot": lambda tally, topic: tally.judged(topic, BOT),
    "anonymous": lambda tally, topic: tally.left_out(topic, IgnoredReason.ANONYMOUS),
    "dead": lambda tally, topic: tally.dead(topic, "not_json"),
}


def tallied(*happened):
    tally = Tally()
    for topic, fate in happened:
        tally.came_in(topic)
        FATES[fate](tally, topic)
    return tally


SOME = tallied(
    (InputTopic.PAGE_VIEWS, "used"),
    (InputTopic.PAGE_VIEWS, "anonymous"),
    (InputTopic.PAGE_VIEWS, "bot"),
    (InputTopic.PURCHASES, "duplicate"),
    (InputTopic.PURCHASES, "dead"),
)
SOME.customers = 1


@given(st.lists(st.tuples(st.sampled_from(RECORDED), st.sampled_from(sorted(FATES)))))
def test_every_event_has_one_outcome(happened):
    """In = used + duplicates + ignored + dead letters, whatever comes in which order."""
    report = tallied(*happened).report(1)

    expected = [sum(fate == wanted for _, fate in happened) for wanted in ("used", "duplicate", "dead")]
    assert report.adds_up
    assert len(happened) == report.total
    assert expected == [report.came_to(outcome) for outcome in ("used", "duplicate", "dead_letter")]


@given(st.sampled_from(RECORDED), st.lists(st.tuples(st.sampled_from(RECORDED), st.sampled_from(sorted(FATES)))))
def test_an_event_without_outcome_is_noticed(topic, happened):
    """One that came in and was lost does not add up, and the table says so."""
    tally = tallied(*happened)
    tally.came_in(topic)

    report = tally.report(1)
    assert not report.adds_up
    assert "do not add up" in render(report)


@pytest.mark.parametrize("field", ["ignored", "dead_letters"])
def test_an_outcome_without_reason_is_noticed(field):
    report = replace(SOME.report(1), **{field: {}})

    assert not report.adds_up


def test_reports_what_was_counted():
    """Topics, outcomes and intents are all there; of the reasons those that occurred, the most frequent first."""
    none = {"used": 0, "duplicate": 0, "ignored": 0, "dead_letter": 0} | NOBODY
    expected = Report(
        events_in={"customers": 0, "interactions": 0, "purchases": 2, "page-views": 3},
        outcomes={
            "customers": none,
            "interactions": none,
            "purchases": none | {"duplicate": 1, "dead_letter": 1},
            "page-views": none | {"used": 1, "ignored": 2},
        },
        ignored={"anonymous": 1, "bot": 1},
        alerts={"churn": 1, "budget": 0, "upgrade": 0, "support": 0, "loyalty": 0, "ops": 0},
        suppressed={"cooldown": 1},
        dead_letters={"not_json": 1},
        customers=1,
        seconds=0.5,
        faq_gaps=(),
    )

    assert expected == SOME.report(0.5)
    assert expected.events_per_second == 10


def test_renders_a_plain_table():
    """Without colour it is plain text that reads in a log as well."""
    expected = """\
Events         in   used   duplicate   ignored   dead letter
customers       0      0           0         0             0
interactions    0      0           0         0             0
purchases       2      0           1         0             1
page-views      3      1           0         2             0
total           5      1           1         2             1

Alerts             1   churn 1, budget 0, upgrade 0, support 0, loyalty 0, ops 0
Suppressed         1   cooldown 1
Ignored            2   anonymous 1, bot 1
Dead letters       1   not json 1
Customers          1
Time           0.5 s   10 events/s
Event to alert 12 ms   p50; p99 80 ms"""
    report = replace(SOME.report(0.5), latency=Latency(p50=0.012, p99=0.08))

    assert expected.split() == render(report).split()
    assert max(map(len, render(report).splitlines())) <= 100


def test_colours_only_when_asked():
    report = SOME.report(1)

    assert "\x1b[" in render(report, colour=True)
    assert "\x1b[" not in render(report)
    assert "Event to alert" not in render(report)


def test_writes_json():
    """One line with the same numbers; latency only where it was measured."""
    report = SOME.report(0.5)

    document = orjson.loads(to_json(report))
    assert (
        document["events"]["purchases"] == {"in": 2, "used": 0, "duplicate": 1, "ignored": 0, "dead_letter": 1} | NOBODY
    )
    assert document["total"] == {"in": 5, "used": 1, "duplicate": 1, "ignored": 2, "dead_letter": 1} | NOBODY
    assert tuple(document[name] for name in ("adds_up", "customers", "seconds", "events_per_second")) == (
        True,
        1,
        0.5,
        10,
    )
    assert "event_to_alert_seconds" not in document
    assert "\n" not in to_json(report)

    latency = orjson.loads(to_json(replace(report, latency=Latency(p50=0.1, p99=0.2))))["event_to_alert_seconds"]
    assert latency == {"p50": 0.1, "p99": 0.2}


def test_proposes_what_a_high_lifetime_value_is():
    """By currency the value that four in five customers do not exceed, nearest rank; who bought nothing is left out."""
    tally = Tally()
    for amount in (10, 40, 20, 50, "30.5"):
        tally.valued(Worth(amount=Decimal(amount), currency="JPY", high_from=None))
    tally.valued(Worth(amount=Decimal("1234.5"), currency="EUR", high_from=None))
    tally.valued(None)
    report = tally.report(1)

    expected = {"EUR": {"customers": 1, "p80": "1234"}, "JPY": {"customers": 5, "p80": "40"}}
    assert list(expected.items()) == list(orjson.loads(to_json(report))["lifetime_value"].items())
    said = [line.split() for line in render(report).splitlines() if line.startswith("Lifetime value")]
    assert [["1,234", "EUR"], ["40", "JPY"]] == [words[2:4] for words in said]
    assert ("lifetime_value" in to_json(Tally().report(1)), "Lifetime" in render(Tally().report(1))) == (False, False)


def test_an_empty_run_adds_up():
    report = Tally().report(0)

    assert report.adds_up
    assert (report.total, report.events_per_second) == (0, 0.0)


def test_what_people_were_told_is_a_row_of_the_fates_that_were_met_and_a_key_of_all():
    report = replace(Tally().report(1.0), fates={"delivered": 3, "digested": 1_000, "expired": 0})

    assert [["Told", "1,003", "delivered 3, digested 1,000"]] == [
        [cell.strip() for cell in line.split("   ") if cell.strip()]
        for line in render(report).splitlines()
        if line.startswith("Told")
    ]
    assert {"delivered": 3, "digested": 1_000, "expired": 0} == orjson.loads(to_json(report))["fates"]


def test_where_nobody_was_there_to_tell_nothing_is_said_of_it():
    report = Tally().report(1.0)

    assert (False, False) == ("Told" in render(report), "fates" in orjson.loads(to_json(report)))


HELP_PAGE = "https://www.example.com/help"


def preceded(counts):
    """Return a tally of alerts before which these pages were read last."""
    tally = Tally()
    for page, count in counts.items():
        for _ in range(count):
            outcome = Outcome(Verdict.USED, UNKNOWN_CUSTOMER, (replace(ALERT, preceded_by=page),))
            tally.judged(InputTopic.PAGE_VIEWS, outcome)
    return tally


def test_the_help_pages_that_most_often_stand_before_an_alert_are_gaps():
    """The five most frequent, of equals by address; a page is one page wherever the look at it came from."""
    pages = {f"{HELP_PAGE}/{n}": n for n in range(1, 7)}
    tally = preceded({**pages, f"{HELP_PAGE}/1?utm_source=mail": 1, "": 2})

    counts = [("6", 6, 0.25), ("5", 5, 0.208), ("4", 4, 0.167), ("3", 3, 0.125), ("1", 2, 0.083)]
    expected = tuple(FaqGap(page=f"{HELP_PAGE}/{page}", alerts=n, share=share) for page, n, share in counts)
    assert expected == tally.report(1).faq_gaps


def test_gaps_are_shown_with_their_share_of_all_alerts():
    report = preceded({f"{HELP_PAGE}/export": 3, "": 1}).report(1)

    expected = "Help page read last before alerts alerts of all https://www.example.com/help/export 3 75%"
    assert render(report).endswith("75%")
    assert expected in " ".join(render(report).split())
    assert [{"page": f"{HELP_PAGE}/export", "alerts": 3, "share": 0.75}] == orjson.loads(to_json(report))["faq_gaps"]


def test_where_no_help_page_stands_before_an_alert_no_table_is_shown():
    report = preceded({"": 3}).report(1)

    assert "Help page" not in render(report)
    assert [] == orjson.loads(to_json(report))["faq_gaps"]
    assert "faq_gaps" not in orjson.loads(to_json(replace(report, faq_gaps=None)))
