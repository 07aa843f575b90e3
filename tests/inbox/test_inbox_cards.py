"""What the page is given: as docs/inbox-api.md says, whatever customers wrote."""

import re
from pathlib import Path

import orjson

from stream_app.core.alerts import Severity, Snapshot
from stream_app.core.events import DAY, HOUR, SECOND
from stream_app.core.notify.fates import Fate, FateReason
from stream_app.core.notify.orders import Action
from stream_app.inbox.cards import card, encoded
from stream_app.inbox.cases import KEPT_FOR
from stream_app.inbox.hall import Hall
from tests.inbox.inbox_cases import AT, SETTINGS, TEAM, acted, alert, fate, told
from tests.inbox.test_inbox_cases import take

DOCUMENT = Path(__file__).parents[2] / "docs" / "inbox-api.md"
NOW = AT + HOUR


async def hall(*records):
    """Return what readers see after these records."""
    made = Hall(SETTINGS, lambda: NOW, 1_000)
    for each in records:
        take(made.cases, each)
    await made.all_read()
    return made


def as_read(fields):
    return orjson.loads(encoded(fields))


async def test_a_card_says_what_the_document_says():
    """Every field of a told case, with its words in both languages."""
    made = await hall(told(1), fate(1, Fate.DELIVERED, FateReason.SENT), acted(Action.ACKNOWLEDGE))

    (found,) = as_read(made.list(None))["cards"]

    texts = [found.pop("heading"), found.pop("happened")]
    assert [{"ja", "en"}] * 2 == [set(text) for text in texts]
    assert "Example Shoji" in texts[0]["en"]
    assert {
        "id": alert(1).alert_id,
        "account": "a-1",
        "account_name": "Example Shoji",
        "customer": "c-1",
        "customer_name": "Tanaka",
        "owner": "tantou@example.co.jp",
        "owner_name": "Tantou",
        "readers": ["tantou@example.co.jp"],
        "intent": "budget",
        "polarity": "open",
        "severity": "medium",
        "rule": "budget.review",
        "state": "acknowledged",
        "at": "2026-06-03T01:30:00Z",
        "changed_at": "2026-06-03T01:30:03Z",
        "evidence": {
            "at": "2026-06-03T01:29:59Z",
            "kind": "pricing",
            "label": {"ja": "料金", "en": "Pricing"},
            "title": "Plans <b>and</b> prices",
            "where": "www.example.com/pricing",
        },
        "reading": {
            "reading": "budget",
            "label": {"ja": "予算の見直し", "en": "review of the budget"},
            "probability": 0.56,
        },
        "runner_up": {
            "reading": "upgrade",
            "label": {"ja": "上位プランの検討", "en": "interest in a larger plan"},
            "probability": 0.31,
        },
        "told_at": "2026-06-03T01:30:02Z",
        "last_deed": {"action": "acknowledge", "by": "Tantou", "at": "2026-06-03T01:30:03Z"},
        "alerts": 1,
    } == found


async def test_every_field_of_a_card_stands_in_the_document():
    """What the page may rely on is written down."""
    written = set(re.findall(r'"([a-z_]+)":', DOCUMENT.read_text(encoding="utf-8")))
    made = await hall(told(1), fate(1, Fate.DELIVERED, FateReason.SENT), acted(Action.SNOOZE))
    case = made.cases.get(alert(1).alert_id)

    assert set() == fields_of(as_read(made.whole(case, ""))) - written - {"snoozed_until"}


def fields_of(found):
    """Return all names of fields, those inside others too."""
    if isinstance(found, list):
        return set().union(*map(fields_of, found))
    return set(found).union(*map(fields_of, found.values())) if isinstance(found, dict) else set()


async def test_a_case_that_is_opened_has_what_was_prepared_and_what_became_of_each_alert():
    """Questions and answers in both languages, and who is still to be told."""
    made = await hall(told(1), told(1, routing=TEAM), fate(1, Fate.DELIVERED, FateReason.SENT))

    found = as_read(made.whole(made.cases.get(alert(1).alert_id), "dairi@example.co.jp"))

    for language in ("ja", "en"):
        assert all(one["ask"] and one["answer"] for one in found["told"][language]["options"])
    assert "Dairi" in found["told"]["ja"]["draft"]["body"]
    (only,) = found["alerts"]
    assert [("high-touch", "Tantou", "delivered", "sent")] == [
        (one["route"], one["to"], one["fate"], one["reason"]) for one in only["fates"]
    ]
    assert [{"route": "team", "sink": "slack", "to": "#customer-success"}] == only["waits"]


async def test_hostile_text_is_one_line_of_json_and_of_text():
    """Nothing that a customer or colleague wrote ends an event of the stream, or is seen as something else."""
    hostile = Snapshot(name="x\n\ndata: y\u202e\u2028", account_name="</script>\r", owner="a@example.com\n")
    made = await hall(told(1, customer=hostile))
    found = as_read(made.list(None))["cards"][0]

    assert b"\n" not in encoded(found)
    assert ("x data: y", "</script>") == (found["customer_name"], found["account_name"])


async def test_what_needs_somebody_first_comes_first():
    """By state, in it by severity, of these the newest; and mine is what I own or was told of."""
    made = await hall(
        told(1, case=1, account_id="a-1"),
        told(2, case=2, severity=Severity.HIGH),
        told(3, case=3, occurred_at=AT + SECOND),
        told(4, case=4, severity=Severity.HIGH),
        acted(Action.ACKNOWLEDGE, case=4),
        told(5, case=5, routing=TEAM, customer=Snapshot(owner="Dairi@example.co.jp")),
    )

    assert [2, 3, 1, 5, 4] == [int(one["id"], 16) for one in as_read(made.list(None))["cards"]]
    assert [5] == [int(one["id"], 16) for one in as_read(made.list("dairi@example.co.jp"))["cards"]]
    assert [] == made.list("")["cards"]


async def test_what_changes_after_the_list_was_read_is_in_the_stream_behind_it():
    """From `as_of` on, as a whole card; that a case is gone too."""
    made = await hall(told(1, case=1))
    place = made.stream.place_of(made.list(None)["as_of"])

    take(made.cases, acted(Action.ACKNOWLEDGE))
    await made.changed()

    (event,) = made.stream.after(place)
    case = made.cases.get(alert(1).alert_id)
    assert ("card", as_read(card(case, made.desk, NOW))) == (event.kind, orjson.loads(event.body))


async def test_time_alone_ends_a_snooze_closes_a_case_and_lets_go_of_it():
    """A snooze lasts to the next opening, a case seven days; after fifteen it is gone; who follows hears it."""
    now, seen = [NOW], []
    made = Hall(SETTINGS, lambda: now[0], 1_000)
    for each in (told(1), acted(Action.SNOOZE)):
        take(made.cases, each)
    await made.all_read()
    place = made.stream.end

    for hours in range(1, 24 * 16):
        now[0] = NOW + hours * HOUR
        made.tidy()
        await made.changed()
        for event in made.stream.after(place):
            seen.append((hours // 24, event.kind, orjson.loads(event.body).get("state")))
        place = made.stream.end

    assert [(0, "card", "waiting"), (7, "card", "over"), (15, "gone", None)] == seen
    assert KEPT_FOR == 15 * DAY
