"""Text of customers' making: what looks like an address of the web must not become a link by itself."""

import regex

_LINK = regex.compile(r"(?<=:)(?=//)|(?<=\bwww)(?=\.)", regex.IGNORECASE)
_WORD_JOINER = "\u2060"


def unlinked(text: str) -> str:
    """Return the text with an invisible joint in what programs would make a link of."""
    return str(_LINK.sub(_WORD_JOINER, text))
