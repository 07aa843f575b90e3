"""Secrets that stand in files, as Docker and Kubernetes mount them: `token_file` beside `token`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stream_app.settings.model import Settings, SettingsError

_FILE = "_file"


def with_secrets(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was set, with what stands in the files that it names.

    Raises:
        SettingsError: a file cannot be read or is empty, or the secret is given besides.
    """
    found, problems = dict(values), list[str]()
    for table, name in secret_files():
        given = found.get(table)
        if not isinstance(given, dict) or not isinstance(file := given.get(name + _FILE), str | Path):
            continue
        try:
            found[table] = given | {name: _secret(table, name, given, Path(file))}
        except SettingsError as error:
            problems.append(str(error))
    if problems:
        raise SettingsError("\n".join(problems))
    return found


def secret_files() -> Iterator[tuple[str, str]]:
    """Yield table and key of every secret that may stand in a file."""
    for table, field in Settings.model_fields.items():
        fields = getattr(field.annotation, "model_fields", {})
        yield from ((table, name) for name in fields if name + _FILE in fields)


def _secret(table: str, name: str, given: Mapping[str, Any], file: Path) -> str | list[str]:
    where = f"{table}.{name}{_FILE}: {file}"
    if given.get(name):
        raise SettingsError(f"{where}: {table}.{name} is given too; leave out one of them")
    try:
        text = file.read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        raise SettingsError(f"{where}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise SettingsError(f"{where}: is not text") from None
    if not text:
        raise SettingsError(f"{where}: is empty")
    return text.split() if _is_list(table, name) else text


def _is_list(table: str, name: str) -> bool:
    return isinstance(getattr(getattr(Settings(), table), name), tuple)
