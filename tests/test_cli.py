"""The command line: what it prints, where, and with which exit code."""

import asyncio
import json
import os
import subprocess
import sys

import pytest
from msgspec.structs import replace

from stream_app import __version__
from stream_app.cli import app, main
from stream_app.cluster import create_topics
from stream_app.commands import show
from stream_app.core.rule_set import RULES_OF, RuleSet, RuleSetName
from stream_app.core.rules import FULL, RULES, SIMPLE
from stream_app.core.tuning import Feed, Tuning
from stream_app.settings import Settings
from stream_app.settings.notify import NotifySettings
from stream_app.topics import InputTopic


@pytest.fixture(autouse=True)
def _nowhere(tmp_path, monkeypatch):
    """No settings file in the current folder."""
    monkeypatch.chdir(tmp_path)


def commands():
    """Return every command with the words that call it."""
    top = [(_word(command),) for command in app.registered_commands]
    groups = [(group.name, one) for group in app.registered_groups for one in group.typer_instance.registered_commands]
    return [*top, *((name,) for name, _ in groups), *((name, _word(inner)) for name, inner in groups)]


def _word(command):
    return command.name or command.callback.__name__


@pytest.mark.parametrize("words", sorted(set(commands())), ids=" ".join)
def test_help_of_every_command_ends_with_examples(capsys, words):
    assert main([*words, "--help"]) == 0
    examples = " ".join(capsys.readouterr().out.partition("Example")[2].split())
    assert words[-1] in examples
    assert "stream-app " in examples


def test_version(capsys):
    assert (0, f"{__version__}\n") == (main(["--version"]), capsys.readouterr().out)


SLEEPER = replace(SIMPLE[1], feeds=frozenset({Feed.PURCHASES, Feed.PAGE_VIEWS}))
OTHER = replace(SIMPLE[2], feeds=frozenset({Feed.ANSWERS}), digest=True)
SLEEPING = RuleSet(rules=(SIMPLE[0], SLEEPER, OTHER), tuning=Tuning(feeds=frozenset({Feed.PURCHASES})))


@pytest.mark.parametrize("name", RuleSetName)
class TestRulesOf:
    def test_table_tells_every_rule_with_reason_and_examples(self, capsys, monkeypatch, name):
        monkeypatch.setenv("STREAM_APP_RULES__SET", name)

        assert main(["rules"]) == 0
        said, rules = capsys.readouterr().out, RULES_OF[name]
        assert [] == [text for rule in rules for text in (rule.id, rule.why) if text not in said]
        assert len(rules) == said.count("  speaks: ") == said.count("  silent: ")
        assert f"Rule set {name} ({RuleSet(name=name).id}), feeds: none." in said

    def test_json_is_one_document_for_programs(self, capfdbinary, monkeypatch, name):
        monkeypatch.setenv("STREAM_APP_RULES__SET", name)
        monkeypatch.setenv("STREAM_APP_FEEDS", '["answers", "page-views"]')

        assert main(["rules", "--json"]) == 0
        document = json.loads(capfdbinary.readouterr().out)
        assert (name, ["page-views", "answers"]) == (document["set"], document["feeds"])
        assert [rule.id for rule in RULES_OF[name]] == [row["id"] for row in document["rules"]]
        assert {
            "id": "churn.cancellation-page",
            "enabled": True,
            "intent": "churn",
            "severity": "high",
            "polarity": "risk",
            "cooldown": "1d",
            "digest": False,
            "feeds": [],
            "lacks": [],
            "why": RULES[0].why,
            "speaks": "views /account/cancel",
            "silent": "views /docs/cancel-an-order",
        } == document["rules"][0]


class TestRules:
    def test_what_sleeps_is_marked_with_what_it_waits_for(self, capsys):
        show.rules(SLEEPING, as_json=False)
        said = capsys.readouterr().out

        assert [line.split()[0] for line in said.splitlines() if "(asleep)" in line] == [SLEEPER.id, OTHER.id]
        assert [
            "  asleep until the setting feeds names page-views",
            "  asleep until the setting feeds names answers",
        ] == [line for line in said.splitlines() if line.startswith("  asleep")]
        assert ["at once", "at once", "in the digest"] == [
            line.rstrip().rpartition("   ")[2] for line in said.splitlines()[1:4]
        ]

    def test_programs_are_told_what_it_waits_for(self, capfdbinary):
        show.rules(SLEEPING, as_json=True)
        document = json.loads(capfdbinary.readouterr().out)

        assert [([], []), (["page-views", "purchases"], ["page-views"]), (["answers"], ["answers"])] == [
            (row["feeds"], row["lacks"]) for row in document["rules"]
        ]

    def test_settings_show(self, tmp_path, capfdbinary):
        file = tmp_path / "own.toml"
        file.write_text("[rules.by_id.'churn.cancellation-page']\nenabled = false\n")

        assert main(["--config", str(file), "rules", "--json"]) == 0
        assert json.loads(capfdbinary.readouterr().out)["rules"][0]["enabled"] is False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-command"], "No such command 'no-such-command'"),
        (["rules", "--no-such-option"], "No such option"),
        (["--config", "nowhere.toml", "rules"], "nowhere.toml: cannot be read: No such file or directory\n"),
    ],
)
def test_wrong_usage_and_settings_are_said_on_stderr_and_end_with_2(capsys, arguments, said):
    code = main(arguments)
    out, err = capsys.readouterr()

    assert (2, "", True, False) == (code, out, said in err, "Traceback" in err)


def test_a_wrong_variable_ends_with_2(capsys, monkeypatch):
    monkeypatch.setenv("STREAM_APP_STROE", "memory")

    assert main(["rules"]) == 2
    assert "STREAM_APP_STROE: no such setting; did you mean STREAM_APP_STORE?" in capsys.readouterr().err


class TestWithoutBroker:
    @pytest.fixture(autouse=True)
    def _no_broker(self, monkeypatch):
        monkeypatch.setenv("STREAM_APP_BOOTSTRAP_SERVERS", "127.0.0.1:1")

    def test_check_says_so_and_ends_with_1(self, capsys, monkeypatch):
        monkeypatch.setenv("STREAM_APP_SLACK__TOKEN", "xoxb-1")

        monkeypatch.setenv("STREAM_APP_FEEDS", json.dumps([*Feed]))

        assert main(["check"]) == 1
        settings, broker = capsys.readouterr().out.splitlines()
        assert settings.startswith("ok    settings: rule set full (")
        assert broker.startswith("wrong broker: Kafka at 127.0.0.1:1 (PLAINTEXT): ")

    def test_check_as_json_too(self, capfdbinary):
        assert main(["check", "--json"]) == 1
        document = json.loads(capfdbinary.readouterr().out)
        assert (False, True) == (document["good"], document["unreachable"].startswith("Kafka at 127.0.0.1:1"))

    def test_check_names_the_rules_that_are_set_in_vain(self, tmp_path, capfdbinary):
        file = tmp_path / "own.toml"
        file.write_text("[rules.by_id.'budget.pricing-review']\nenabled = false\n")

        assert (1, 1) == (main(["--config", str(file), "check"]), main(["--config", str(file), "check", "--json"]))
        *said, document = capfdbinary.readouterr().out.decode().splitlines()
        line = "note  rules: set in vain, for the set full does not hold them: budget.pricing-review"
        assert (1, ["budget.pricing-review"]) == (said.count(line), json.loads(document)["idle"])

    def test_rules_that_sleep_for_want_of_the_same_stand_in_one_line(self, capsys):
        asleep = {"a.b": (Feed.ANSWERS,), "a.c": (Feed.PAGE_VIEWS, Feed.ANSWERS), "a.d": (Feed.ANSWERS,)}
        found = show.Findings(
            rule_set="0",
            rule_set_name=RuleSetName.FULL,
            bootstrap_servers="",
            group="g",
            notify_group="n",
            asleep=asleep,
        )
        show.check(found, as_json=False)

        assert [
            "note  rules: asleep until the setting feeds names answers: a.b, a.d",
            "note  rules: asleep until the setting feeds names page-views and answers: a.c",
        ] == [line for line in capsys.readouterr().out.splitlines() if line.startswith("note")]

    def test_check_says_which_rules_sleep_for_want_of_which_feed(self, capfdbinary):
        """Each that would be asked, unless it is switched off."""
        rules = [rule for rule in FULL if rule.feeds | rule.one_of]

        assert (1, 1) == (main(["check"]), main(["check", "--json"]))
        *said, document = capfdbinary.readouterr().out.decode().splitlines()
        asleep = json.loads(document)["asleep"]
        assert {rule.id: [feed for feed in Feed if feed in rule.feeds | rule.one_of] for rule in rules} == asleep
        assert {rule.id for rule in rules} == {
            rule_id
            for line in said
            if line.startswith("note  rules: asleep until the setting feeds names ")
            for rule_id in line.rpartition(": ")[2].split(", ")
        }

    def test_check_names_the_sinks_that_lack_credentials_and_what_goes_there(self, tmp_path, capfdbinary):
        file = tmp_path / "own.toml"
        file.write_text('[fallback]\nsink = "console"\n[notify.escalation]\nsink = "hubspot"\nqueue = "leads"\n')

        assert main(["--config", str(file), "check", "--json"]) == 1
        assert [
            'the escalation needs [hubspot] token; or try it with sink = "console"',
            """route 'high-touch' needs [slack] token or webhook_url; or try it with sink = "console\"""",
        ] == json.loads(capfdbinary.readouterr().out)["credentials"]

    @pytest.mark.parametrize("arguments", [["topics"], ["topics", "create"]])
    def test_topics_say_so_on_stderr_and_end_with_1(self, capsys, arguments):
        assert main(arguments) == 1
        out, err = capsys.readouterr()
        assert ("", "Kafka at 127.0.0.1:1 (PLAINTEXT)") == (out, err[:32])


def run(*arguments, **variables):
    """Run the command as a program of its own."""
    environ = {**os.environ, **variables}
    command = [sys.executable, "-m", "stream_app.cli", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)


def test_a_program_gets_no_colour_and_its_exit_code():
    done = run("rules", FORCE_COLOR="", PYTHONPATH=os.pathsep.join(sys.path))

    assert (0, "", False) == (done.returncode, done.stderr, "\x1b" in done.stdout)


def test_a_reader_that_went_away_is_no_traceback():
    command = f"{sys.executable} -m stream_app.cli rules | head -1"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(["sh", "-c", command], env=environ, capture_output=True, text=True, timeout=60, check=False)

    assert (0, "") == (done.returncode, done.stderr)


@pytest.mark.kafka
class TestWithBroker:
    @pytest.fixture
    def settings(self, kafka, monkeypatch, request):
        """Settings, also in the environment, with topics of this test alone."""
        own = request.node.name.replace("_", "-")
        said = {"bootstrap_servers": kafka.bootstrap_servers, "topic_prefix": f"{own}.", "group": own}
        for name, value in said.items():
            monkeypatch.setenv(f"STREAM_APP_{name.upper()}", value)
        monkeypatch.setenv("STREAM_APP_NOTIFY__GROUP", f"{own}-notify")
        return Settings(**said, notify=NotifySettings(group=f"{own}-notify"))

    def test_check_tells_what_is_missing_and_how_to_get_it(self, settings, capsys):
        assert main(["check"]) == 1
        said = capsys.readouterr().out
        assert f"wrong {settings.topic_prefix}page-views: is missing; create it with: stream-app topics create" in said
        assert said.endswith("A worker would not start.\n")

    def test_create_then_check(self, settings, capsys, monkeypatch):
        assert main(["topics", "create"]) == 0
        assert len(settings.topic_specs()) == capsys.readouterr().out.count("created ")
        assert main(["check"]) == 0
        said = capsys.readouterr().out
        assert "note  sinks: route 'high-touch' needs [slack] token or webhook_url" in said
        assert said.endswith("detect can start, notify cannot.\n")
        monkeypatch.setenv("STREAM_APP_SLACK__TOKEN", "xoxb-1")
        assert main(["check"]) == 0
        assert capsys.readouterr().out.endswith("A worker can start.\n")
        assert main(["topics", "create"]) == 0
        assert capsys.readouterr().out == "all topics are there\n"

    def test_topics_are_listed_as_they_are(self, settings, capfdbinary):
        asyncio.run(create_topics(settings))

        assert main(["topics", "--json"]) == 0
        rows = {row["name"]: row for row in json.loads(capfdbinary.readouterr().out)["topics"]}
        assert [spec.name for spec in settings.topic_specs()] == list(rows)
        assert {
            "name": settings.topic(InputTopic.PAGE_VIEWS),
            "exists": True,
            "partitions": 4,
            "cleanup": "delete",
            "retention": "7d",
            "partitioner": "unknown",
        } == rows[settings.topic(InputTopic.PAGE_VIEWS)]

    def test_topics_that_are_missing_are_marked(self, settings, capsys):
        assert main(["topics"]) == 0
        said = capsys.readouterr().out
        assert (len(settings.topic_specs()), True) == (said.count(" no "), "stream-app topics create" in said)
