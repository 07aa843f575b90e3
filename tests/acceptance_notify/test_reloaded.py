"""Routes, texts and a token change while the workers run: what comes next goes by them, what is bad changes nothing."""

import pytest

from tests.acceptance_notify.notify_play import Play, alert_of, always_open, name_of
from tests.acceptance_notify.outages import POST
from tests.notify.stage import until
from tests.sinks.slack_server import SlackServer

pytestmark = pytest.mark.kafka

ROUTED = """
[notify]
language = "{language}"
[[routes]]
name = "team"
sink = "slack"
channel = "{channel}"
[fallback]
sink = "slack"
channel = "{channel}"
"""
BEFORE = ROUTED.format(language="ja", channel="#before")
AFTER = ROUTED.format(language="en", channel="#after")
OLD, NEW = "xoxb-geheim-1", "xoxb-geheim-2"
GOOD = "cs_config_last_reload_successful"


async def test_what_changes_while_the_workers_run_holds_for_what_comes_next(ground):
    """The token lies behind a link, as Kubernetes mounts it; a case goes on where it was told."""
    mounted = Mounted(ground.folder, OLD)
    async with (
        SlackServer() as slack,
        Play(
            ground,
            BEFORE,
            STREAM_APP_SLACK__TOKEN_FILE=str(mounted.file),
            STREAM_APP_SLACK__API_URL=slack.api_url,
            STREAM_APP_RELOAD_INTERVAL="200ms",
        ) as play,
    ):
        await play.tell(alert_of(1, "a-1"))
        await until(lambda: posts(slack, 1))
        (ground.folder / "settings.toml").write_text(always_open() + AFTER)
        mounted.hold(NEW)
        await until(lambda: all(len(reloads(play, number)) == 2 for number in range(2)))
        await play.tell(alert_of(2, "a-2"), alert_of(3, "a-1"))
        await until(lambda: posts(slack, 2) and posts(slack, 3))

        (ground.folder / "settings.toml").write_text(always_open() + AFTER + "[[routes]]\nname = 'nowhere'\n")
        await until(lambda: states(play) == {0.0})
        (ground.folder / "settings.toml").write_text(always_open() + AFTER + "[topics]\n[log]\nlevel = 'debug'\n")
        await until(lambda: len(problems(play)) == 4)
        await play.tell(alert_of(4, "a-4"))
        await until(lambda: posts(slack, 4))
        (ground.folder / "settings.toml").write_text(always_open() + AFTER)
        await until(lambda: states(play) == {1.0})
        assert [0, 0] == await play.stop()

    assert ["#before", "#after", "#before", "#after"] == [
        posts(slack, number)[0].fields["channel"] for number in range(1, 5)
    ]
    assert [OLD, NEW, NEW, NEW] == [posts(slack, number)[0].token for number in range(1, 5)]
    assert [True, False, False, False] == [is_japanese(posts(slack, number)[0]) for number in range(1, 5)]
    assert ["log.level: only a restart changes that"] * 2 == [each for each in problems(play) if "restart" in each]
    said = "".join(worker.log_file.read_text() for worker in play.workers)
    assert not [secret for secret in (OLD, NEW) if secret in said]


class Mounted:
    """A file in a folder that is a link to another one, which changes all at once."""

    def __init__(self, folder, secret):
        self._folder = folder
        self._number = 0
        self.file = folder / "mounted" / "token"
        self.hold(secret)

    def hold(self, secret):
        """Let this stand there from now on."""
        self._number += 1
        version = self._folder / f"version-{self._number}"
        version.mkdir()
        (version / "token").write_text(f"{secret}\n")
        link = self._folder / "mounted.new"
        link.symlink_to(version, target_is_directory=True)
        link.rename(self._folder / "mounted")


def posts(slack, number):
    """Return the posts that name a person."""
    return [call for call in slack.calls(POST) if name_of(number) in str(call.fields)]


def is_japanese(post):
    """Tell whether a post has kana."""
    return any("\u3040" <= letter <= "\u30ff" for letter in str(post.fields))


def reloads(play, number):
    """Return what a worker says of settings that it read again, and found different."""
    lines = (line for line in play.workers[number].log() if line["event"] == "the settings are read again")
    return [key for line in lines for key in line["changed"] if key in ("routes", "slack.token")]


def problems(play):
    """Return why settings could not be used."""
    return [line["problem"] for worker in play.workers for line in worker.log() if "problem" in line]


def states(play):
    """Return what the workers say of the last reload."""
    pages = [worker.page("metrics")[1].splitlines() for worker in play.workers]
    return {float(line.split()[1]) for page in pages for line in page if line.startswith(f"{GOOD} ")}
