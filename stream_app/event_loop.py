# ruff: noqa: ANN401  (the signature is aiokafka's)
"""The event loop of the workers: uvloop, and what aiokafka has to be told of it.

asyncio's own loop drops what is written to a connection that is already closed; uvloop raises RuntimeError, for which
aiokafka is not prepared: the task that fetches, or the one that sends, ends for good, and nobody is told.
"""

from typing import Any

import uvloop
from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError


def new_event_loop() -> uvloop.Loop:
    """Return a loop on which a broken connection is an error that aiokafka tries again after."""
    AIOKafkaConnection.send = _send
    return uvloop.new_event_loop()


_sends = AIOKafkaConnection.send


def _send(connection: AIOKafkaConnection, *args: Any, **kwargs: Any) -> Any:
    try:
        return _sends(connection, *args, **kwargs)
    except RuntimeError as error:
        connection.close(reason=CloseReason.CONNECTION_BROKEN)
        raise KafkaConnectionError(f"connection to {connection.host}:{connection.port} is closed: {error}") from error
