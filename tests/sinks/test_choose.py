"""Which sinks are made of which settings, and what is said of those that cannot be."""

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from stream_app.core.routes import Sink
from stream_app.settings import Settings, SettingsError
from stream_app.sinks.choose import sinks
from tests.sinks.webhook_server import NEW_SECRET

ROOT = Path(__file__).parents[2]
WEBHOOK = {"webhook": {"url": "https://hooks.example.com/", "secrets": [NEW_SECRET]}}
PLACES = {Sink.SLACK: {"channel": "#a"}, Sink.SALESFORCE: {"queue": "q"}, Sink.HUBSPOT: {"queue": "q"}}


def to(*kinds, fallback=Sink.CONSOLE, **tables):
    """Return settings with a route to each of these sinks."""
    routes = [{"name": f"to-{n}", "sink": kind} | PLACES.get(kind, {}) for n, kind in enumerate(kinds)]
    return Settings(routes=routes, fallback={"sink": fallback} | PLACES.get(fallback, {}), **tables)


def made(settings, **also):
    return sinks(settings, clock=lambda: 0, out=StringIO(), **also)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (to(), {Sink.CONSOLE: "Console"}),
        (to(Sink.CONSOLE, Sink.CONSOLE), {Sink.CONSOLE: "Console"}),
        (to(Sink.FILE), {Sink.CONSOLE: "Console", Sink.FILE: "JsonFile"}),
        (to(Sink.FILE, fallback=Sink.FILE), {Sink.FILE: "JsonFile"}),
        (to(Sink.WEBHOOK, fallback=Sink.FILE, **WEBHOOK), {Sink.WEBHOOK: "Webhook", Sink.FILE: "JsonFile"}),
        (to(**WEBHOOK), {Sink.CONSOLE: "Console"}),
    ],
)
def test_what_something_goes_to_is_made_and_nothing_else(settings, expected):
    assert expected == {kind: type(sink).__name__ for kind, sink in made(settings).items()}


def test_the_escalation_s_sink_is_made_too():
    assert {Sink.CONSOLE, Sink.FILE} == set(made(to(), escalation=Sink.FILE))


SLACK = '[slack] token or webhook_url; or try it with sink = "console"'
SALESFORCE = (
    '[salesforce] client_id, with private_key_file and username or with client_secret; or try it with sink = "console"'
)
HUBSPOT = '[hubspot] token; or try it with sink = "console"'
POSTED = '[webhook] url and secrets; or try it with sink = "console"'


@pytest.mark.parametrize(
    ("settings", "escalation", "expected"),
    [
        (Settings(), None, {f"route 'high-touch' needs {SLACK}"}),
        (to(Sink.SLACK), None, {f"route 'to-0' needs {SLACK}"}),
        (to(Sink.FILE, Sink.HUBSPOT, Sink.HUBSPOT), None, {f"route 'to-1' needs {HUBSPOT}"}),
        (to(Sink.SALESFORCE), None, {f"route 'to-0' needs {SALESFORCE}"}),
        (to(Sink.WEBHOOK), None, {f"route 'to-0' needs {POSTED}"}),
        (to(fallback=Sink.SLACK), None, {f"the fallback needs {SLACK}"}),
        (to(), Sink.HUBSPOT, {f"the escalation needs {HUBSPOT}"}),
        (
            to(Sink.SLACK, Sink.WEBHOOK, fallback=Sink.SALESFORCE),
            Sink.SLACK,
            {f"route 'to-0' needs {SLACK}", f"route 'to-1' needs {POSTED}", f"the fallback needs {SALESFORCE}"},
        ),
    ],
)
def test_each_sink_without_credentials_has_a_line(settings, escalation, expected):
    with pytest.raises(SettingsError) as caught:
        made(settings, escalation=escalation)
    lines = str(caught.value).splitlines()

    assert (expected, len(expected)) == (set(lines), len(lines))


def test_what_is_not_used_is_not_imported():
    """In a process of its own: this one has imported all of them."""
    check = """
import sys
from tests.sinks.test_choose import made, to
made(to())
print(*sorted(name for name in sys.modules if name.startswith("stream_app.sinks.")))
"""
    said = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert ["acts", "base", "choose", "console", "unlinked"] == [name.rpartition(".")[2] for name in said.split()]
