"""Playbooks from files: those that ship, and over them those of the same name in a folder; what is wrong, in words."""

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from stream_app.core.language import Language
from stream_app.playbooks.book import DraftTemplate, Playbook, PlaybookOption
from stream_app.playbooks.names import Book

BUILT_IN = Path(__file__).parent
MAX_BYTES = 65_536

Playbooks: TypeAlias = Mapping[tuple[Book, Language], Playbook]

_FILES = {f"{book}.{language}.toml": (book, language) for book in Book for language in Language}
_KEYS = tuple(name for part in (Playbook, PlaybookOption, DraftTemplate) for name in part.model_fields)


class PlaybookError(Exception):
    """Playbooks cannot be used; one line per problem: which file, which key, what is wrong, what is allowed."""


def file_names() -> tuple[str, ...]:
    """Return the names that playbook files have: `churn.ja.toml`."""
    return tuple(_FILES)


def load_playbooks(folder: Path | None = None) -> Playbooks:
    """Return a playbook for each name and language; PlaybookError names everything that is wrong."""
    files = playbook_files(folder)
    books: dict[tuple[Book, Language], Playbook] = {}
    problems: list[str] = []
    for name, file in files.items():
        try:
            books[_FILES[name]] = _read(file, _FILES[name][0])
        except PlaybookError as error:
            problems.append(str(error))
    if problems:
        raise PlaybookError("\n".join(problems))
    return MappingProxyType(books)


def playbook_files(folder: Path | None) -> dict[str, Path]:
    """Return which file each playbook comes from; PlaybookError for a folder or file name that means nothing."""
    return {name: BUILT_IN / name for name in _FILES} | (_own_files(folder) if folder else {})


def _own_files(folder: Path) -> dict[str, Path]:
    try:
        own = {file.name: file for file in sorted(folder.iterdir()) if file.suffix.lower() == ".toml"}
    except OSError as error:
        raise PlaybookError(f"{folder}: cannot be read: {error.strerror}") from None
    if unknown := [file for name, file in own.items() if name not in _FILES]:
        said = (f"{file}: no playbook has this name; {_file_hint(file.name)}" for file in unknown)
        raise PlaybookError("\n".join(said))
    return own


def _file_hint(name: str) -> str:
    nearest = get_close_matches(name, _FILES, 1)
    return f"did you mean {nearest[0]}?" if nearest else f"there are {', '.join(_FILES)}"


def _read(file: Path, book: Book) -> Playbook:
    try:
        raw = file.read_bytes()
        if len(raw) > MAX_BYTES:
            raise PlaybookError(f"{file}: longer than {MAX_BYTES // 1024} KiB")
        return Playbook.model_validate(tomllib.loads(raw.decode("utf-8-sig")), context=book)
    except OSError as error:
        raise PlaybookError(f"{file}: cannot be read: {error.strerror}") from None
    except ValidationError as error:  # also a ValueError: has to come first
        raise PlaybookError("\n".join(f"{file}: {said}" for said in _problems(error))) from None
    except ValueError as error:  # not TOML, or not UTF-8
        raise PlaybookError(f"{file}: is not a TOML file: {error}") from None


def _problems(error: ValidationError) -> Iterator[str]:
    for one in error.errors(include_url=False):
        where = ".".join(map(str, one["loc"]))
        yield f"{where}: {_said(one)}" if where else _said(one)


def _said(error: ErrorDetails) -> str:
    match error["type"]:
        case "extra_forbidden":
            nearest = get_close_matches(str(error["loc"][-1]), _KEYS, 1)
            return f"no such key; {f'did you mean {nearest[0]}?' if nearest else 'there are ' + ', '.join(_KEYS)}"
        case "missing":
            return "is missing"
        case "too_short" | "too_long":
            return "must be two or three"
        case _:
            return error["msg"].removeprefix("Value error, ")
