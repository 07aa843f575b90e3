"""The command line: what it prints, where, and with which exit code."""

import asyncio
import json
import os
import subprocess
import sys

import pytest

from stream_app import __version__
from stream_app.cli import app, main
from stream_app.cluster import create_topics
from stream_app.core.rules import RULES
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


class TestRules:
    def test_table_tells_every_rule_with_reason_and_examples(self, capsys):
        assert main(["rules"]) == 0
        said = capsys.readouterr().out
        assert [] == [text for rule in RULES for text in (rule.id, rule.why) if text not in said]
        assert len(RULES) == said.count("  speaks: ") == said.count("  silent: ")

    def test_json_is_one_document_for_programs(self, capfdbinary):
        assert main(["rules", "--json"]) == 0
        document = json.loads(capfdbinary.readouterr().out)
        assert [rule.id for rule in RULES] == [row["id"] for row in document["rules"]]
        assert {
            "id": "churn.cancellation-page",
            "enabled": True,
            "intent": "churn",
            "severity": "high",
            "polarity": "risk",
            "cooldown": "1d",
            "why": RULES[0].why,
            "speaks": "views /account/cancel",
            "silent": "views /docs/cancel-an-order",
        } == document["rules"][0]

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

        assert main(["check"]) == 1
        settings, broker = capsys.readouterr().out.splitlines()
        assert settings.startswith("ok    settings")
        assert broker.startswith("wrong broker: Kafka at 127.0.0.1:1 (PLAINTEXT): ")

    def test_check_as_json_too(self, capfdbinary):
        assert main(["check", "--json"]) == 1
        document = json.loads(capfdbinary.readouterr().out)
        assert (False, True) == (document["good"], document["unreachable"].startswith("Kafka at 127.0.0.1:1"))

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
        assert (15, True) == (said.count(" no "), "stream-app topics create" in said)
