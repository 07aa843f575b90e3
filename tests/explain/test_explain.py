"""What somebody in customer success is told who asks why they were told, or not."""

import json

import pytest

from stream_app.cli import main
from stream_app.codec.erasures import encode_erasure
from stream_app.core.erasure import Erasure, hash_of
from stream_app.core.language import Language
from stream_app.core.notify.fates import Fate, FateReason
from stream_app.explain.words import words_of
from stream_app.testing import builders
from tests.explain.explain_cases import (
    DAY,
    EVENING,
    HELD,
    HOUR,
    MORNING,
    PROFILES,
    SILENT,
    TOLD,
    VIEWS,
    folder_of,
    person,
    said,
    section,
    view,
    write,
)

WORDS = words_of(Language.EN)
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
SECRET = "hunter2"
SALT = "00" * 16


def document(capsys, folder, name, *more):
    """Return the exit code and what was said to programs."""
    code, text = said(capsys, folder, name, "--json", *more)
    return code, json.loads(text)


@pytest.mark.parametrize(
    ("name", "answer"),
    [(TOLD, "told"), (HELD, "held"), (SILENT, "nothing"), ("a-0001", "told"), ("a-0003", "nothing")],
)
def test_the_answer_comes_first(capsys, tmp_path, name, answer):
    code, text = said(capsys, folder := folder_of(tmp_path), name, "--lang", "en")

    assert (0, answer) == (code, document(capsys, folder, name)[1]["answer"]["is"])
    assert section(text, WORDS.section.answer)[0].startswith(WORDS.answer[answer].partition("{")[0])


def test_both_languages_say_the_same(capsys, tmp_path):
    """Japanese is what the settings say where nothing is asked for."""
    folder = folder_of(tmp_path)
    ours, asked_for = said(capsys, folder, TOLD)[1], said(capsys, folder, TOLD, "--lang", "ja")[1]
    english = said(capsys, folder, TOLD, "--lang", "en")[1]

    assert ours == asked_for
    assert (ours.count("\n"), ours.count("■")) == (english.count("\n"), english.count("■"))
    assert words_of(Language.JA).section.answer in ours


def test_it_tells_to_whom_when_and_why_not_sooner(capsys, tmp_path):
    _, found = document(capsys, folder_of(tmp_path), TOLD, "--lang", "en")

    told = found["matches"][0]["told"]
    assert [("見本 担当 (slack)", "2026-06-11T00:30:00Z", "delivered", "hours")] == [
        (one["to"], one["at"], one["fate"], one["delay"]) for one in told
    ]


def test_every_match_has_its_one_fate(capsys, tmp_path):
    _, found = document(capsys, folder_of(tmp_path), TOLD)

    assert [("alert", None), ("suppressed", "cooldown")] == [(m["fate"], m.get("reason")) for m in found["matches"]]
    assert ["alert", "held_back"] == [e["kind"] for e in found["timeline"] if e["kind"] in ("alert", "held_back")]


def test_what_is_found_at_night_waits_until_somebody_reads(capsys, tmp_path):
    views = [one for one in VIEWS if one["customer_id"] == TOLD]
    _, found = document(capsys, folder_of(tmp_path, views), TOLD)

    assert ("waits", [], "2026-06-11T00:30:00Z") == (
        found["answer"]["is"],
        found["matches"][0]["told"],
        found["matches"][0]["waiting"][0]["at"],
    )


def test_views_of_one_page_in_a_row_are_one_line(capsys, tmp_path):
    _, found = document(capsys, folder_of(tmp_path), TOLD)

    seen = [(line["times"], line["id"]) for line in found["timeline"] if line["kind"] == "view"]
    assert [(2, "v-1"), (2, "v-3")] == seen


def test_what_came_twice_is_said_and_not_folded(capsys, tmp_path):
    _, found = document(capsys, folder_of(tmp_path, [*VIEWS[2:3] * 2, *VIEWS[3:4]]), TOLD)

    seen = [(line["times"], line["verdict"]) for line in found["timeline"] if line["kind"] == "view"]
    assert [(1, "used"), (1, "duplicate"), (1, "used")] == seen


def test_of_an_account_each_line_says_whose_it_is(capsys, tmp_path):
    other = person(1) | {"customer_id": "c-9"}
    views = [*VIEWS, view(11, "c-9", EVENING + 120, "/help/export"), view(12, "", DAY, "/pricing", account_id="a-0001")]
    folder = folder_of(tmp_path, views, [*PROFILES, other])
    _, found = document(capsys, folder, "a-0001")
    _, text = said(capsys, folder, "a-0001", "--lang", "en")

    whose = [line["customer_id"] for line in found["timeline"] if line["kind"] == "view"]
    assert ("account", [TOLD, "c-9", TOLD], 1) == (found["about"], whose, found["anonymous_views"])
    assert 4 == sum("[c-9]" in line for line in section(text, WORDS.section.timeline)) + 2
    assert WORDS.anonymous.replace("{count}", "1") in section(text, WORDS.section.answer)


@pytest.mark.parametrize("language", Language)
def test_nobody_of_this_name_is_said_in_words(capsys, tmp_path, language):
    folder = folder_of(tmp_path)

    expected = words_of(language).unknown.replace("{name}", "c-404")
    assert (1, f"{expected}\n") == said(capsys, folder, "c-404", "--lang", language)
    assert (1, "unknown") == ((found := document(capsys, folder, "c-404"))[0], found[1]["answer"]["is"])


@pytest.mark.parametrize(
    ("customer", "agent", "mark"), [("a@staff.example", "", "staff"), ("c-7", BOT, "bot")], ids=["staff", "bot"]
)
def test_who_is_no_customer_is_said(capsys, tmp_path, customer, agent, mark):
    folder = folder_of(tmp_path, [view(1, customer, 0, "/account/cancel", user_agent=agent)])

    assert "not_counted" == document(capsys, folder, customer)[1]["answer"]["is"]
    lines = section(said(capsys, folder, customer, "--lang", "en")[1], WORDS.section.timeline)
    assert [True] == [WORDS.ignored[mark] in line for line in lines]


def test_what_a_rule_still_wanted_would_have_made_it_speak(capsys, tmp_path):
    """What is said to be missing is added, and the rule speaks."""
    folder = folder_of(tmp_path)
    (want,) = document(capsys, folder, SILENT)[1]["people"][0]["wants"]
    more = [view(90 + n, SILENT, MORNING + 600 + 120 * (n + 1), "/help/export") for n in range(want["looks"])]

    for views, found in ((more[:-1], []), (more, [want["rule_id"]])):
        folder_of(tmp_path, [*VIEWS[:8], *views])
        assert found == [match["rule_id"] for match in document(capsys, folder, SILENT)[1]["matches"]]


def test_what_silence_comes_to_comes_of_it(capsys, tmp_path):
    """Time moves on to the moment that was named, and the rule speaks."""
    folder = folder_of(tmp_path)
    coming = document(capsys, folder, SILENT)[1]["people"][0]["coming"][0]
    _, found = document(capsys, folder, SILENT, "--until", coming["at"])

    assert [(coming["rule_id"], coming["at"])] == [(m["rule_id"], m["occurred_at"]) for m in found["matches"]]


def test_rules_that_sleep_say_for_want_of_what(capsys, tmp_path):
    asleep = section(said(capsys, folder_of(tmp_path), SILENT, "--lang", "en")[1], WORDS.section.asleep)

    assert [True] == [WORDS.feed["purchases"] in line for line in asleep if "churn.low-stickiness" in line]
    assert [] == [line for line in asleep if "churn.silent" in line]


def test_since_leaves_out_what_was_before_and_keeps_how_they_stand(capsys, tmp_path):
    folder = folder_of(tmp_path)
    _, whole = document(capsys, folder, TOLD)
    _, later = document(capsys, folder, TOLD, "--since", "2026-06-11T00:00:00+09:00")

    assert ["alert"] == [line["kind"] for line in later["timeline"]], "told on that day, found on the one before"
    assert (whole["people"][0]["state"], "told") == (later["people"][0]["state"], later["answer"]["is"])
    _, after = document(capsys, folder, TOLD, "--since", "2026-06-12T00:00:00+09:00")
    assert ("nothing", []) == (after["answer"]["is"], after["timeline"])


def test_no_secret_of_an_address_is_shown(capsys, tmp_path):
    url = f"https://me:{SECRET}@www.stream-app.example/pricing?token={SECRET}&plan=team#{SECRET}"
    folder = folder_of(tmp_path, [view(1, TOLD, 0, "/", user_agent=SECRET) | {"url": url}])

    for options in ((), ("--json",)):
        text = said(capsys, folder, TOLD, *options)[1]
        assert ("/pricing" in text, SECRET in text) == (True, False)


def test_text_of_others_cannot_move_the_cursor(capsys, tmp_path):
    folder = folder_of(tmp_path, [view(1, TOLD, 0, "/pricing", "a\x1b[2Jb\u202ec\nd")])
    text = said(capsys, folder, TOLD, "--lang", "en")[1]

    assert "“a[2Jbc d”" in text
    assert [] == [char for char in text if not char.isprintable() and char != "\n"]


def test_what_was_written_takes_the_place_of_what_is_made_anew(capsys, tmp_path):
    """Alerts and deliveries of files: this one was held for the digest, because the day's messages were used up."""
    folder = folder_of(tmp_path)
    (match, *_) = document(capsys, folder, TOLD)[1]["matches"]
    alert = {
        "alert_id": match["match_id"],
        "intent": "upgrade",
        "rule_id": "upgrade.interest",
        "severity": "medium",
        "polarity": "chance",
        "customer_id": TOLD,
        "account_id": "a-0001",
        "occurred_at": "2026-06-10T02:00:00Z",
        "rule_set": "of old",
        "reason": "",
        "evidence": [],
        "schema_version": 1,
    }
    delivery = {
        **{name: alert[name] for name in ("alert_id", "intent", "severity", "rule_id", "customer_id", "account_id")},
        "case_id": alert["alert_id"],
        "route": "owners",
        "sink": "slack",
        "target": {"kind": "user", "address": "U0TANTOU"},
        "fate": Fate.DIGESTED,
        "reason": FateReason.BUDGET,
        "at": "2026-06-11T00:30:00Z",
        "schema_version": 1,
    }
    files = (
        ("--alerts", str(write(tmp_path / "alerts.jsonl", [alert]))),
        ("--deliveries", str(write(tmp_path / "deliveries.jsonl", [delivery]))),
        ("--fates", str(write(tmp_path / "fates.jsonl", []))),
    )
    _, found = document(capsys, folder, TOLD, *(part for pair in files for part in pair), "--lang", "en")

    assert ["upgrade.interest"] == [one["rule_id"] for one in found["matches"]]
    assert [("budget", "digest")] == [(one["reason"], one["delay"]) for one in found["matches"][0]["told"]]
    assert WORDS.reason[FateReason.BUDGET] in found["answer"]["text"][1]


def test_who_was_erased_is_not_shown_but_for_what_came_later(capsys, tmp_path):
    erased_at = int(builders.NOON.timestamp()) * 1_000_000 - 1
    erasure = Erasure(hash=hash_of(TOLD, SALT), salt=SALT, erased_at=erased_at, upto={})
    (tmp_path / "erasures.jsonl").write_bytes(encode_erasure(erasure) + b"\n")
    folder = folder_of(tmp_path)
    assert 0 == main(["replay", "--page-views", f"{folder}/views.jsonl", "--alerts", f"{folder}/alerts.jsonl"])
    capsys.readouterr()
    gone = ("--erasures", f"{folder}/erasures.jsonl", "--alerts", f"{folder}/alerts.jsonl", "--lang", "en")
    assert (1, f"{WORDS.erased}\n") == said(capsys, folder, TOLD, *gone)
    assert (0, "nothing") == ((of_other := document(capsys, folder, SILENT, *gone))[0], of_other[1]["answer"]["is"])
    folder_of(tmp_path, [*VIEWS, view(11, TOLD, 1, "/pricing")])
    code, text = said(capsys, folder, TOLD, *gone)
    assert (0, 0, True) == (code, text.count("/account/cancel"), WORDS.erased in text)
    assert 1 == sum("/pricing" in line for line in section(text, WORDS.section.timeline))


@pytest.mark.parametrize("name", [TOLD, "a-0001"])
def test_of_others_nothing_is_told(capsys, tmp_path, name):
    """Neither what they did nor what was found of them, in whatever order they came."""
    views = sorted(VIEWS, key=lambda one: (one["occurred_at"], one["customer_id"]))
    folder = folder_of(tmp_path, views)
    _, found = document(capsys, folder, name)

    assert {TOLD} == {line["customer_id"] for line in (*found["timeline"], *found["matches"], *found["people"])}


def test_a_time_to_end_at_goes_with_files(capsys):
    assert 2 == main(["explain", TOLD, "--until", "2026-06-12T00:00:00+09:00"])
    assert "--until" in capsys.readouterr().err


@pytest.mark.parametrize("days", [0, 1])
def test_the_newest_of_many_alike_stands_for_them(capsys, tmp_path, days):
    """A lead who looks at prices ten times is one line in the answer, and ten in the timeline."""
    views = [view(n, HELD, MORNING + days * DAY + n * HOUR / 6, f"/pricing?plan={n}") for n in range(10)]
    folder = folder_of(tmp_path, views)
    _, text = said(capsys, folder, HELD, "--lang", "en")

    held = len([one for one in document(capsys, folder, HELD)[1]["matches"] if one["fate"] == "suppressed"])
    answer = section(text, WORDS.section.answer)
    assert (2, True) == (len(answer), answer[1].endswith(f"({held} times in all)"))


def test_a_csv_file_needs_its_mapping(capsys, tmp_path):
    folder = folder_of(tmp_path)
    code, out = said(capsys, folder, TOLD, "--csv", f"{folder}/views.jsonl")

    assert (2, "") == (code, out)
