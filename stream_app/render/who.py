"""The customer, as the reader needs to know them before a call."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from msgspec import Struct

from stream_app.core.alerts import Alert
from stream_app.core.events import Micros, Profile
from stream_app.playbooks.placeholders import fill
from stream_app.render.catalogue import Catalogue
from stream_app.render.message import Fact
from stream_app.render.shown import MAX_ADDRESS, MAX_ID, MAX_NAME, shown
from stream_app.render.when import told_renewal

_NOTHING_KNOWN = Profile(occurred_at=0)


class Sender(Struct, frozen=True, kw_only=True):
    """Who will write to the customer: the owner, or who stands in. Empty: not known."""

    name: str = ""
    email: str = ""


class Customer(Struct, frozen=True, kw_only=True):
    """A customer's texts, clean; empty: not known."""

    known: bool
    id: str
    name: str
    account_id: str
    company: str
    owner: str
    plan: str

    def called(self, words: Catalogue) -> str:
        """Return company and person, or the id where neither is known."""
        person = fill(words.polite_name, {"name": self.name}) if self.name else ""
        return words.between_names.join(filter(None, (self.company, person))) or self.id


def customer_of(alert: Alert) -> Customer:
    """Return the customer of an alert, made fit to be shown."""
    profile = alert.customer or _NOTHING_KNOWN
    return Customer(
        known=alert.customer is not None,
        id=shown(alert.customer_id, MAX_ID),
        name=shown(profile.name, MAX_NAME),
        account_id=shown(alert.account_id or profile.account_id, MAX_ID),
        company=shown(profile.account_name, MAX_NAME),
        owner=shown(profile.owner, MAX_ADDRESS),
        plan=shown(profile.plan, MAX_NAME),
    )


def facts(
    alert: Alert, customer: Customer, sender: Sender, zone: ZoneInfo, now: Micros, words: Catalogue
) -> tuple[Fact, ...]:
    """Return what is known of the customer, and that there is no owner where there is none."""
    profile = alert.customer or _NOTHING_KNOWN
    rows = (
        (words.label.name, _name(customer, words)),
        (words.label.company, _with_id(customer.company, customer.account_id, words)),
        (words.label.owner, _owner(customer, sender, words)),
        (words.label.tier, words.tier[profile.tier] if profile.tier else ""),
        (words.label.plan, customer.plan),
        (words.label.renewal, told_renewal(profile.renewal_date, zone, now, words)),
    )
    return tuple(_filled(rows))


def _filled(rows: tuple[tuple[str, str], ...]) -> Iterator[Fact]:
    return (Fact(label=label, text=text) for label, text in rows if text)


def _name(customer: Customer, words: Catalogue) -> str:
    if not customer.known:
        return fill(words.fact.no_profile, {"id": customer.id})
    polite = fill(words.polite_name, {"name": customer.name}) if customer.name else ""
    return _with_id(polite, customer.id, words)


def _with_id(name: str, id_: str, words: Catalogue) -> str:
    return fill(words.fact.with_id, {"name": name, "id": id_}) if name and id_ else name or id_


def _owner(customer: Customer, sender: Sender, words: Catalogue) -> str:
    if not customer.owner:
        return words.fact.no_owner
    if not sender.name or sender.email != customer.owner:
        return customer.owner
    return fill(words.fact.owner_named, {"name": sender.name, "email": customer.owner})
