"""What the workers' event loop makes of connections that are closed under aiokafka."""

import asyncio

import pytest
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.admin import ApiVersionRequest

from stream_app.event_loop import new_event_loop


def test_what_is_sent_over_a_closed_connection_is_an_error_that_aiokafka_knows():
    """The bare loop raises RuntimeError, after which aiokafka fetches nothing more."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner, pytest.raises(KafkaConnectionError, match="is closed"):
        runner.run(sent_after_it_was_closed())


async def sent_after_it_was_closed():
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1")
    async with server:
        host, port = server.sockets[0].getsockname()
        connection = AIOKafkaConnection(host, port)
        reader, writer = await asyncio.open_connection(host, port)
        connection._reader, connection._writer = reader, writer
        connection._read_task = asyncio.create_task(asyncio.sleep(0))
        writer.transport.abort()
        await writer.wait_closed()
        await connection.send(ApiVersionRequest())
