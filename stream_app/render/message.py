"""A message as every sink gets it: texts in the reader's language, in the order in which they are read.

All texts are cleaned for display but not escaped: what a mention or a link is, only the sink knows.
"""

from msgspec import Struct

from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import Micros
from stream_app.core.language import Language


class Ids(Struct, frozen=True, kw_only=True):
    """What the message is about, as it came: for keys, not for display."""

    alert_id: str
    rule_id: str
    customer_id: str
    account_id: str  # empty: none known


class Fact(Struct, frozen=True, kw_only=True):
    """One thing about the customer."""

    label: str
    text: str


class Seen(Struct, frozen=True, kw_only=True):
    """A page with the times of its views, or a purchase; `where` is an address without scheme, or an amount."""

    when: str
    what: str
    where: str


class Option(Struct, frozen=True, kw_only=True):
    """One way that it may be, the question that finds out, and what to answer then."""

    case: str
    ask: str
    answer: str


class Draft(Struct, frozen=True, kw_only=True):
    """A message to the customer, in the customer's language."""

    language: Language
    subject: str
    body: str


class Link(Struct, frozen=True, kw_only=True):
    """A way into another system, made of a template of the settings and ids."""

    label: str
    url: str


class Titles(Struct, frozen=True, kw_only=True):
    """What stands over the parts of the message."""

    who: str
    happened: str
    meaning: str
    how_sure: str
    options: str
    draft: str
    links: str
    ask: str
    answer: str
    subject: str
    colon: str
    readings: str = ""


class Message(Struct, frozen=True, kw_only=True):
    """One alert, told: `heading` says in words whether it is a risk or a chance, and about whom."""

    ids: Ids
    intent: Intent
    severity: Severity
    polarity: Polarity
    occurred_at: Micros
    language: Language
    titles: Titles
    heading: str
    headline: str
    who: tuple[Fact, ...]
    happened: str
    seen: tuple[Seen, ...]
    more: str  # what of `seen` is left out; empty: nothing
    read_before: str = ""  # the help page that led there; empty: none known
    meaning: str
    how_sure: str  # empty: a rule that the playbook does not know
    readings: tuple[str, ...] = ()  # how they compare, the leading one first
    options: tuple[Option, ...]
    draft: Draft | None  # None: there is no customer to write to
    links: tuple[Link, ...]
