"""Keys of the queue and of the changelog: a target as bytes, and whose state a record is."""

from stream_app.core.routes import Sink
from stream_app.core.routing import AddressKind, Target

ACCOUNT = b"a|"
DESK = b"d|"
_END = "\0"  # no address, name or id holds it


def target_key(target: Target) -> bytes:
    """Return the key of a target's orders. The address comes last, as it may hold anything."""
    return f"{target.sink}|{target.kind}|{target.address}".encode()


def target_of(key: bytes) -> Target:
    """Return the target of such a key; ValueError for another."""
    sink, kind, address = key.decode().split("|", 2)
    return Target(sink=Sink(sink), kind=AddressKind(kind), address=address)


def account_record(account: str) -> bytes:
    """Return the changelog key of an account's cases."""
    return ACCOUNT + account.encode()


def desk_record(target: Target, case_id: str = "") -> bytes:
    """Return the changelog key of a message of a desk, or of the desk itself."""
    return DESK + target_key(target) + f"{_END}{case_id}".encode()


def desk_of(key: bytes) -> tuple[Target, str]:
    """Return the target and the case's id (empty: the desk itself) of a desk's changelog key."""
    target, _, case_id = key.removeprefix(DESK).decode().rpartition(_END)
    return target_of(target.encode()), case_id
