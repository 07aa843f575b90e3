"""Messages as JSON lines in a file: for pipes, and to keep what was told."""

import asyncio
import errno
import json
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import asdict

from stream_app.core.events import Micros, moment_of
from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Parcel
from stream_app.render.letters import Entry, Letter, Many
from stream_app.render.plain_letters import heading, plain_letter
from stream_app.settings.sinks import FileSettings
from stream_app.sinks.acts import act_of, is_loud, new_place
from stream_app.sinks.base import Envelope, SinkError, SinkRejected
from stream_app.sinks.judged import judged

_FOR_GOOD = (IsADirectoryError, PermissionError)


class JsonFile:
    """Appends a line for each parcel. The file is opened for each, so that it may be moved away at any time."""

    def __init__(self, settings: FileSettings, clock: Callable[[], Micros]) -> None:
        self._path = settings.path
        self._clock = clock
        self._writing = threading.Lock()

    async def deliver(self, envelope: Envelope) -> Place | None:
        """Append its line."""
        line = _line(envelope, self._clock())
        try:
            await asyncio.to_thread(self._append, line.encode())
        except _FOR_GOOD as error:
            raise SinkRejected(f"{self._path}: {error.strerror}") from None
        except OSError as error:
            raise SinkError(f"{self._path}: {error.strerror}") from None
        return new_place(envelope.parcel)

    async def close(self) -> None:
        """Nothing is kept open."""

    def _append(self, line: bytes) -> None:
        with self._writing:
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                whole = b"\n" + line if _is_torn(self._path) else line
                if os.write(file, whole) < len(whole):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            finally:
                os.close(file)


def _is_torn(path: Path) -> bool:
    """Tell whether the last line was cut off, by a crash or a full disk; a pipe has no last line."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode) or not found.st_size:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _line(envelope: Envelope, at: Micros) -> str:
    parcel, letter = envelope.parcel, envelope.letter
    line = {
        "at": moment_of(at).isoformat().replace("+00:00", "Z"),
        "act": act_of(parcel),
        "kind": parcel.kind,
        "target": _target(parcel),
        **_subject(letter),
        "place": _place(parcel.place or new_place(parcel)),
        "alert_ids": parcel.alert_ids,
        "judged": [asdict(one) for one in judged(envelope)],
        "loud": is_loud(envelope),
        "heading": heading(letter),
        "text": plain_letter(letter),
    }
    return _one_line(json.dumps(line, ensure_ascii=False)) + "\n"


def _target(parcel: Parcel) -> dict[str, str]:
    target = parcel.target
    return {"sink": target.sink, "kind": target.kind, "address": target.address}


def _subject(letter: Letter) -> dict[str, object]:
    """Return the case, or of a list the cases."""
    if isinstance(letter, Many):
        return {"entries": [_entry(each) for each in (*letter.top, *letter.rest)]}
    return {"case_id": letter.case_id}


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "case_id": entry.case_id,
        "severity": entry.severity,
        "heading": entry.heading,
        "lines": entry.lines,
    }


def _place(place: Place | None) -> dict[str, object] | None:
    return None if place is None else {"channel": place.channel, "id": place.id, "shared": place.shared}


def _one_line(text: str) -> str:
    """Escape what some readers take for the end of a line, or a terminal for a command, as JSON allows."""
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)
