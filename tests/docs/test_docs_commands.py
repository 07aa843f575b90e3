"""Every command of the documentation is run as it stands there, or the reason why not is written down."""

import asyncio
import os
import re
import signal
from collections import Counter

import pytest
from typer.testing import CliRunner

from stream_app.cli import app
from stream_app.settings import load
from tests.demo_process import PATIENCE, finish, start, until_said
from tests.docs.commands import PAGES, ROOT, Command, in_blocks, in_passing, split, toml_blocks
from tests.docs.known import path_of, unknown_to_others, unknown_to_us
from tests.docs.stage import files_in, records, slack_running
from tests.docs.ways import ANSWERS, ELSEWHERE, SAYS_NO, SMALLER, WORKERS, way_of
from tests.sinks.slack_server import WEBHOOK

COMMANDS = in_blocks()
NOT_HERE = ("STREAM_APP_KAFKA__SASL_PASSWORD",)  # the embedded broker asks for none
SECRETS = {"STREAM_APP_SLACK__TOKEN": "xoxb-1", "STREAM_APP_SLACK__APP_TOKEN": "xapp-1"}


def of(*ways):
    """Return the commands that are run in these ways, each once."""
    found = {command.words: command for command in COMMANDS if way_of(command) in ways}
    return list(found.values())


def by_name(commands):
    """Return each command once, under the name that it has in a shell."""
    return [pytest.param(command, id=name) for name, command in {str(one): one for one in commands}.items()]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with the files that the documentation names."""
    monkeypatch.chdir(tmp_path)
    return files_in(tmp_path)


def run(command, monkeypatch):
    """Run a command of ours in this process and return what came of it."""
    with monkeypatch.context() as patched:
        for name, value in command.variables:
            if name not in NOT_HERE:
                patched.setenv(name, SECRETS.get(name, value))
        path = path_of(command.words)
        words = [*command.words[1:], *SMALLER.get(path, ())]
        return CliRunner().invoke(app, words, input=ANSWERS.get(path))


def went_well(command, result):
    """Return whether it ended as it should."""
    no = SAYS_NO.get(path_of(command.words))
    return (result.exit_code == 1 and no in result.output) if no else result.exit_code == 0


def wrong(results):
    """Return what the commands said that did not end as they should."""
    return {str(one): (said.output, said.exception) for one, said in results.items() if not went_well(one, said)}


def test_there_is_a_way_for_every_command():
    assert [] == [f"{', '.join(command.pages)}: {command}" for command in COMMANDS if way_of(command) is None]


def test_none_is_missed():
    """Line by line, without a parser: blocks of `sh` hold as many commands of ours as were read, others none."""
    counted = Counter()
    for page in PAGES:
        fence = ""
        for line in page.read_text(encoding="utf-8").splitlines():
            if line.lstrip().startswith("```"):
                fence = "" if fence else line.lstrip()
            elif fence:
                counted[fence] += len(re.findall(r"(?:^|&& |\| )\s*stream-app ", line))
    read = sum(len(command.pages) for command in COMMANDS if command.words[0] == "stream-app")

    assert {"```sh": read} == {fence: count for fence, count in counted.items() if count}


def test_nothing_is_excused_that_is_not_there():
    words = {command.words for command in COMMANDS}

    assert [] == [" ".join(one) for one in ELSEWHERE if one not in words]


@pytest.mark.parametrize("command", by_name(one for one in [*COMMANDS, *in_passing()] if one.words[0] == "stream-app"))
def test_our_commands_know_what_is_written_of_them(command):
    assert [] == unknown_to_us(command.words)


OTHERS = [*of("not run"), *(one for one in in_passing() if one.words[0] != "stream-app")]


@pytest.mark.parametrize("command", by_name(OTHERS))
def test_what_is_not_run_is_known_to_its_program(command):
    assert [] == unknown_to_others(command.words)


@pytest.mark.parametrize("command", by_name(OTHERS))
def test_what_is_not_run_names_files_that_are_there(command):
    paths = [word.replace(".", "/") + ".py" if word.startswith("tests.") else word for word in command.words]
    named = [path for path in paths if re.fullmatch(r"(deploy|tests|docs)/[\w/.-]+", path)]

    assert [] == [path for path in named if not (ROOT / path).exists()]


@pytest.mark.parametrize("command", by_name(of("alone")))
def test_what_needs_no_broker_runs_as_it_is(command, folder, monkeypatch):
    result = run(command, monkeypatch)

    assert went_well(command, result), (result.output, result.exception)


@pytest.mark.parametrize("text", [pytest.param(text, id=f"{page} {n}") for n, (page, text) in enumerate(toml_blocks())])
def test_settings_that_are_shown_are_settings(text, tmp_path):
    (tmp_path / "shown.toml").write_text(text, encoding="utf-8")

    secrets = {"STREAM_APP_KAFKA__SASL_PASSWORD": "x"} if "SASL" in text else {}

    assert load(tmp_path / "shown.toml", secrets)


@pytest.mark.kafka
def test_what_needs_a_cluster_runs_beside_the_workers(ground, folder, monkeypatch):
    """One after the other: topics are made, workers start, all else is asked of them, they stop, a topic is new."""
    with slack_running() as slack:
        ports = {"STREAM_APP_NOTIFY__PORT": "0", "STREAM_APP_INBOX__PORT": "0"}
        environment = ground.environ() | ports | {"STREAM_APP_SLACK__API_URL": slack.api_url} | SECRETS
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        results = {command: run(command, monkeypatch) for command in of("before")}
        assert {} == wrong(results)
        asyncio.run(ground.write(records()))
        workers = {command: start(folder, *command.words[1:]) for command in of("worker")}
        for command, process in workers.items():
            until_said(process.stderr, WORKERS[path_of(command.words)])
        results |= {command: run(command, monkeypatch) for command in of("beside")}
        ends = {str(command): _stopped(process) for command, process in workers.items()}
        results |= {command: run(command, monkeypatch) for command in of("after")}

    assert dict.fromkeys(ends, 0) == ends
    assert {} == wrong(results)


def _stopped(process):
    os.kill(process.pid, signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    return process.returncode


@pytest.mark.kafka
@pytest.mark.parametrize("command", by_name(of("demo")))
def test_own_log_file_reaches_slack(command, folder, monkeypatch):
    """What a newcomer does, with the settings that the README shows them."""
    shown = next(text for page, text in toml_blocks("README.md") if "/members/leave" in text)
    (folder / "stream-app.toml").write_text(shown)
    with slack_running() as slack:
        monkeypatch.setenv("STREAM_APP_SLACK__WEBHOOK_URL", slack.webhook_url)
        said, _ = finish(folder, *command.words[1:])

    assert "解約" in slack.calls(WEBHOOK)[0].fields["text"]
    assert "churn 1" in said


class TestOfTheTest:
    """A command that nobody thought of makes it red."""

    def test_a_new_command_has_no_way(self):
        assert [None, None] == [way_of(Command(words)) for words in (("rm", "-r", "data"), ("stream-app", "rain"))]

    def test_a_wrong_option_is_found(self):
        assert ["--jsn"] == unknown_to_us(("stream-app", "topics", "create", "--jsn"))
        assert ["--nope"] == unknown_to_others(("pip", "install", "-e", ".", "--nope"))

    def test_a_wrong_command_is_found(self):
        assert ["topic", "create"] == unknown_to_us(("stream-app", "topic", "create"))
        assert ["remake"] == unknown_to_us(("stream-app", "deliveries", "remake"))

    def test_a_script_is_read_as_a_shell_reads_it(self):
        script = "export A=1 B='2 3' # why\nstream-app x --y \\\n  z && stream-app w | stream-app v # no\n\n# none"

        assert [
            (("stream-app", "x", "--y", "z"), (("A", "1"), ("B", "2 3"))),
            (("stream-app", "w"), (("A", "1"), ("B", "2 3"))),
            (("stream-app", "v"), (("A", "1"), ("B", "2 3"))),
        ] == list(split(script))
