"""The last look at an address: when a connection is made, whatever a name or a literal turned out to be."""

import socket
from collections.abc import Iterable

from aiohttp import AddrInfoType, SocketFactoryType

from stream_app.settings.addresses import address_of, may_be_reached


class AddressRefused(OSError):
    """Not connected to: neither public nor allowed. An OSError, as only those are expected while connecting."""


def guarded_sockets(allow: Iterable[str], *, tls: bool) -> SocketFactoryType:
    """Return what makes the sockets of connections: to addresses that may be reached only."""

    def make(address: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, there = address
        literal = address_of(str(there[0]))
        if literal is None or not may_be_reached(literal, allow, tls=tls):
            raise AddressRefused("leads to an address that is neither public nor in 'allow'")
        return socket.socket(family, kind, protocol)

    return make
