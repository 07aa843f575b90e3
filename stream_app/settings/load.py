"""Settings from one TOML file and the environment; what is wrong in them, in words."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import EnvSettingsSource
from pydantic_settings import SettingsError as UnreadableVariable

from stream_app.settings.model import ENV_DELIMITER, ENV_PREFIX, Settings, SettingsError
from stream_app.settings.secret_files import with_secrets

DEFAULT_FILE = Path("stream-app.toml")
CONFIG_VARIABLE = f"{ENV_PREFIX}CONFIG"
OTHER_VARIABLES = (CONFIG_VARIABLE, f"{ENV_PREFIX}CACHE")  # the second belongs to the embedded Kafka

Path_ = tuple[int | str, ...]


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ, **overrides: Any) -> Settings:  # noqa: ANN401
    """Return the settings: `overrides` (None: not given) over the environment over the file over the defaults.

    Without `path` the file is what STREAM_APP_CONFIG names, or `stream-app.toml` in the current folder if there is one.
    """
    file = path or default_file(environ)
    _refuse_unknown_variables(environ)
    values = _read(file) if file else {}
    for over in (_variables(environ), {key: value for key, value in overrides.items() if value is not None}):
        values = _merged(values, over)
    values = with_secrets(values)
    try:
        return Settings(**values)
    except ValidationError as error:
        problems = [_problem(one, file, environ) for one in error.errors(include_url=False)]
        raise SettingsError("\n".join(problems)) from None


def keys(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    """Yield every key that may be set, with its tables before it: `web.port`."""
    for name, field in model.model_fields.items():
        if table := _table(field.annotation):
            yield from keys(table, f"{prefix}{name}.")
        else:
            yield f"{prefix}{field.alias or name}"


def default_file(environ: Mapping[str, str]) -> Path | None:
    """Return which file is read if none is named."""
    if named := environ.get(CONFIG_VARIABLE):
        return Path(named)
    return DEFAULT_FILE if DEFAULT_FILE.exists() else None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError as error:  # not TOML, or not UTF-8
        raise SettingsError(f"{file}: is not a TOML file: {error}") from None


def _variables(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return what the variables say: one after the other, so that an error can name its own; tables before keys."""
    values: dict[str, Any] = {}
    for name in sorted(name for name in environ if name.upper().startswith(ENV_PREFIX)):
        source = EnvSettingsSource(Settings)
        source.env_vars = {name.lower(): environ[name]}
        try:
            values = _merged(values, source())
        except UnreadableVariable:
            raise SettingsError(f"""environment: {name}: must be JSON, such as '["a", "b"]'""") from None
    return values


def _refuse_unknown_variables(environ: Mapping[str, str]) -> None:
    known = [_variable(tuple(key.split("."))) for key in keys()]
    tables = {_variable(tuple(key.split(".")[:i])) for key in keys() for i in range(1, key.count(".") + 1)}
    allowed = {*known, *tables, *OTHER_VARIABLES}
    for name in environ:
        upper = name.upper()
        if not upper.startswith(ENV_PREFIX) or upper in allowed or upper.startswith(_variable(("rules", "by_id", ""))):
            continue
        raise SettingsError(f"environment: {name}: no such setting; {_hint(upper, known)}")


def _variable(path: Path_) -> str:
    return ENV_PREFIX + ENV_DELIMITER.join(map(str, path)).upper()


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return `below` with what `above` says in its place, table by table."""
    both = {
        key: _merged(below[key], value) if isinstance(value, dict) and isinstance(below.get(key), dict) else value
        for key, value in above.items()
    }
    return {**below, **both}


def _problem(error: ErrorDetails, file: Path | None, environ: Mapping[str, str]) -> str:
    path = tuple(part for part in error["loc"] if part != "[key]")  # the key of a table is said as the table
    variable = next((v for i in range(len(path), 0, -1) if (v := _variable(path[:i])) in map(str.upper, environ)), None)
    where = f"environment: {variable}" if variable else f"{file or 'settings'}: {_dotted(path)}"
    if error["type"] == "extra_forbidden":
        return f"{where}: no such setting; {_hint(_dotted(path), [*_beside(path), *keys()])}"
    said = error["msg"].removeprefix("Value error, ")
    return f"{where}: {said}{_given(error)}"


def _dotted(path: Path_) -> str:
    return ".".join(map(str, path))


def _hint(name: str, known: list[str]) -> str:
    elsewhere = [key for key in known if key.rpartition(".")[2] == name.rpartition(".")[2]]  # under a wrong table
    nearest = get_close_matches(name, elsewhere, 1, 0) or get_close_matches(name, known, 1)
    return f"did you mean {nearest[0]}?" if nearest else "stream-app.example.toml lists all"


def _beside(path: Path_) -> list[str]:
    """Return the keys that the table which `path` leads into may have, also in a list or by a name of one's own."""
    table: type[BaseModel] = Settings
    for part in path[:-1]:
        fields = {field.alias or name: field.annotation for name, field in table.model_fields.items()}
        table = _inner_table(fields.get(str(part))) or table
    prefix = "".join(f"{part}." for part in path[:-1])
    return [f"{prefix}{field.alias or name}" for name, field in table.model_fields.items()]


def _inner_table(annotation: object) -> type[BaseModel] | None:
    """Return the table that stands somewhere in a type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_inner_table, get_args(annotation))), None)


def _given(error: ErrorDetails) -> str:
    """Say what was given, unless it is a table, a file's worth of text, or may be a secret."""
    given = error["input"]
    if not isinstance(given, str | int | float) or len(str(given)) > 80 or _is_secret(error["loc"]):
        return ""
    return f" (given: {given!r})"


def _is_secret(path: Path_) -> bool:
    """Tell whether a secret stands in this place, or in a table that should stand there."""
    kind: object = Settings
    for part in path:
        table = _inner_table(kind)
        fields = {field.alias or name: field.annotation for name, field in table.model_fields.items()} if table else {}
        kind = fields.get(str(part), kind)
    return _holds_secret(kind)


def _holds_secret(kind: object) -> bool:
    if kind is SecretStr:
        return True
    table = _inner_table(kind)
    return any(
        map(_holds_secret, [field.annotation for field in table.model_fields.values()] if table else get_args(kind))
    )


def _table(annotation: object) -> type[BaseModel] | None:
    """Return the table that a field is, also one that need not be there."""
    kinds = get_args(annotation) if get_origin(annotation) is UnionType else (annotation,)
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
