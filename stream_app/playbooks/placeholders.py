"""Placeholders in texts: a closed set of names in braces, filled in one pass, nothing evaluated."""

import re
from collections.abc import Iterator, Mapping

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def placeholders(text: str) -> tuple[str, ...]:
    """Return the names in braces, in their order."""
    return tuple(_PLACEHOLDER.findall(text))


def has_stray_brace(text: str) -> bool:
    """Tell whether a brace stands where no placeholder is."""
    return not {"{", "}"}.isdisjoint(_PLACEHOLDER.sub("", text))


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return the template with each placeholder's value; KeyError for one without. Values are never read again."""
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)


def filled_lines(template: str, values: Mapping[str, str]) -> Iterator[str]:
    """Yield the filled lines, without those that only held placeholders for which there is nothing."""
    for line in template.splitlines():
        filled = fill(line, values).rstrip()
        if filled or not line.strip():
            yield filled
