"""The customer, as the reader needs to know them before a call."""

from collections.abc import Iterator
from typing import TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Struct

from stream_app.core.alerts import Alert, PublishedAlert, Snapshot
from stream_app.core.events import Micros
from stream_app.core.people import person_key
from stream_app.playbooks.placeholders import fill
from stream_app.render.catalogue import Catalogue
from stream_app.render.message import Fact
from stream_app.render.shown import MAX_ADDRESS, MAX_ID, MAX_NAME, shown
from stream_app.render.stands import stands
from stream_app.render.when import told_renewal

AnyAlert: TypeAlias = Alert | PublishedAlert
"""An alert as the core makes it, or as it stands on its topic: what is told of it is in both."""

_NOTHING_KNOWN = Snapshot()


class Sender(Struct, frozen=True, kw_only=True):
    """Who will write to the customer: the owner, or who stands in. Empty: not known."""

    name: str = ""
    email: str = ""


class Customer(Struct, frozen=True, kw_only=True):
    """A customer's texts, clean; empty: not known. `of_site`: there is no customer, it is about the whole site."""

    of_site: bool
    known: bool
    id: str
    name: str
    account_id: str
    company: str
    owner: str
    plan: str

    def called(self, words: Catalogue) -> str:
        """Return company and person, or the id where neither is known."""
        if self.of_site:
            return words.fact.site
        person = fill(words.polite_name, {"name": self.name}) if self.name else ""
        return words.between_names.join(filter(None, (self.company, person))) or self.id


def customer_of(alert: AnyAlert) -> Customer:
    """Return the customer of an alert, made fit to be shown."""
    profile = alert.customer or _NOTHING_KNOWN
    return Customer(
        of_site=not alert.customer_id,
        known=alert.customer is not None,
        id=shown(alert.customer_id, MAX_ID),
        name=shown(profile.name, MAX_NAME),
        account_id=shown(alert.account_id, MAX_ID),
        company=shown(profile.account_name, MAX_NAME),
        owner=shown(profile.owner, MAX_ADDRESS),
        plan=shown(profile.plan, MAX_NAME),
    )


def facts(
    alert: AnyAlert, customer: Customer, sender: Sender, zone: ZoneInfo, now: Micros, words: Catalogue
) -> tuple[Fact, ...]:
    """Return what is known of the customer, and that there is no owner where there is none."""
    if customer.of_site:
        return ()
    profile = alert.customer or _NOTHING_KNOWN
    rows = (
        (words.label.name, named(customer, words)),
        (words.label.company, _with_id(customer.company, customer.account_id, words)),
        (words.label.owner, _owner(customer, sender, words)),
        (words.label.tier, words.tier[profile.tier] if profile.tier else ""),
        (words.label.plan, customer.plan),
        (words.label.renewal, told_renewal(profile.renewal_date, zone, now, words)),
    )
    return (*_filled(rows), *stands(alert.standing, words))


def named(customer: Customer, words: Catalogue) -> str:
    """Return the person with the id, or that nobody of this id is on file."""
    if customer.of_site:
        return words.fact.site
    if not customer.known:
        return fill(words.fact.no_profile, {"id": customer.id})
    polite = fill(words.polite_name, {"name": customer.name}) if customer.name else ""
    return _with_id(polite, customer.id, words)


def _filled(rows: tuple[tuple[str, str], ...]) -> Iterator[Fact]:
    return (Fact(label=label, text=text) for label, text in rows if text)


def _with_id(name: str, id_: str, words: Catalogue) -> str:
    return fill(words.fact.with_id, {"name": name, "id": id_}) if name and id_ else name or id_


def _owner(customer: Customer, sender: Sender, words: Catalogue) -> str:
    if not customer.owner:
        return words.fact.no_owner
    if not sender.name or person_key(sender.email) != person_key(customer.owner):
        return customer.owner
    return fill(words.fact.owner_named, {"name": sender.name, "email": customer.owner})
