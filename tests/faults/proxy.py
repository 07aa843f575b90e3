"""A door between workers and the broker that can be slow, shut, slammed, or open to nowhere."""

import asyncio
import contextlib
import socket
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from stream_app.testing import EmbeddedKafka
from stream_app.testing.kafka_runtime import free_port
from tests.kafka_fixtures import BROKER

HOST = "127.0.0.1"
PIECE = 65_536
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class Connection:
    """The two sides of a connection, and what carries bytes between them."""

    client: StreamWriter
    broker: StreamWriter
    carrying: list[asyncio.Task[None]] = field(default_factory=list)


class Proxy:
    """Started by `async with`; all connections made to its port lead to the broker's `target`."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self.delay = 0.0  # seconds that each piece of bytes takes, either way
        self._target = target
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._connections: set[Connection] = set()
        self._dead_ends: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Proxy":
        """Listen."""
        self._server = await asyncio.start_server(self._accept, HOST, self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Let go of everybody."""
        self._server.close()
        self.cut()
        for task in list(self._dead_ends):
            task.cancel()
        await asyncio.gather(*self._dead_ends, return_exceptions=True)

    @property
    def address(self) -> str:
        """Where clients connect."""
        return f"{HOST}:{self.port}"

    def stall(self) -> None:
        """Let nothing through, either way, also of who connects now; what was sent arrives when it is over."""
        self._flowing.clear()

    def flow(self) -> None:
        """Let everything through again."""
        self._flowing.set()

    def cut(self) -> int:
        """Reset all connections; return how many there were."""
        cut, self._connections = self._connections, set()
        for connection in cut:
            for task in connection.carrying:
                task.cancel()
            for side in (connection.client, connection.broker):
                _reset(side)
        return len(cut)

    def half_open(self) -> int:
        """Let go of the broker's side, so that clients speak to nobody and are not told; return how many did."""
        left, self._connections = self._connections, set()
        for connection in left:
            for task in connection.carrying:
                task.cancel()
            _reset(connection.broker)
        return len(left)

    async def _accept(self, reader: StreamReader, client: StreamWriter) -> None:
        await self._flowing.wait()
        try:
            answers, broker = await asyncio.open_connection(HOST, self._target)
        except OSError:
            _reset(client)  # the broker is down, which a client notices
            return
        connection = Connection(client, broker)
        self._connections.add(connection)
        connection.carrying = [
            asyncio.create_task(self._carry(reader, broker)),
            asyncio.create_task(self._carry(answers, client)),
        ]
        await asyncio.wait(connection.carrying, return_when=asyncio.FIRST_COMPLETED)
        if connection in self._connections:
            self._connections.discard(connection)
            for task in connection.carrying:
                task.cancel()
            for side in (client, broker):
                _reset(side)
        elif not client.is_closing():
            await self._dead_end(reader, client)

    async def _carry(self, source: StreamReader, sink: StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while piece := await source.read(PIECE):
                await asyncio.sleep(self.delay)
                await self._flowing.wait()
                sink.write(piece)
                await sink.drain()

    async def _dead_end(self, reader: StreamReader, client: StreamWriter) -> None:
        """Swallow what still comes, until the client gives up."""
        task = asyncio.current_task()
        assert task is not None
        self._dead_ends.add(task)
        try:
            with contextlib.suppress(ConnectionError):
                while await reader.read(PIECE):
                    pass
        finally:
            self._dead_ends.discard(task)
            _reset(client)


def _reset(side: StreamWriter) -> None:
    raw = side.get_extra_info("socket")
    with contextlib.suppress(OSError):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    side.transport.abort()


@asynccontextmanager
async def kafka_behind_a_proxy() -> AsyncIterator[tuple[EmbeddedKafka, Proxy]]:
    """Run a broker with two doors: its own for who judges, and one through the proxy, which it tells its clients of."""
    own, inner, controller = free_port(), free_port(), free_port()
    async with Proxy(inner) as proxy:
        own_door = f"PLAINTEXT://{HOST}:{own}"
        settings = {
            "listeners": f"{own_door},PROXIED://{HOST}:{inner},CONTROLLER://{HOST}:{controller}",
            "advertised.listeners": f"{own_door},PROXIED://{proxy.address}",
            "controller.quorum.voters": f"1@{HOST}:{controller}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT",
        }
        async with EmbeddedKafka(port=own, settings=BROKER | settings, progress=None) as kafka:
            yield kafka, proxy
