"""Whose views count: bots, monitors and the company's own people are not customers."""

from enum import StrEnum
from functools import lru_cache

from crawleruseragents import is_crawler

from stream_app.core.events import PageView

DEFAULT_STAFF_DOMAINS = ("staff.example",)
"""A reserved domain, nobody's: the people of the simulated company have it."""


class IgnoredReason(StrEnum):
    """Why an event changes nothing; the same word is the metric's label."""

    ANONYMOUS = "anonymous"
    BOT = "bot"
    STAFF = "staff"
    NOT_RELEVANT = "not_relevant"


class Audience:
    """Says whose page views are nobody's signal.

    `bots` and `staff_agents` are parts of user agents (case does not count), `staff_ids` customer ids,
    `staff_domains` mail domains of customer ids that are addresses. Known crawlers need no setting.
    """

    def __init__(
        self,
        *,
        bots: tuple[str, ...] = (),
        staff_agents: tuple[str, ...] = (),
        staff_ids: tuple[str, ...] = (),
        staff_domains: tuple[str, ...] = DEFAULT_STAFF_DOMAINS,
    ) -> None:
        self.bots = bots
        self.staff_agents = staff_agents
        self.staff_ids = staff_ids
        self.staff_domains = staff_domains
        self._ids = frozenset(staff_ids)
        self._domains = tuple(domain.lower().lstrip("@") for domain in staff_domains)
        self._of_agent = lru_cache(4096)(self._judge_agent)

    def ignored(self, view: PageView) -> IgnoredReason | None:
        """Return why the view counts for nothing, or None."""
        if not view.customer_id:
            return IgnoredReason.ANONYMOUS
        if view.customer_id in self._ids or self._is_staff_address(view.customer_id):
            return IgnoredReason.STAFF
        return self._of_agent(view.user_agent) if view.user_agent else None

    def _is_staff_address(self, customer_id: str) -> bool:
        if not self._domains or "@" not in customer_id:
            return False
        domain = customer_id.rpartition("@")[2].lower()
        return any(domain == own or domain.endswith(f".{own}") for own in self._domains)

    def _judge_agent(self, agent: str) -> IgnoredReason | None:
        folded = agent.lower()
        if any(part.lower() in folded for part in self.staff_agents):
            return IgnoredReason.STAFF
        if is_crawler(agent) or any(part.lower() in folded for part in self.bots):
            return IgnoredReason.BOT
        return None
