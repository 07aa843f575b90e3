"""Text of others made fit to be shown: nothing invisible, one line, of bounded length."""

import unicodedata

import regex

MAX_NAME = 60
MAX_TITLE = 80
MAX_ADDRESS = 100
MAX_ID = 64
MAX_REASON = 300

_MAX_POINTS = 16  # code points a character that is seen may be made of; the longest emoji takes ten
_JOINERS = "\u200c\u200d"  # scripts and emoji need them
_BLANKS = "\u034f\u115f\u1160\u2800\u3164\uffa0"  # letters and symbols by category, but nothing is seen
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_CHARACTERS = regex.compile(r"\X")
_SPACES = regex.compile(r"[\t-\r\x85\u2028\u2029 ]+")


def shown(text: str, limit: int) -> str:
    """Return `text` in one line, of at most `limit` characters as people count them; `…` says that there was more."""
    few = text[: limit * _MAX_POINTS * 4]
    line = _SPACES.sub(" ", few)
    visible = "".join(char for char in line if _is_seen(char)).strip().strip(_JOINERS)
    characters = [found[0][:_MAX_POINTS] for found in _CHARACTERS.finditer(visible)]
    if len(characters) <= limit and len(few) == len(text):
        return "".join(characters)
    return "".join(characters[: limit - 1]).rstrip() + "…"


def _is_seen(char: str) -> bool:
    """Tell controls, direction marks, tags, blanks and halves of characters from what is seen."""
    if char in _JOINERS:
        return True
    return char not in _BLANKS and not _is_no_character(char) and unicodedata.category(char) not in _UNSEEN


def _is_no_character(char: str) -> bool:
    return ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF
