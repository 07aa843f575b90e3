"""Links into other systems: templates of the settings, ids put in so that they stay one part of the address."""

from urllib.parse import quote

from msgspec import Struct

from stream_app.playbooks.placeholders import fill, has_stray_brace, placeholders
from stream_app.render.catalogue import Catalogue
from stream_app.render.message import Ids, Link

LONGEST_ID = 256
LINK_PLACEHOLDERS = ("account_id", "customer_id")


class LinkTemplates(Struct, frozen=True, kw_only=True):
    """Addresses with `{customer_id}` and `{account_id}` in them; empty: there is none. ValueError for a bad one."""

    crm: str = ""
    history: str = ""

    def __post_init__(self) -> None:
        """Refuse what would not be an address of the web."""
        for template in filter(None, (self.crm, self.history)):
            if not template.startswith(("https://", "http://")) or "{" in template.split("/")[2]:
                raise ValueError(f"{template!r} must begin with https:// or http:// and a fixed host")
            if has_stray_brace(template) or not set(placeholders(template)) <= set(LINK_PLACEHOLDERS):
                raise ValueError(f"{template!r} may hold {{customer_id}} and {{account_id}} and no other braces")


def links(templates: LinkTemplates, ids: Ids, words: Catalogue) -> tuple[Link, ...]:
    """Return the links whose ids are known."""
    values = {"customer_id": ids.customer_id, "account_id": ids.account_id}
    both = ((words.label.crm, templates.crm), (words.label.history, templates.history))
    return tuple(
        Link(label=label, url=fill(template, {name: _quoted(value) for name, value in values.items()}))
        for label, template in both
        if template and all(_names_something(values[name]) for name in placeholders(template))
    )


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _names_something(text: str) -> bool:
    """Tell ids from nothing, from dots alone, which would climb in the address, and from what is too long for one."""
    return bool(text.strip(".")) and len(text) <= LONGEST_ID
