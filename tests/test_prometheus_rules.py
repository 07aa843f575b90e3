"""The rules of Prometheus: they speak when they should, of metrics that there are, and say where to read on."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.exposed import families, registries

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "deploy" / "prometheus"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
RUNBOOK = "docs/operations.md#"
COURSES = sorted((FOLDER / "tests").glob("*.yml"))
SHORT = ("input", "lateness", "workers")  # courses of minutes; with them alone every alert is shown
SEVERITIES = {"critical", "warning", "none"}
OF_PROMETHEUS = {"job", "instance"}

METRIC = re.compile(r"\b(\w*:)?(cs(?:_|:)[\w:]+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)(=~|!=|=)"([^"]*)"')
GROUPED = re.compile(r"(?:by|on) \(([\w, ]*)\)")

with_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool, of the prometheus package, is not installed"
)


def rules(file):
    """Return the rules of a file."""
    return [rule for group in yaml.safe_load((FOLDER / file).read_text())["groups"] for rule in group["rules"]]


RECORDED = rules("recording.yml")
ALERTS = rules("alerts.yml")


def promtool(*arguments, folder=FOLDER):
    """Run promtool; return its exit code, and what it says unless it is content."""
    done = subprocess.run(["promtool", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr if done.returncode else ""


@with_promtool
@pytest.mark.parametrize(
    "arguments",
    [("check", "config", "--syntax-only", "prometheus.yml"), ("check", "rules", "recording.yml", "alerts.yml")],
    ids=["config", "rules"],
)
def test_promtool_takes_it(arguments):
    assert (0, "") == promtool(*arguments)


@with_promtool
@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.stem)
def test_alerts_speak_when_they_should_and_else_are_silent(course):
    assert (0, "") == promtool("test", "rules", f"tests/{course.name}")


@with_promtool
@pytest.mark.parametrize("always", [False, True], ids=["never", "always"])
def test_an_alert_that_never_speaks_or_always_does_is_noticed(always, tmp_path):
    """The courses are worth something: each alert fails in one of them."""
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    wrong = [rule | {"expr": "vector(1)" if always else "vector(1) > 1", "for": "0s"} for rule in ALERTS]
    (tmp_path / "alerts.yml").write_text(yaml.safe_dump({"groups": [{"name": "cs-alerts", "rules": wrong}]}))
    code, said = promtool("test", "rules", *(f"tests/{name}.yml" for name in SHORT), folder=tmp_path)
    noticed = set(re.findall(r"alertname: (\w+)", said))

    assert (1, {rule["alert"] for rule in ALERTS} - ({"CsWatchdog"} if always else set())) == (code, noticed)


def told():
    """Yield (alert, whether it speaks) of every moment that the courses look at."""
    for course in COURSES:
        for test in yaml.safe_load(course.read_text())["tests"]:
            for case in test.get("alert_rule_test", ()):
                yield case["alertname"], bool(case["exp_alerts"])


def test_every_alert_is_shown_speaking_and_silent():
    both = {(rule["alert"], speaks) for rule in ALERTS for speaks in (True, False)}

    assert both - {("CsWatchdog", False)} == set(told())


def available():
    """Return the samples there are, by name, each with the values of its labels."""
    found = {}
    for registry in registries().values():
        for family in families(registry).values():
            for sample in family.samples:
                values = found.setdefault(sample.name, {})
                for label, value in sample.labels.items():
                    values.setdefault(label, set()).add(value)
    return found


SAMPLES = available()
NAMES = {rule["record"] for rule in RECORDED}


def asked(expression):
    """Yield every metric that an expression names, with what it wants of its labels."""
    for level, name, matchers in METRIC.findall(expression):
        yield level + name, [(label, values.split("|")) for label, _, values in MATCHER.findall(matchers)]


@pytest.mark.parametrize("rule", RECORDED + ALERTS, ids=lambda rule: rule.get("record") or rule["alert"])
def test_rules_ask_for_metrics_and_labels_that_there_are(rule):
    named = list(asked(rule["expr"]))
    unknown = [name for name, _ in named if name not in NAMES and name not in SAMPLES]
    impossible = [
        (name, label, value)
        for name, matchers in named
        for label, values in matchers
        for value in values
        if label not in OF_PROMETHEUS and value not in SAMPLES[name].get(label, ())
    ]

    assert ([], []) == (unknown, impossible)


@pytest.mark.parametrize("rule", RECORDED + ALERTS, ids=lambda rule: rule.get("record") or rule["alert"])
def test_rules_group_by_labels_that_there_are(rule):
    wanted = {label.strip() for labels in GROUPED.findall(rule["expr"]) for label in labels.split(",") if label}
    there = {label for name, _ in asked(rule["expr"]) for label in SAMPLES.get(name, {})}
    recorded = {label for name, _ in asked(rule["expr"]) if name in NAMES for label in name.split(":")[0].split("_")}

    assert set() == wanted - there - recorded - OF_PROMETHEUS


def test_a_recorded_name_begins_with_the_labels_that_are_left():
    levels = {rule["record"]: set(rule["record"].split(":")[0].split("_")) - {"cs"} for rule in RECORDED}
    left = {
        rule["record"]: {label.strip() for found in GROUPED.findall(rule["expr"]) for label in found.split(",")}
        - {"le"}
        for rule in RECORDED
    }

    assert left == levels


def heading(line):
    """Return the anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")


def sections():
    """Return the anchors of the runbooks, each with its text."""
    runbooks = OPERATIONS.partition("\n## Alerts\n")[2].partition("\n## ")[0]
    return {heading(text.partition("\n")[0]): text.partition("\n")[2] for text in runbooks.split("\n### ")[1:]}


def test_every_alert_says_how_bad_it_is_what_is_and_where_to_read_on():
    runbooks = [RUNBOOK + anchor for anchor in sections()]

    assert runbooks == [rule["annotations"]["runbook_url"] for rule in ALERTS]
    assert SEVERITIES == {rule["labels"]["severity"] for rule in ALERTS}
    assert [] == [rule["alert"] for rule in ALERTS if not rule["annotations"]["summary"]]


@pytest.mark.parametrize("anchor", sections())
def test_every_runbook_says_what_it_means_what_to_look_at_and_what_to_do(anchor):
    parts = ["**Means.**", "**Look at.**", "**Do.**"]

    assert parts == re.findall(r"^\*\*\w+(?: \w+)?\.\*\*", sections()[anchor], flags=re.MULTILINE)


@pytest.mark.parametrize("anchor", sections())
def test_runbooks_name_metrics_that_there_are(anchor):
    named = {name for name, _ in asked(sections()[anchor])}

    assert set() == named - NAMES - {*SAMPLES}
