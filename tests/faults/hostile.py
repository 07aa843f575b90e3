"""Input that nobody should send, from a seed: records as (topic, key, value)."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any, TypeAlias

from tests.acceptance.wire import H, buy, interact, profile, view

Hostile: TypeAlias = tuple[str, bytes | None, bytes | None]
TOPICS = ("page-views", "purchases", "customers", "interactions")
SECRET = "hunter2"


def hostile(seed: int, count: int) -> Iterator[Hostile]:
    """Yield so many records, each kind in turn."""
    rng = Random(seed)
    for number in range(count):
        yield KINDS[number % len(KINDS)](rng, number)


def _sound(rng: Random, number: int) -> tuple[str, dict[str, Any]]:
    event_id, at, customer = f"x{number}", rng.randrange(700) * H, f"h{number % 50}"
    steps = [view(event_id, at, "/kaiyaku", customer), buy(event_id, at, "100", customer)]
    topic, record = rng.choice([*steps, profile(at, customer=customer), interact(event_id, at, customer=customer)])
    assert isinstance(record, dict)
    return topic, record


def _packed(topic: str, record: dict[str, Any], key: bytes | None = None) -> Hostile:
    value = json.dumps(record).encode()
    return topic, str(record["customer_id"]).encode() if key is None else key, value


def _broken(rng: Random, number: int) -> Hostile:
    topic, key, value = _packed(*_sound(rng, number))
    assert value is not None
    return topic, key, value[: rng.randrange(len(value))]


def _bytes(rng: Random, number: int) -> Hostile:
    return rng.choice(TOPICS), rng.randbytes(rng.randrange(1, 20)), rng.randbytes(rng.randrange(200))


def _deep(rng: Random, number: int) -> Hostile:
    topic, record = _sound(rng, number)
    opened = rng.choice([b"[", b'{"a":'])
    value = json.dumps(record).encode()[:-1] + b', "deep": ' + opened * 50_000
    return topic, record["customer_id"].encode(), value


def _number(rng: Random, number: int) -> Hostile:
    topic, record = _sound(rng, number)
    huge = rng.choice([b"1e400", b"-1e400", b"9" * 5_000, b"1e-400", b"NaN", b"Infinity", b"0x10", b"00"])
    field = rng.choice([b"amount", b"occurred_at", b"score", b"seats", b"event_id"])
    value = json.dumps(record).encode()[:-1] + b', "' + field + b'": ' + huge + b"}"
    return topic, record["customer_id"].encode(), value


def _type(rng: Random, number: int) -> Hostile:
    topic, record = _sound(rng, number)
    field = rng.choice(sorted(record.keys() - {"customer_id"}))
    return _packed(topic, {**record, field: rng.choice([None, True, 7, [], {}, [[]], "", "x"])})


def _not_an_object(rng: Random, number: int) -> Hostile:
    return rng.choice(TOPICS), b"h1", rng.choice([b"null", b"[]", b'"x"', b"1", b"true", b"", b" ", b"{}"])


def _control(rng: Random, number: int) -> Hostile:
    topic, record = _sound(rng, number)
    name = rng.choice(["\x00partition", "\x00changelog-offset", "a\x00b", "a\r\nb", "\x7f"])
    return _packed(topic, {**record, "customer_id": name})


def _surrogate(rng: Random, number: int) -> Hostile:
    topic, record = _sound(rng, number)
    value = json.dumps(record).encode()[:-1] + b', "title": "\\ud800", "event_id": "\\udfff"}'
    return topic, record["customer_id"].encode(), value


def _not_utf_8(rng: Random, number: int) -> Hostile:
    topic, record = _sound(rng, number)
    return topic, record["customer_id"].encode(), json.dumps(record).encode()[:-1] + b', "title": "\xff\xfe"}'


def _tombstone(rng: Random, number: int) -> Hostile:
    return rng.choice(TOPICS), rng.choice([b"h1", b"nobody", b"\xff", b"\x00partition", b"k" * 300]), None


def _key(rng: Random, number: int) -> Hostile:
    key = rng.choice([b"", b"other", b"\xff\x00", b"__proto__", b"k" * 10_000])
    return _packed(*_sound(rng, number), key=key)


def _prototype(rng: Random, number: int) -> Hostile:
    topic, record = _sound(rng, number)
    odd = {"__proto__": {"polluted": True}, "constructor": {"prototype": {}}, "__class__": "os.system", "": 1}
    return _packed(topic, {**record, **odd, "customer_id": rng.choice(["__proto__", "constructor", "{0.__class__}"])})


def _version(rng: Random, number: int) -> Hostile:
    topic, record = _sound(rng, number)
    return _packed(topic, {**record, "schema_version": rng.choice([0, 2, 99, "1", None, 1.5])})


def _future(rng: Random, number: int) -> Hostile:
    topic, record = _sound(rng, number)
    soon = datetime.fromtimestamp(time.time() + 1_800, UTC).isoformat()
    times = [soon, "2099-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2025-01-01T00:00:00"]
    return _packed(topic, {**record, "occurred_at": rng.choice(times)})


def _address(rng: Random, number: int) -> Hostile:
    """A password in a URL: the event counts, and the password is seen nowhere."""
    page = rng.choice(["/kaiyaku", "/pricing", "/docs/a"])
    record = view(f"x{number}", rng.randrange(700) * H, page, f"h{number % 50}")[1]
    assert isinstance(record, dict)
    return _packed("page-views", {**record, "url": f"https://user:{SECRET}@example.com{page}?token={SECRET}#{SECRET}"})


def _big(rng: Random, number: int) -> Hostile:
    """A megabyte, seldom: as value, or as key of something broken."""
    topic, record = _sound(rng, number)
    if number // len(KINDS) % 10:
        return _packed(topic, {**record, "note": "x" * 300_000})
    if number // len(KINDS) % 20:
        return topic, rng.randbytes(1_000_000), b"{"
    return _packed(topic, {**record, "title": "x" * 1_000_000})


def _many_keys(rng: Random, number: int) -> Hostile:
    topic, record = _sound(rng, number)
    return _packed(topic, {**{f"k{i}": i for i in range(10_000)}, **record})


KINDS: list[Callable[[Random, int], Hostile]] = [
    *(_broken, _bytes, _deep, _number, _type, _not_an_object, _control, _surrogate, _not_utf_8, _tombstone),
    *(_key, _prototype, _version, _future, _address, _big, _many_keys),
]
