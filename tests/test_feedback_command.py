"""`stream-app feedback`: each rule with its numbers, its interval and what that proposes."""

import gzip
import json
from uuid import NAMESPACE_OID, uuid5

import pytest

from stream_app.cli import main
from stream_app.codec.notify import encode_feedback
from stream_app.core.events import MINUTE
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.orders import Action
from stream_app.core.rules import FULL

AT = 1_780_000_000_000_000
CHURN, PUSHED, WAITING = "churn.cancellation-page", "support.complaint", "budget.value-doubt"


@pytest.fixture(autouse=True)
def _nowhere(tmp_path, monkeypatch):
    """No settings file in the current folder."""
    monkeypatch.chdir(tmp_path)


def words(rule_id, *, at=AT, **counts):
    """Return what people said of a rule's alerts, each of another one."""
    said = [Action(action) for action, count in counts.items() for _ in range(count)]
    alerts = [uuid5(NAMESPACE_OID, f"{rule_id} {number}").hex for number in range(len(said))]
    return [
        encode_feedback(
            Feedback(
                feedback_id=f"{rule_id}-{number}",
                case_id=alerts[number],
                account="a-1",
                action=action,
                by="見本 担当者",
                at=at,
                alert_ids=(alerts[number],),
                rule_id=rule_id,
            )
        )
        for number, action in enumerate(said)
    ]


SAID = [
    *words(CHURN, useful=1, not_useful=39),
    *words(PUSHED, useful=2, not_useful=30, too_early=7),
    *words(WAITING, useful=30, not_useful=1),
    *words("gone.rule", useful=40),
]


def told(capsys, path, *options, values=SAID):
    """Return what the command prints of a file of these values."""
    path.write_bytes(b"\n".join(values) + b"\n")
    code = main(["feedback", "--file", str(path), *options])
    return code, capsys.readouterr().out


def rows(capsys, path, *options, values=SAID):
    """Return the same for programs: the whole, and each rule's line."""
    code, out = told(capsys, path, "--json", *options, values=values)
    assert 0 == code
    report = json.loads(out)
    return report, {each["rule"]: each for each in report["rules"]}


def test_every_rule_has_its_line_and_the_numbers_behind_it(capsys, tmp_path):
    report, by_rule = rows(capsys, tmp_path / "said")

    assert [rule.id for rule in FULL] + ["gone.rule"] == [each["rule"] for each in report["rules"]]
    assert {
        "rule": PUSHED,
        "now": "push",
        "useful": 2,
        "not_useful": 30,
        "too_early": 7,
        "precision": 0.0625,
        "low": pytest.approx(0.0102, abs=5e-5),
        "high": pytest.approx(0.2328, abs=5e-5),
        "proposal": "digest",
        "setting": f'[rules.by_id."{PUSHED}"]\ndigest = true',
    } == by_rule[PUSHED]
    assert {"useful": 0, "precision": None, "low": None, "proposal": "too_few", "setting": None} == {
        key: by_rule["churn.silent"][key] for key in ("useful", "precision", "low", "proposal", "setting")
    }
    assert ("push", f'[rules.by_id."{WAITING}"]\ndigest = false') == (
        by_rule[WAITING]["proposal"],
        by_rule[WAITING]["setting"],
    )


def test_churn_is_never_proposed_for_the_digest_and_the_report_says_so(capsys, tmp_path):
    _, out = told(capsys, tmp_path / "said")
    _, by_rule = rows(capsys, tmp_path / "said")

    assert ("churn_stays", None) == (by_rule[CHURN]["proposal"], by_rule[CHURN]["setting"])
    assert f"{CHURN} lies below the bar too, but churn is never proposed for the digest" in " ".join(out.split())
    assert f'[rules.by_id."{CHURN}"]' not in out


def test_people_read_a_table_and_what_to_set(capsys, tmp_path):
    code, out = told(capsys, tmp_path / "said")
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.splitlines()]

    assert 0 == code
    assert [PUSHED, "push", "2", "30", "7", "6% (1–23)", "to the digest"] in cells
    assert ["gone.rule", "off", "40", "·", "·", "100% (88–100)", "not asked"] in cells
    assert f'Proposed, if you agree:\n[rules.by_id."{PUSHED}"]\ndigest = true\n' in out
    assert f'Proposed, if you agree:\n[rules.by_id."{WAITING}"]\ndigest = false\n' in out


@pytest.mark.parametrize(
    ("setting", "rule_id", "expected"),
    [
        ("[feedback]\ndigest_below = 0.2327", PUSHED, "stays"),
        ("[feedback]\ndigest_below = 0.2328", PUSHED, "digest"),
        ("[feedback]\nat_least = 32", PUSHED, "digest"),
        ("[feedback]\nat_least = 33", PUSHED, "too_few"),
        ("[feedback]\npush_above = 0.9", WAITING, "stays"),
        ("[rules]\nset = 'simple'", PUSHED, "not_asked"),
        (f"[rules.by_id.'{PUSHED}']\ndigest = true", PUSHED, "stays"),
        (f"[rules.by_id.'{PUSHED}']\nenabled = false", PUSHED, "not_asked"),
    ],
)
def test_the_settings_have_the_say(capsys, tmp_path, setting, rule_id, expected):
    (tmp_path / "stream-app.toml").write_text(setting)
    _, by_rule = rows(capsys, tmp_path / "said")

    assert expected == by_rule[rule_id]["proposal"]


def test_since_counts_what_was_said_from_then_on(capsys, tmp_path):
    values = [*words(PUSHED, at=AT - MINUTE, useful=3), *words(WAITING, useful=2)]
    report, by_rule = rows(capsys, tmp_path / "said", "--since", "2026-05-28T20:26:40+00:00", values=values)

    assert ("2026-05-28T20:26:40+00:00", 0, 2) == (
        report["since"],
        by_rule[PUSHED]["useful"],
        by_rule[WAITING]["useful"],
    )


def test_what_cannot_be_read_is_told(capsys, tmp_path):
    values = [b"", b"no json", b'{"schema_version": 1}', *words(PUSHED, useful=1), b"x" * 3_000_000]
    report, by_rule = rows(capsys, tmp_path / "said", values=values)
    _, out = told(capsys, tmp_path / "said", values=values)

    assert (3, 1) == (report["unreadable"], by_rule[PUSHED]["useful"])
    assert out.endswith("3 records could not be read and are not counted.\n")


def test_several_files_are_one_and_may_be_packed(capsys, tmp_path):
    (tmp_path / "packed").write_bytes(gzip.compress(b"\n".join(words(PUSHED, useful=5))))
    again = words(PUSHED, at=AT + 1, not_useful=2)
    _, by_rule = rows(capsys, tmp_path / "said", "--file", str(tmp_path / "packed"), values=again)

    assert (3, 2) == (by_rule[PUSHED]["useful"], by_rule[PUSHED]["not_useful"])
