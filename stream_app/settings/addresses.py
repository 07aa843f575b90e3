"""Which addresses of the network a URL of the settings may lead to: public ones, and those that are allowed."""

import re
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from yarl import URL

Address: TypeAlias = IPv4Address | IPv6Address

_LOOPBACK = IPv4Address("127.0.0.1")
_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+", re.IGNORECASE)
_TLS_PORT, _FIRST_FREE_PORT = 443, 1024


def check_url(url: str, allow: Iterable[str] = ()) -> None:
    """Raise ValueError, which never quotes the URL, for one that may not be posted to, as far as its text tells.

    What a name leads to is only known at connect. Without TLS only `allow` is reached, so http needs one.
    """
    parsed = _parsed(url)
    if parsed.scheme != "https" and not (parsed.scheme == "http" and allow):
        raise ValueError("must begin with https://, or http:// for a host in the networks of 'allow'")
    if parsed.raw_user is not None or parsed.raw_password is not None:
        raise ValueError("must not hold a user or password: receivers know us by the signature")
    if "#" in url:
        raise ValueError("must not hold '#'")
    if parsed.port != _TLS_PORT and (parsed.port or 0) < _FIRST_FREE_PORT:
        raise ValueError(f"port {parsed.port}: must be {_TLS_PORT} or above {_FIRST_FREE_PORT - 1}")
    literal = address_of(parsed.raw_host or "")
    if literal is not None and not may_be_reached(literal, allow, tls=parsed.scheme == "https"):
        raise ValueError(f"{literal} is not public: its network must be in 'allow', such as allow = [\"{literal}\"]")


def may_be_reached(address: Address, allow: Iterable[str], *, tls: bool) -> bool:
    """Tell whether an address is in one of the networks, or public, which is enough with TLS only."""
    inner = _inner(address) or address
    if any(form in ip_network(network) for network in allow for form in (address, inner)):
        return True
    return tls and _is_public(inner)


def address_of(host: str) -> Address | None:
    """Return the address that a host is in any of the ways in which one can be written, None for a name."""
    written = host.rstrip(".").lower()
    if written == "localhost" or written.endswith(".localhost"):
        return _LOOPBACK
    try:
        return ip_address(written)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(written))  # also hexadecimal, octal, one number, fewer than four parts
    except OSError:
        return None


def _parsed(url: str) -> URL:
    try:
        parsed = URL(url)
        parsed.port  # noqa: B018  (raises for one that is no number)
    except ValueError:
        parsed = URL()
    if not _HOST.fullmatch(parsed.raw_host or ""):
        raise ValueError("must be a URL such as https://hooks.example.com/alerts")
    return parsed


def _inner(address: Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 one stands for, by any of the ways in which packets get there."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    return address.is_global and not address.is_multicast
