"""Settings that are read again: what is taken over, what is refused, and what both come to."""

import asyncio
import logging

import pytest
import structlog
from prometheus_client import CollectorRegistry

from stream_app.core.events import HOUR
from stream_app.reloads import ReloadMetrics, Reloads
from stream_app.settings import Settings, SettingsError, Source
from stream_app.settings.load import keys
from stream_app.settings.reloading import DECIDING, FIXED, TAKEN, changed, deciding, of_these
from stream_app.topics import Worker

QUICKLY = 'reload_interval = "10ms"\n'
AT_A_SIGNAL = 'reload_interval = "0"\n'
OF_NO_CONCERN = {  # to a worker that runs: other commands ask for it, or the other worker
    Worker.DETECT: (
        *("playbooks", "people", "routes", "fallback", "notify", "mute", "slack", "salesforce", "hubspot", "webhook"),
        *("file", "topics", "csv", "access_log", "feedback", "inbox"),
    ),
    Worker.NOTIFY: (
        *("group", "store", "data_dir", "checkpoint_interval", "standby_replicas", "poison_floods", "alerts_from"),
        *("feeds", "fiscal_year_end", "pages_defaults", "pages", "urls", "audience", "rules", "loyalty", "waits"),
        *("topics", "csv", "access_log", "feedback", "inbox"),
    ),
}


class Bench:
    """A worker's reloads on a file of settings."""

    def __init__(self, file, text, worker=Worker.DETECT):
        file.write_text(text)
        self.file = file
        self.registry = CollectorRegistry()
        self.taken = []
        source = Source(file, {})
        self.reloads = Reloads(worker, source, source.load(), self.take, ReloadMetrics(self.registry))

    async def take(self, settings):
        if settings.rules.lateness == 0:
            raise SettingsError("nobody is that punctual")
        self.taken.append(settings)

    def says(self, name="successful"):
        return self.registry.get_sample_value(f"cs_config_last_reload_{name}")


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path / "app.toml", AT_A_SIGNAL)


@pytest.mark.parametrize("worker", Worker)
def test_every_setting_is_taken_over_or_fixed_or_of_no_concern(worker):
    """A new setting has to be given its place."""
    fixed = of_these(keys(), FIXED[worker])
    taken = [key for key in of_these(keys(), TAKEN[worker]) if key not in fixed]
    other = [key for key in of_these(keys(), OF_NO_CONCERN[worker]) if key not in {*fixed, *taken}]
    assert sorted(keys()) == sorted([*fixed, *taken, *other])


def test_what_decides_is_written_down_as_it_is_read(tmp_path):
    """Spans, amounts, pages: a rule set can be made of it, and that is the same one."""
    file = tmp_path / "app.toml"
    file.write_text(
        'feeds = ["purchases"]\npages_defaults = false\n[[pages]]\ncategory = "faq"\npath = "/x"\n'
        '[rules]\nlateness = "90m"\n[rules.by_id."churn.cancellation-page"]\ncooldown = "36h"\nseverity = "low"\n'
        '[loyalty]\nhigh = { JPY = 5.5 }\n[waits]\nhabit = "31d"\n[hours]\nopens = "08:00"\n'
        'closures = ["12-29/01-03"]\n'
        '[web]\ntoken = "geheim"\n[slack]\ntoken = "geheim"\n'
    )
    settings = Source(file, {}).load()
    said = deciding(settings)

    assert settings.rule_set().id == Settings(**said).rule_set().id != Settings().rule_set().id
    assert {*said} < {*DECIDING}
    assert "geheim" not in str(said)


async def test_what_changed_is_taken_over_and_said(bench):
    bench.file.write_text(AT_A_SIGNAL + '[rules]\nlateness = "2h"\n[slack]\ntoken = "geheim"\n')
    before = bench.says("success_timestamp_seconds")
    with structlog.testing.capture_logs() as said:
        await bench.reloads.reload()

    assert [bench.reloads.settings] == bench.taken
    assert [["rules.lateness"]] == [line["changed"] for line in said]  # the token is notify's business
    assert bench.says("success_timestamp_seconds") > before
    assert 1 == bench.says()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[rules", "is not a TOML file"),
        ("[rules]\nlateness = 5\n", "rules.lateness: must be a number with its unit"),
        ('group = "other"\n[rules]\nlateness = "2h"\n', "group: only a restart changes that"),
        ('topic_prefix = "x."\n[kafka]\nsasl_username = ""\nsession_timeout = "20s"\n', "topic_prefix, kafka.session_"),
        ('[rules]\nlateness = "0"\n', "nobody is that punctual"),
        (None, "cannot be read: No such file"),
    ],
    ids=["no TOML", "wrong", "fixed", "several fixed", "refused by the worker", "gone"],
)
async def test_what_cannot_be_used_leaves_the_old_and_is_said(bench, text, problem):
    before = bench.reloads.settings
    bench.file.unlink() if text is None else bench.file.write_text(AT_A_SIGNAL + text)
    with structlog.testing.capture_logs() as said:
        await bench.reloads.reload()
        assert (0, [], before) == (bench.says(), bench.taken, bench.reloads.settings)
        bench.file.write_text(AT_A_SIGNAL)
        await bench.reloads.reload()

    assert problem in said[0]["problem"]
    assert ("error", 1) == (said[0]["log_level"], bench.says())


@pytest.mark.parametrize(
    ("worker", "text", "expected"),
    [
        (Worker.NOTIFY, 'group = "other"\n[rules]\nlateness = "2h"\n', 1),
        (Worker.NOTIFY, '[notify]\ngroup = "other"\n', 0),
        (Worker.NOTIFY, "[slack]\nport = 7000\n", 0),
        (Worker.DETECT, '[notify]\ngroup = "other"\n', 1),
    ],
)
async def test_only_what_concerns_a_worker_is_refused(tmp_path, worker, text, expected):
    bench = Bench(tmp_path / "app.toml", "", worker)
    bench.file.write_text(text)
    await bench.reloads.reload()
    assert expected == bench.says()


async def test_a_link_that_leads_elsewhere_is_a_change(tmp_path):
    """As Kubernetes mounts files: the file's own link stays, the one of its folder changes."""
    for name, lateness in (("v1", "1h"), ("v2", "2h")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.toml").write_text(f'{QUICKLY}[rules]\nlateness = "{lateness}"\n')
    (tmp_path / "data").symlink_to("v1")
    (tmp_path / "app.toml").symlink_to("data/app.toml")
    bench = Bench.__new__(Bench)
    bench.registry, bench.taken = CollectorRegistry(), []
    source = Source(tmp_path / "app.toml", {})
    bench.reloads = Reloads(Worker.DETECT, source, source.load(), bench.take, ReloadMetrics(bench.registry))
    running = asyncio.create_task(bench.reloads.run())
    (tmp_path / "new").symlink_to("v2")
    (tmp_path / "new").rename(tmp_path / "data")
    async with asyncio.timeout(30):
        while bench.reloads.settings.rules.lateness != 2 * HOUR:
            await asyncio.sleep(0.01)
    running.cancel()


async def test_what_changed_before_the_first_look_is_not_missed(tmp_path):
    bench = Bench(tmp_path / "app.toml", QUICKLY)
    bench.file.write_text(QUICKLY + '[rules]\nlateness = "2h"\n')
    running = asyncio.create_task(bench.reloads.run())
    async with asyncio.timeout(30):
        while bench.reloads.settings.rules.lateness != 2 * HOUR:
            await asyncio.sleep(0.01)
    running.cancel()


async def test_without_an_interval_it_is_read_when_somebody_asks(bench):
    running = asyncio.create_task(bench.reloads.run())
    bench.file.write_text(AT_A_SIGNAL + '[rules]\nlateness = "2h"\n')
    await asyncio.sleep(0.05)
    assert [] == bench.taken
    bench.reloads.ask()
    async with asyncio.timeout(30):
        while not bench.taken:
            await asyncio.sleep(0.01)
    running.cancel()


async def test_no_secret_is_logged(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    (tmp_path / "token").write_text("geheim-1")
    bench = Bench(tmp_path / "app.toml", f'[web]\ntoken_file = "{tmp_path / "token"}"\n')
    said = []
    for text in ("geheim-2", "geheim-3 \n", ""):
        (tmp_path / "token").write_text(text)
        with structlog.testing.capture_logs() as lines:
            await bench.reloads.reload()
        said += lines
    assert ["geheim-2", "geheim-3"] == [each.web.token.get_secret_value() for each in bench.taken]
    assert "geheim" not in str(said) + caplog.text
    assert [["web.token"], ["web.token"], None] == [line.get("changed") for line in said]


def test_what_differs_is_named_by_its_key():
    """Of a table that was not there, all that it says."""
    after = Settings(group="g", rules={"lateness": "2h"}, notify={"escalation": {"sink": "console"}})
    escalation = [f"notify.escalation.{key}" for key in ("channel", "queue", "sink", "user")]
    assert ["group", *escalation, "rules.lateness"] == sorted(changed(Settings(), after))


async def test_a_file_that_is_being_written_is_left_alone(bench, monkeypatch):
    """Half of it could be settings too; it is taken over once two looks have seen the same."""
    looks = iter([AT_A_SIGNAL + "[rules]\n", AT_A_SIGNAL + '[rules]\nlateness = "2h"\n'])
    as_it_is = bench.reloads._told_to

    async def look():
        if (text := next(looks, None)) is not None:
            assert [] == bench.taken
            bench.file.write_text(text)
        elif bench.taken:
            await as_it_is()
        return False

    monkeypatch.setattr(bench.reloads, "_told_to", look)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2):
            await bench.reloads.run()
    assert [2 * HOUR] == [each.rules.lateness for each in bench.taken]
