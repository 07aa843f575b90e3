"""What is posted of an alert: the alert as on its topic, and the message in the reader's language."""

from collections.abc import Iterable, Iterator
from itertools import accumulate, takewhile
from typing import TypeAlias

import orjson
from msgspec.structs import replace

from stream_app.codec import alert_evidence, alert_fields
from stream_app.core.alerts import PublishedAlert
from stream_app.core.events import Micros, moment_of
from stream_app.core.notify.message import Message
from stream_app.core.notify.parcels import Parcel
from stream_app.render.letters import Whole
from stream_app.render.plain_letters import heading, plain_letter
from stream_app.sinks.base import SinkRejected

MAX_BYTES = 20_000

_EVENT = "cs.alert.created"
_MORE = "…"

_Fields: TypeAlias = dict[str, object]


def alert_posts(parcel: Parcel, letter: Whole) -> Iterator[tuple[str, str]]:
    """Yield id and JSON of each alert that the parcel is the first to show; SinkRejected for one that is too large."""
    for message in parcel.messages:
        for alert in _shown_first(message, parcel):
            yield alert.alert_id, _json(alert, message, letter)


def _shown_first(message: Message, parcel: Parcel) -> tuple[PublishedAlert, ...]:
    """Return its alerts that are new; of an escalation, none of which is, the newest."""
    new = tuple(alert for alert in message.alerts if alert.alert_id in parcel.alert_ids)
    return new or message.alerts[-1:]


def _json(alert: PublishedAlert, message: Message, letter: Whole) -> str:
    oldest_first = sorted(alert.evidence, key=lambda one: one.occurred_at)
    evidence = [alert_evidence(one) for one in oldest_first]
    fields = {
        **alert_fields(replace(alert, evidence=()), alert.detected_at),
        "case_id": message.case_id,
        "route": message.routing.route,
        "heading": heading(letter),
    }
    made_at = alert.occurred_at if alert.detected_at is None else alert.detected_at
    return _fitted(made_at, fields, plain_letter(letter), evidence)


def _fitted(made_at: Micros, fields: _Fields, text: str, evidence: list[_Fields]) -> str:
    """Return the JSON, if need be without the oldest evidence and the end of the text."""
    whole = _dumped(made_at, fields | {"text": text, "evidence": evidence})
    if len(whole) < MAX_BYTES:
        return whole.decode()
    bare = fields | {"text": "", "evidence": [], "evidence_left_out": len(evidence)}
    room = MAX_BYTES - len(_dumped(made_at, bare))
    text = _cut(text, room)
    kept = _newest(evidence, room - _size(text))
    left_out = len(evidence) - len(kept)
    return _dumped(made_at, bare | {"text": text, "evidence": kept, "evidence_left_out": left_out}).decode()


def _cut(text: str, room: int) -> str:
    sizes = [_size(char) for char in text]
    if sum(sizes) < room:
        return text
    if room <= len(_MORE.encode()):
        raise SinkRejected(f"an alert of more than {MAX_BYTES} bytes cannot be posted")
    return text[: _fitting(sizes, room - len(_MORE.encode()))] + _MORE


def _newest(evidence: list[_Fields], room: int) -> list[_Fields]:
    kept = _fitting((len(orjson.dumps(one)) + len(",") for one in reversed(evidence)), room)
    return evidence[len(evidence) - kept :]


def _fitting(sizes: Iterable[int], room: int) -> int:
    """Return how many of the first fit into fewer bytes than `room`."""
    return sum(1 for _ in takewhile(lambda size: size < room, accumulate(sizes)))


def _size(text: str) -> int:
    return len(orjson.dumps(text)) - len('""')


def _dumped(made_at: Micros, fields: _Fields) -> bytes:
    return orjson.dumps({"type": _EVENT, "timestamp": moment_of(made_at), "data": fields}, option=orjson.OPT_UTC_Z)
