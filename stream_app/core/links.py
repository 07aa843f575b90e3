"""Addresses in other systems: templates of the settings, into which ids are put."""

import re

from msgspec import Struct

LINK_PLACEHOLDERS = ("account_id", "customer_id")

_ALLOWED = re.compile("|".join(rf"\{{{name}\}}" for name in LINK_PLACEHOLDERS))
_FIXED_HOST = re.compile(r"https?://[^/{}\s]+(?:/|\Z)")


class LinkTemplates(Struct, frozen=True, kw_only=True):
    """Addresses with `{customer_id}` and `{account_id}` in them; empty: there is none. ValueError for a bad one."""

    crm: str = ""
    history: str = ""

    def __post_init__(self) -> None:
        """Refuse what would not be an address of the web."""
        for template in filter(None, (self.crm, self.history)):
            if not _FIXED_HOST.match(template):
                raise ValueError(f"{template!r} must begin with https:// or http:// and a fixed host")
            if not {"{", "}"}.isdisjoint(_ALLOWED.sub("", template)):
                raise ValueError(f"{template!r} may hold {{customer_id}} and {{account_id}} and no other braces")
