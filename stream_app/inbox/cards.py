"""A case as the page's list shows it. What each field is stands in docs/inbox-api.md."""

from zoneinfo import ZoneInfo

import orjson
from msgspec import Struct

from stream_app.codec.outputs import filled, optional_time, time_text
from stream_app.core.alerts import Evidence, PublishedAlert, Severity, Weighed
from stream_app.core.events import Micros
from stream_app.core.language import Language
from stream_app.core.links import LinkTemplates
from stream_app.core.notify.message import RANK, Deed
from stream_app.core.notify.orders import Action
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.people import person_key
from stream_app.inbox.case import Case
from stream_app.inbox.state import Standing, State, standing, told_since
from stream_app.playbooks import Playbooks
from stream_app.render.case import lead
from stream_app.render.catalogue import catalogue
from stream_app.render.compose import happened, heading
from stream_app.render.money import amount
from stream_app.render.seen import address
from stream_app.render.shown import MAX_ADDRESS, MAX_ID, MAX_NAME, MAX_TITLE, shown

Fields = dict[str, object]

_STATES = tuple(State)
CONTACTED = "contacted"
"""What stands for an action where somebody was in contact with the customer."""


class Desk(Struct, frozen=True, kw_only=True):
    """All that cards are written with, beside the case."""

    rules: NotifyRules
    playbooks: Playbooks
    zone: ZoneInfo
    links: LinkTemplates

    def name(self, email: str) -> str:
        """Return how somebody is called."""
        known = self.rules.people.get(person_key(email))
        return shown(known.name if known and known.name else email, MAX_ADDRESS)


class Written(Struct, frozen=True, kw_only=True):
    """A card in JSON, whose it is, and where it stands: what needs somebody first comes first.

    `until`: when time alone makes another of it.
    """

    body: bytes
    order: tuple[int, int, Micros, str]
    readers: frozenset[str]
    until: Micros | None


def card(case: Case, desk: Desk, now: Micros) -> Fields:
    """Return what the list shows of a case."""
    leading, stands = lead(case.holding), standing(case, desk.rules, now)
    customer, told, deed = leading.customer, told_since(case), last_deed(case)
    fields: Fields = {
        "id": case.id,
        "account": case.account if leading.customer_id else "",
        "account_name": shown(customer.account_name, MAX_NAME) if customer else "",
        "customer": leading.customer_id,
        "customer_name": shown(customer.name, MAX_NAME) if customer else "",
        "owner": person_key(customer.owner) if customer else "",
        "owner_name": desk.name(customer.owner) if customer and customer.owner else "",
        "intent": leading.intent,
        "polarity": leading.polarity,
        "severity": severity(case),
        "rule": leading.rule_id,
        **_stands(stands),
        "at": time_text(max(one.occurred_at for one in case.alerts)),
        "changed_at": time_text(case.last_at),
        "heading": {each: heading(leading, catalogue(each)) for each in Language},
        "happened": {each: happened(leading, catalogue(each)) for each in Language},
        "evidence": _newest(case),
        **_readings(case),
        "together": len({look.customer_id for look in case.together.looks} - {leading.customer_id}),
        "told_at": optional_time(told),
        "last_deed": deed,
        "alerts": len(case.known),
    }
    return {**some(fields), "readers": readers(case)}


def encoded(fields: Fields) -> bytes:
    """Return it as one line of JSON; words of closed lists are no plain text."""
    return orjson.dumps(fields, option=orjson.OPT_NON_STR_KEYS)


def written(case: Case, desk: Desk, now: Micros) -> Written:
    """Return the card as it is sent, and what lists need of it."""
    stands = standing(case, desk.rules, now)
    newest = max(one.occurred_at for one in case.alerts)
    return Written(
        body=bytes(memoryview(encoded(card(case, desk, now)))),  # a copy: orjson's own holds on to a larger buffer
        order=(_STATES.index(stands.state), RANK[severity(case)], -newest, case.id),
        readers=frozenset(readers(case)),
        until=stands.until,
    )


def severity(case: Case) -> Severity:
    """Return the most severe of what holds."""
    return min((one.severity for one in case.holding), key=RANK.__getitem__)


def readers(case: Case) -> list[str]:
    """Return whose case it is: the owners', and whom somebody told of it."""
    owners = (one.customer.owner for one in case.alerts if one.customer)
    told = (routing.person for routing in case.routings)
    return sorted({person_key(each) for each in (*owners, *told) if each})


def seen(evidence: Evidence) -> Fields:
    """Return a page, purchase or interaction."""
    return some(
        {
            "at": time_text(evidence.occurred_at),
            "kind": evidence.category,
            "label": label(evidence.category),
            "title": shown(evidence.title, MAX_TITLE),
            "where": address(evidence.url) if evidence.url else "",
            "plan": shown(evidence.plan or evidence.product_id, MAX_NAME),
            "amount": amount(evidence.amount, evidence.currency) if evidence.amount else "",
        }
    )


def some(fields: Fields) -> Fields:
    """Return the fields without what is not known, none or nothing."""
    return {key: value for key, value in filled(fields).items() if value not in ([], {}, 0)}


def label(kind: str) -> Fields:
    """Return what a kind of page, purchase or interaction is called."""
    return {each: catalogue(each).seen.get(kind) or shown(kind, MAX_ID) for each in Language}


def reading(weighed: Weighed) -> Fields:
    """Return a reading with its share."""
    return {
        "reading": weighed.reading,
        "label": {each: catalogue(each).reading[weighed.reading] for each in Language},
        "probability": weighed.confidence,
    }


def told_deed(deed: Deed) -> Fields:
    """Return what somebody did."""
    return {"action": deed.action, "by": shown(deed.by, MAX_ADDRESS), "at": time_text(deed.at)}


def last_deed(case: Case) -> Fields:
    """Return what was done last, a contact among it; nothing if nothing was."""
    deeds = [deed for deed in case.deeds if deed.action is not Action.REPLY]
    if case.contacted_at is not None and (not deeds or case.contacted_at > deeds[-1].at):
        return {"action": CONTACTED, "at": time_text(case.contacted_at)}
    return told_deed(deeds[-1]) if deeds else {}


def _stands(stands: Standing) -> Fields:
    snoozed = stands.state is State.SNOOZED
    return {
        "state": stands.state,
        "over": stands.over,
        "snoozed_until": optional_time(stands.until if snoozed else None),
    }


def _newest(case: Case) -> Fields:
    everything = [each for one in case.alerts for each in one.evidence]
    return seen(max(everything, key=lambda one: one.occurred_at)) if everything else {}


def _readings(case: Case) -> Fields:
    with_readings: list[PublishedAlert] = [one for one in case.holding if one.readings]
    if not with_readings:
        return {}
    first, *others = with_readings[-1].readings
    runner_up = others[0] if others and others[0].confidence else None
    return {"reading": reading(first), "runner_up": reading(runner_up) if runner_up else None}
