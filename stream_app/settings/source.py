"""Where settings come from, to be read again while a worker runs."""

import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from stream_app.settings.load import default_file, keys, load
from stream_app.settings.model import Settings

Seen: TypeAlias = Mapping[Path, bytes]
"""What stands in files, as hashes; empty where nothing can be read."""

_MISSING = b""


class Source:
    """A file, the environment and what a command says beside; as `load` takes them."""

    def __init__(
        self,
        path: Path | None = None,
        environ: Mapping[str, str] = os.environ,
        **overrides: Any,  # noqa: ANN401 (any setting)
    ) -> None:
        self._path = path
        self._environ = environ
        self._overrides = overrides

    def load(self) -> Settings:
        """Return what is set now; SettingsError if that cannot be used."""
        return load(self._path, self._environ, **self._overrides)

    def seen(self, settings: Settings) -> Seen:
        """Return what stands in the files that make such settings.

        Contents, not times: where Kubernetes mounts a file, a link above it changes instead.
        """
        return {file: _hash(file) for file in self._files(settings)}

    def _files(self, settings: Settings) -> Iterator[Path]:
        if (file := self._path or default_file(self._environ)) is not None:
            yield file
        for key in keys():
            if key.endswith("_file") and (named := value_of(settings, key)) is not None:
                yield named
        if settings.playbooks is not None:
            try:
                yield from sorted(file for file in settings.playbooks.iterdir() if file.suffix.lower() == ".toml")
            except OSError:
                yield settings.playbooks  # who loads it says what is wrong


def value_of(settings: Settings, key: str) -> Any:  # noqa: ANN401 (any setting)
    """Return what a dotted key is set to, None if its table is not there."""
    value: Any = settings
    for part in key.split("."):
        value = getattr(value, part, None)
    return value


def _hash(file: Path) -> bytes:
    try:
        return sha256(file.read_bytes()).digest()
    except OSError:
        return _MISSING
