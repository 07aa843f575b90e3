"""A backtest for programs: one JSON document."""

from typing import Any

import orjson
from msgspec import to_builtins

from stream_app.backtest.found import Backtest
from stream_app.core.shares import Share

SCHEMA_VERSION = 1


def to_json(found: Backtest) -> str:
    """Return it in one line; a share has its interval beside."""
    document = {"schema_version": SCHEMA_VERSION, **to_builtins(found, str_keys=True)}
    for side in ("mine", "other"):
        if (verdict := (document[side] or {}).get("verdict")) is not None:
            for one in (*verdict["intents"], *verdict["rules"]):
                one |= {name: _share(one[name]) for name in ("precision", "recall")}
    return orjson.dumps(document).decode()


def _share(counted: dict[str, int]) -> dict[str, Any]:
    share = Share(**counted)
    low, high = share.interval or (None, None)
    numbers = {"share": share.value, "low": low, "high": high}
    return counted | {name: None if n is None else round(n, 4) for name, n in numbers.items()}
