"""Logs: one line an event worth knowing, JSON when nobody sits at the terminal."""

import logging
import sys
from typing import TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from stream_app.settings import Settings

CHATTY = ("faust", "mode", "aiokafka", "kafka", "asyncio")
SECRET_WORDS = ("password", "token", "authorization", "secret", "cookie", "api_key")
REDACTED = "[redacted]"

RULES_HOLD = "rules hold from here"
"""What detect says with the offsets from which on rules judge; `stream-app replay --reloads` looks for it."""


def set_up(settings: Settings, stream: TextIO | None = None) -> None:
    """Send everything that is logged, ours and the libraries', to `stream` (stderr) in one form.

    Libraries that narrate their every step speak from WARNING on, unless the level is `debug`.
    """
    stream = stream or sys.stderr
    level = logging.getLevelNamesMapping()[settings.log.level.upper()]
    handler = logging.StreamHandler(stream)
    handler.addFilter(lambda record: level == logging.DEBUG or not _narrates(record))
    handler.addFilter(lambda record: not _authenticates(record))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_SHARED, processors=_ending(settings, stream))
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in CHATTY:
        logging.getLogger(name).setLevel(level if level == logging.DEBUG else max(level, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # a logger made before this call must follow it too
    )


def _narrates(record: logging.LogRecord) -> bool:
    """Say whether a Faust service tells its every step: ours log under our names, so no logger's level helps."""
    return record.levelno < logging.WARNING and isinstance(record.msg, str) and record.msg.startswith("[^")


def _authenticates(record: logging.LogRecord) -> bool:
    """Say whether a record shows a SASL message: aiokafka logs them at debug as they are, with PLAIN the password."""
    args = record.args if isinstance(record.args, tuple) else ()
    return any(type(arg).__name__.startswith("Sasl") for arg in args)


def redact(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Replace the values of keys that name a secret, however deep they stand."""
    return {key: _redacted(key, value) for key, value in event.items()}


def _redacted(key: object, value: object) -> object:
    if any(word in str(key).lower() for word in SECRET_WORDS):
        return REDACTED
    if isinstance(value, dict):
        return {inner: _redacted(inner, one) for inner, one in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted("", one) for one in value]
    return value


def _ending(settings: Settings, stream: TextIO) -> list[Processor]:
    clean = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    as_json = settings.log.format == "json" or (settings.log.format == "auto" and not stream.isatty())
    if as_json:
        return [clean, structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]
    # Not the default traceback: it prints local variables, passwords among them.
    plain = structlog.dev.plain_traceback
    return [clean, structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain)]


def _json(event: EventDict, **_: object) -> str:
    return orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.PositionalArgumentsFormatter(),
    redact,
]
