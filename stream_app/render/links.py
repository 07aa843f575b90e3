"""Links into other systems: templates of the settings, ids put in so that they stay one part of the address."""

from urllib.parse import quote

from stream_app.core.links import LinkTemplates
from stream_app.playbooks.placeholders import fill, placeholders
from stream_app.render.catalogue import Catalogue
from stream_app.render.message import Ids, Link

__all__ = ["LinkTemplates", "links"]

LONGEST_ID = 256


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
