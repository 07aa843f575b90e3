"""Alerts against the truth: found, missed and invented, by persona and by rule. Customers are counted, not alerts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from statistics import median

from msgspec import Struct

from stream_app.core.alerts import Intent
from stream_app.core.shares import Share
from stream_app.evaluation.fits import EXPECTED, FINDS_NOBODY, FITS, Fit
from stream_app.testing.simulator import Persona, Truth


class Spoken(Struct, frozen=True, kw_only=True):
    """A rule spoke about a customer on a day."""

    rule_id: str
    intent: Intent
    customer_id: str
    day: date


class OfPersona(Struct, frozen=True, kw_only=True):
    """What was found of one persona.

    `right` and `invented` are customers by rule, `wronged` those of whom any rule invented something. `found` is None
    where nothing has to be; `lead` are the median days from the first right alert to the turning day.
    """

    persona: Persona
    customers: int
    found: Share | None
    lead: float | None
    right: Mapping[str, int]
    invented: Mapping[str, int]
    wronged: int


class OfRule(Struct, frozen=True, kw_only=True):
    """What a rule found. `precision` is None where it states facts, `recall` where it aims at nobody in particular."""

    rule_id: str
    alerts: int
    right: int
    invented: int
    precision: Share | None
    recall: Share | None
    lead: float | None


class Verdict(Struct, frozen=True, kw_only=True):
    """Both tables."""

    personas: tuple[OfPersona, ...]
    rules: tuple[OfRule, ...]


def verdict(spoken: Iterable[Spoken], truth: Mapping[str, Truth], rule_ids: Iterable[str]) -> Verdict:
    """Return what the rules made of the customers; a customer whom a rule never spoke about was missed by it."""
    of_rule: defaultdict[str, list[Spoken]] = defaultdict(list)
    for one in spoken:
        if one.customer_id in truth:
            of_rule[one.rule_id].append(one)
    ids = tuple(rule_ids)
    return Verdict(
        personas=tuple(_of_persona(persona, of_rule, truth) for persona in Persona),
        rules=tuple(_of_rule(rule_id, of_rule[rule_id], truth) for rule_id in ids),
    )


def _of_persona(persona: Persona, of_rule: Mapping[str, list[Spoken]], truth: Mapping[str, Truth]) -> OfPersona:
    customers = {name for name, known in truth.items() if known.persona is persona}
    told = [one for spoken in of_rule.values() for one in spoken if one.customer_id in customers]
    right = [one for one in told if _is_right(one, truth)]
    wrong = [one for one in told if not _is_right(one, truth)]
    expected = EXPECTED.get(persona, frozenset())
    finding = [one for one in right if one.intent in expected and one.rule_id not in FINDS_NOBODY]
    first = _first_days(finding)
    return OfPersona(
        persona=persona,
        customers=len(customers),
        found=Share(len(first), len(customers)) if expected else None,
        lead=_lead(first, truth),
        right=_by_rule(right),
        invented=_by_rule(wrong),
        wronged=len({one.customer_id for one in wrong}),
    )


def _of_rule(rule_id: str, spoken: list[Spoken], truth: Mapping[str, Truth]) -> OfRule:
    fit = FITS[rule_id]
    first = _first_days(one for one in spoken if _is_right(one, truth))
    invented = {one.customer_id for one in spoken if not _is_right(one, truth)}
    aimed = _aimed_at(fit, truth)
    hit = {name: day for name, day in first.items() if name in aimed}
    return OfRule(
        rule_id=rule_id,
        alerts=len(spoken),
        right=len(first),
        invented=len(invented),
        precision=None if fit.states_a_fact else Share(len(first), len(first) + len(invented)),
        recall=Share(len(hit), len(aimed)) if fit.aims else None,
        lead=_lead(hit, truth),
    )


def _aimed_at(fit: Fit, truth: Mapping[str, Truth]) -> set[str]:
    return {name for name, known in truth.items() if known.persona in fit.aims}


def _is_right(one: Spoken, truth: Mapping[str, Truth]) -> bool:
    """Say whether it is true of the customer, and was already when it was said; a fact always is."""
    known, fit = truth[one.customer_id], FITS[one.rule_id]
    return fit.states_a_fact or (fit.holds_of(known.persona) and one.day >= known.shows_from)


def _first_days(spoken: Iterable[Spoken]) -> dict[str, date]:
    first: dict[str, date] = {}
    for one in spoken:
        first[one.customer_id] = min(one.day, first.get(one.customer_id, one.day))
    return first


def _lead(first: Mapping[str, date], truth: Mapping[str, Truth]) -> float | None:
    """Return the median days from the first alerts to the turning days; None where there are none."""
    days = [(turns - day).days for name, day in first.items() if (turns := truth[name].turns_on) is not None]
    return float(median(days)) if days else None


def _by_rule(spoken: Iterable[Spoken]) -> Mapping[str, int]:
    return Counter(rule_id for rule_id, _ in sorted({(one.rule_id, one.customer_id) for one in spoken}))
