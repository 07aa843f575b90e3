"""Logs: one form for ours and the libraries', and no secrets in them."""

import io
import json
import logging

import pytest
import structlog
from aiokafka.protocol.admin import SaslAuthenticateRequest, SaslAuthenticateRequest_v0
from aiokafka.protocol.metadata import MetadataRequest

from stream_app.logs import set_up
from stream_app.settings import Settings


@pytest.fixture
def logged():
    """Set up logging as these settings say; return what returns the lines so far. All as before afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("faust", "mode", "aiokafka", "kafka", "asyncio")}
    stream = io.StringIO()

    def start(**log):
        set_up(Settings(log=log), stream)
        return lambda: stream.getvalue().splitlines()

    yield start
    root.handlers[:], root.level = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    structlog.reset_defaults()


def test_a_line_is_one_json_object_where_there_is_no_terminal(logged):
    lines = logged()
    structlog.get_logger("stream_app.x").info("alert\nsent", alert_id="a", count=2)

    (line,) = map(json.loads, lines())
    line.pop("timestamp")
    assert {
        "event": "alert\nsent",
        "level": "info",
        "logger": "stream_app.x",
        "alert_id": "a",
        "count": 2,
    } == line


def test_libraries_log_in_the_same_form_but_only_from_warning_on(logged):
    lines = logged()
    logging.getLogger("faust.worker").info("chatter")
    logging.getLogger("faust.worker").warning("lost %s", "partition")

    assert ["lost partition"] == [json.loads(line)["event"] for line in lines()]


def test_our_own_faust_services_do_not_narrate_either(logged):
    lines = logged()
    for level in (logging.INFO, logging.WARNING):
        logging.getLogger("stream_app.workers.x").log(level, "[^--Service]: %s", "step")

    assert ["warning"] == [json.loads(line)["level"] for line in lines()]


def test_debug_lets_libraries_speak(logged):
    lines = logged(level="debug")
    logging.getLogger("aiokafka").debug("chatter")

    assert ["chatter"] == [json.loads(line)["event"] for line in lines()]


def test_level_holds_for_our_own(logged):
    lines = logged(level="warning")
    structlog.get_logger("stream_app.x").info("not this")
    structlog.get_logger("stream_app.x").warning("this")

    assert ["this"] == [json.loads(line)["event"] for line in lines()]


@pytest.mark.parametrize(
    "fields",
    [
        {"sasl_password": "geheim"},
        {"Authorization": "Bearer geheim"},
        {"options": {"ssl_key_password": "geheim"}},
        {"requests": [{"headers": {"X-Api-Token": "geheim"}}]},
    ],
)
def test_secrets_are_blacked_out(logged, fields):
    lines = logged()
    structlog.get_logger("x").info("connected", **fields)
    logging.getLogger("x").warning("connected", extra=fields)

    assert [True, True] == ["[redacted]" in line and "geheim" not in line for line in lines()]


def test_an_error_carries_its_traceback_in_the_same_line(logged):
    lines = logged()
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        structlog.get_logger("x").exception("failed")

    (line,) = map(json.loads, lines())
    assert ("failed", "RuntimeError: broken") == (line["event"], line["exception"].splitlines()[-1])


def test_a_traceback_for_people_shows_no_local_variables(logged):
    lines = logged(format="console")
    password = "".join(("ge", "heim"))  # in two parts: the line itself is shown
    try:
        raise RuntimeError(f"broken by {len(password)} letters")
    except RuntimeError:
        structlog.get_logger("x").exception("failed")

    text = "\n".join(lines())
    assert (True, False) == ("RuntimeError: broken by 6 letters" in text, "geheim" in text)


def test_what_is_said_to_authenticate_is_not_logged(logged):
    """With PLAIN it is the password itself."""
    lines = logged(level="debug")
    request = SaslAuthenticateRequest(b"\0user\0geheim")
    for one in (request, request.build(SaslAuthenticateRequest_v0), MetadataRequest([])):
        logging.getLogger("aiokafka.conn").debug("Request to %s:%d %d: %s", "broker", 9092, 1, one)

    (line,) = lines()
    assert "MetadataRequest" in line


def test_console_form_is_for_people(logged):
    lines = logged(format="console")
    structlog.get_logger("x").info("started", group="g")

    (line,) = lines()
    assert ("started" in line, "group=g" in line, line.startswith("{")) == (True, True, False)
