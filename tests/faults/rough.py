"""Input as it should not be, row by row, each with what has to become of it: all of it goes through one worker.

A row has customers of its own, `<row>-<number>`, and the judge of the whole knows nothing of rows.
"""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from stream_app.formats.errors import DeadLetterReason
from stream_app.formats.limits import MAX_VALUE_BYTES
from tests.acceptance.wire import CANCEL, PRICE, M, S, Step, buy, interact, profile, view
from tests.faults.hostile import Hostile

USED, TWICE = "used", "duplicate"
Rough: TypeAlias = tuple[Hostile, str]  # a record, and what becomes of it: a verdict, or why it is a dead letter


def rough() -> dict[str, list[Rough]]:
    """Return the rows."""
    return {
        "twice": list(_twice()),
        "drift": list(_drift()),
        "big": list(_big()),
        "pages": list(_pages()),
        "bombs": list(_bombs()),
        "skew": list(_skew()),  # brings its partition to today, which is years later: nobody comes after it
    }


def _packed(step: Step, **changed: Any) -> Hostile:
    topic, record = step
    assert isinstance(record, dict)
    value = {**record, **changed}
    return topic, str(value["customer_id"]).encode(), json.dumps(value).encode()


def _around(row: str, *between: Rough) -> Iterator[Rough]:
    """Yield the records of a row between two sound looks, which have to be judged as if there were nothing else."""
    yield _packed(view(f"{row}-first", 0 * M, CANCEL, f"{row}-0")), USED
    yield from between
    yield _packed(view(f"{row}-last", 50 * M, PRICE, f"{row}-0")), USED


def _skew() -> Iterator[Rough]:
    now = datetime.fromtimestamp(time.time(), UTC)
    at = {
        "1970-01-01T00:00:00Z": USED,
        (now + timedelta(minutes=4)).isoformat(): USED,  # ahead as far as clocks may differ
        (now + timedelta(minutes=10)).isoformat(): DeadLetterReason.FUTURE,
        "2099-01-01T00:00:00Z": DeadLetterReason.FUTURE,
        "2026-02-30T00:00:00Z": DeadLetterReason.INVALID,
        "2025-01-06T00:30:00": DeadLetterReason.INVALID,  # no zone
    }
    rows = enumerate(at.items())
    return _around(
        "skew",
        *((_packed(view(f"skew-{i}", M, CANCEL, f"skew-{i + 1}"), occurred_at=t), word) for i, (t, word) in rows),
    )


def _twice() -> Iterator[Rough]:
    """Each event one to five times, minutes apart, and an order under another event's id."""
    seen = [view(f"twice-{i}", i * M, PRICE, f"twice-{i % 3}") for i in range(10)]
    bought = buy("twice-b", M, "100", "twice-1", order_id="twice-o")
    again = [(_packed(one), TWICE) for i, one in enumerate(seen) for _ in range(i % 5)]
    ordered = [(_packed(bought), USED), (_packed(bought, event_id="twice-c"), TWICE), (_packed(bought), TWICE)]
    return _around("twice", *((_packed(one), USED) for one in seen), *again, *ordered)


def _drift() -> Iterator[Rough]:
    looked = view("drift-v", M, CANCEL, "drift-1")
    met, bought, known = interact("drift-i", M, customer="drift-1"), buy("drift-b", M), profile(M, customer="drift-1")
    renamed = {key.replace("occurred_at", "occurredAt"): text for key, text in looked[1].items()}
    return _around(
        "drift",
        (_packed(looked, schema_version=1, campaign={"of": ["tomorrow"]}, session=7), USED),
        (_packed(met, event_id="drift-2", reason=None), USED),
        (_packed(met, kind="astonished"), DeadLetterReason.INVALID),
        (_packed(bought, customer_id="drift-1", kind="leased"), DeadLetterReason.INVALID),
        (_packed(bought, customer_id="drift-1", amount={"value": 100}), DeadLetterReason.INVALID),
        (_packed(known, seats="many"), DeadLetterReason.INVALID),
        (_packed(looked, url=["https://example.com"]), DeadLetterReason.INVALID),
        (_packed(looked, schema_version=2), DeadLetterReason.UNSUPPORTED_VERSION),
        (_packed(("page-views", renamed)), DeadLetterReason.INVALID),
    )


def _big() -> Iterator[Rough]:
    looked = view("big-v", M, CANCEL, "big-1")
    room = MAX_VALUE_BYTES - len(_packed(looked, note="")[2] or b"")
    return _around(
        "big",
        (_packed(looked, note="x" * room), USED),
        (_packed(looked, event_id="big-w", note="x" * (room + 1)), DeadLetterReason.TOO_BIG),
        (_packed(looked, note="x" * 900_000), DeadLetterReason.TOO_BIG),
        (_packed(looked, note="x" * 1_040_000), DeadLetterReason.TOO_BIG),  # with what is around it, a broker's most
    )


def _pages(views: int = 3_000) -> Iterator[Rough]:
    """One customer who looks at thousands of long pages, of which each matters."""
    long = "x" * 2_000
    for i in range(views):
        yield _packed(view(f"pages-{i}", i * S, f"/help/{i}-{long}", "pages-0", title=f"{i} {long}")), USED


def _bombs() -> Iterator[Rough]:
    looked = view("bombs-v", M, CANCEL, "bombs-1")
    sound = (_packed(looked)[2] or b"")[:-1]
    nested = sound + b', "deep": ' + b"[" * 100_000
    closed = sound + b', "deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    number = sound + b', "score": %s}'
    of = {
        nested: DeadLetterReason.NOT_JSON,
        closed: DeadLetterReason.NOT_JSON,
        sound + b', "event_id": ' + b"9" * 5_000 + b"}": DeadLetterReason.INVALID,
        sound + b', "event_id": 1e400}': DeadLetterReason.INVALID,
        number % b"NaN": DeadLetterReason.NOT_JSON,
        sound + b', "customer_id": "other"}': DeadLetterReason.KEY_MISMATCH,  # named twice
        json.dumps({f"k{i}": i for i in range(60_000)}).encode(): DeadLetterReason.TOO_BIG,
    }
    return _around("bombs", *((("page-views", b"bombs-1", value), word) for value, word in of.items()))
