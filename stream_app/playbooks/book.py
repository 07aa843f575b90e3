"""What a playbook is: in one language what an alert may mean, what to ask and answer, and what to write."""

import re
import unicodedata
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from stream_app.playbooks.names import Book, told_with
from stream_app.playbooks.placeholders import has_stray_brace, placeholders

DRAFT_PLACEHOLDERS = ("customer_name", "company", "owner_name", "owner_email")
"""All that a draft can hold of a customer; nothing of what we saw is among them."""

_LINE_BREAK = "\n"
_DIGIT = re.compile(r"[0-9%]|[一二三四五六七八九]割")  # after NFKC, so that full-width ones are found too
_TELLS = re.compile(
    r"[ご御]覧(?:になっ|になら|になり|いただい|いただき|頂い|頂き|され)|閲覧|アクセス(?:履歴|され|し|いただ|頂)|ページを(?:見|開)"
    r"|\byou(?:r team)?(?:'ve| have)? (?:recently )?(?:viewed|visited|looked at|browsed|opened|clicked)\b"
    r"|\byour (?:recent )?(?:visit|page view|browsing)s?\b|\b(?:we|i) (?:noticed|saw|see|spotted)\b|\bpage views?\b"
    r"|https?:|www\.",
    re.IGNORECASE,
)


def _visible(text: str) -> str:
    """Refuse what nobody sees in an editor: controls, direction marks, lone surrogates."""
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in text if char != _LINE_BREAK):
        raise ValueError("must not hold characters that cannot be seen")
    if not text.strip():
        raise ValueError("must not be empty")
    return text.strip()


def _without_placeholders(text: str) -> str:
    if "{" in text or "}" in text:
        raise ValueError("must not hold braces: placeholders are for the draft")
    return text


def _for_the_customer(text: str) -> str:
    unknown = sorted(set(placeholders(text)) - set(DRAFT_PLACEHOLDERS))
    if unknown or has_stray_brace(text):
        which = f"{{{unknown[0]}}}" if unknown else "a brace"
        known = ", ".join(f"{{{name}}}" for name in DRAFT_PLACEHOLDERS)
        raise ValueError(f"{which} stands for nothing; there are {known}")
    if told := _TELLS.search(unicodedata.normalize("NFKC", text)):
        raise ValueError(f"{told[0]!r} tells the customer what was seen: a draft has another reason and no links")
    return text


def _one_line(text: str) -> str:
    if _LINE_BREAK in text:
        raise ValueError("must be one line")
    return text


def _no_number(text: str) -> str:
    if _DIGIT.search(unicodedata.normalize("NFKC", text)):
        raise ValueError("must not give a number: those that are known stand beside it")
    return text


def _at_most(limit: int) -> AfterValidator:
    def check(text: str) -> str:
        if len(text) > limit:
            raise ValueError(f"must have at most {limit} characters, has {len(text)}")
        return text

    return AfterValidator(check)


_Visible = Annotated[str, AfterValidator(_visible)]
Line = Annotated[_Visible, AfterValidator(_one_line), AfterValidator(_without_placeholders)]
DraftLine = Annotated[_Visible, AfterValidator(_one_line), AfterValidator(_for_the_customer)]
DraftText = Annotated[_Visible, AfterValidator(_for_the_customer)]
Sure = Annotated[Line, _at_most(300), AfterValidator(_no_number)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class PlaybookOption(_Part):
    """One way that it may be: the case, a question that finds out whether it is this one, and what to answer then."""

    case: Annotated[Line, _at_most(60)]
    ask: Annotated[Line, _at_most(300)]
    answer: Annotated[Line, _at_most(500)]


class DraftTemplate(_Part):
    """A short message to the customer, with placeholders for names and addresses only."""

    subject: Annotated[DraftLine, _at_most(120)]
    body: Annotated[DraftText, _at_most(2000)]


class Playbook(_Part):
    """All that is prepared under one name, in one language; `how_sure` has a sentence for each rule told with it.

    Only of the site nothing is written to a customer.
    """

    headline: Annotated[Line, _at_most(120)]
    meaning: Annotated[Line, _at_most(400)]
    how_sure: dict[str, Sure]
    options: Annotated[tuple[PlaybookOption, ...], Field(strict=False, min_length=2, max_length=3)]
    draft: DraftTemplate | None = None

    @field_validator("how_sure")
    @classmethod
    def _a_sentence_per_rule(cls, sentences: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        book = Book(str(info.context))
        rules = told_with(book)
        if sentences.keys() != set(rules):
            raise ValueError(f"must have one sentence for each of: {', '.join(rules)}")
        return sentences

    @model_validator(mode="after")
    def _cases_differ(self) -> Self:
        if len({option.case for option in self.options}) < len(self.options):
            raise ValueError("two options are for the same case")
        return self

    @model_validator(mode="after")
    def _is_written_to_somebody(self, info: ValidationInfo) -> Self:
        if self.draft is None and info.context is not Book.OPS:
            raise ValueError("draft: is missing")
        if self.draft is not None and info.context is Book.OPS:
            raise ValueError("draft: there is no customer to write to")
        return self
