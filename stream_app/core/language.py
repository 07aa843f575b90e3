"""The languages that messages are written in."""

from enum import StrEnum


class Language(StrEnum):
    """A language that there are catalogues and playbooks for; the word is its ISO 639-1 code."""

    JA = "ja"
    EN = "en"
