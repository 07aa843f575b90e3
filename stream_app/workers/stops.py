"""Why a worker stops for good, and what helps: each reason has an exit code of its own.

From 72 on starting it again does not help before somebody has acted; docs/operations.md says what is to be done.
"""

import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import structlog

from stream_app.codec.erasures import ErasuresError
from stream_app.codec.state import StateFormatError
from stream_app.workers.lanes import ContinuityError

log = structlog.get_logger(__name__)

EXIT_REPLAY = 70  # something failed: nothing of it was committed, a restart goes over it again
EXIT_GAP = 71  # records are missing between what was read and what came; a restart reads them
EXIT_NEWER_STATE = 72  # a newer version wrote state: go on with that one, or build state anew
EXIT_RECREATED = 73  # a topic was made anew: say so with `stream-app topics recreated`
EXIT_NO_ROOM = 74  # state cannot be written: give it room, then start again
EXIT_ERASURES = 75  # who was erased cannot be told: nothing is judged before somebody has looked after `erasures`


class RecreatedError(Exception):
    """A topic ends before what was read of it: its offsets say nothing any more."""


class NoRoomError(Exception):
    """The disk that state is on is full."""


_CODES: dict[type[Exception], int] = {
    ContinuityError: EXIT_GAP,
    StateFormatError: EXIT_NEWER_STATE,
    RecreatedError: EXIT_RECREATED,
    NoRoomError: EXIT_NO_ROOM,
    ErasuresError: EXIT_ERASURES,
}


def exit_code(error: Exception) -> int:
    """Return how a worker ends that met this error."""
    return _CODES.get(type(error), EXIT_REPLAY)


def end(code: int, error: Exception) -> NoReturn:
    """End the process at once: what a failed step has left behind must not be built upon."""
    if code < EXIT_NEWER_STATE:
        log.critical("the worker stops and must be started again", exit_code=code, error=repr(error), exc_info=error)
    else:
        log.critical("the worker stops, and starting it again is not enough", exit_code=code, error=str(error))
    os._exit(code)  # no clean-up: a clean stop would checkpoint and commit


@contextmanager
def ending() -> Iterator[None]:
    """End the process if what is done in here fails: for what runs inside Faust, which goes on as if nothing were."""
    try:
        yield
    except Exception as error:
        end(exit_code(error), error)


async def or_end(step: Callable[[], Awaitable[None]]) -> None:
    """Do a step, or end the process."""
    with ending():
        await step()
