"""What else happens to simulated customers: complaints, holidays, budgets, campaigns; and since when it shows."""

import re
from collections import defaultdict
from datetime import date, timedelta

import pytest

from stream_app.testing.simulator import Persona, Simulated
from stream_app.topics import InputTopic
from tests.testing.simulated_month import KNOWN, TRUTH, month, occurred, of, path, text, views

WELL = ("complaint", "answered", "solved")
REOPENED = ("complaint", "answered", "solved", "reopened", "answered", "solved")


def _once(records: list[Simulated]) -> list[Simulated]:
    """The records without those that were sent twice."""
    return list({text(record, "event_id"): record for record in records}.values())


def _talks(kind: str) -> list[Simulated]:
    return _once([i for i in of(InputTopic.INTERACTIONS, month()) if i.value["kind"] == kind])


def _of(persona: Persona) -> set[str]:
    return {name for name, known in KNOWN.items() if known is persona}


@pytest.mark.parametrize(
    ("persona", "days"),
    [
        (Persona.LEAVER, {7}),
        (Persona.UPGRADER, {7}),
        (Persona.DOUBTER, {7}),
        (Persona.SILENT, {7}),
        (Persona.BUDGETER, {7}),
        (Persona.AWAY, {0}),
        (Persona.COMPLAINER, {0}),
        (Persona.HEALTHY, {None}),
        (Persona.LOYAL, {None}),
        (Persona.HIDDEN, {None}),
    ],
)
def test_the_truth_says_since_when_it_shows(persona: Persona, days: set[int | None]) -> None:
    """A quarter of the month before the turning day, with it, or always."""
    found = {
        (known.turns_on - known.shows_from).days if known.turns_on else None
        for known in TRUTH.values()
        if known.persona is persona
    }
    assert found == days


def test_what_always_shows_does_from_the_first_day() -> None:
    """For those who were there before that is the first day, for new ones a later one."""
    assert {TRUTH[name].shows_from for name in _of(Persona.BARGAINER)} == {date(2026, 6, 1)}
    assert min(TRUTH[name].shows_from for name in _of(Persona.NEWCOMER)) > date(2026, 6, 1)


def test_complaints_end_in_every_way() -> None:
    """Answered and solved, reopened, not answered at all, or only after days."""
    said: defaultdict[str, list[str]] = defaultdict(list)
    for record in _once(of(InputTopic.INTERACTIONS, month())):
        if text(record, "ref").startswith("c-"):
            said[record.customer_id].append(text(record, "kind"))
    assert set(said) == _of(Persona.COMPLAINER)
    assert {tuple(kinds) for kinds in said.values()} == {WELL, REOPENED, ("complaint",)}
    late = [name for name in said if int(name[2:]) % 4 == 3]
    answered = {i.customer_id: occurred(i).date() for i in _talks("answered") if text(i, "ref").startswith("c-")}
    assert {answered[name] - known.turns_on for name in late if (known := TRUTH[name]).turns_on} == {timedelta(4)}


def test_who_is_away_comes_back() -> None:
    """No view in the days of the holiday, and views before and after it."""
    for name in _of(Persona.AWAY):
        left = TRUTH[name].turns_on
        assert left is not None
        days = {occurred(view).date() for view in views() if view.customer_id == name}
        gone = {left + timedelta(days=n) for n in range(7)}
        assert (days & gone, min(days) < left) == (set(), True)
        assert max(days) > max(gone) or max(gone) >= date(2026, 6, 28)


def test_who_reviews_a_budget_looks_at_prices_and_invoices_as_the_year_ends() -> None:
    """All of them on the turning day, in a month at the end of which their fiscal year ends."""
    for name in _of(Persona.BUDGETER):
        seen = {path(v) for v in views() if v.customer_id == name and occurred(v).date() == TRUTH[name].turns_on}
        assert [bool(re.search(kind, "\n".join(seen))) for kind in ("billing|請求書", "pricing|plans|料金|ryokin")] == [
            True,
            True,
        ]
    ends = {
        p.value["fiscal_year_end"] for p in of(InputTopic.CUSTOMERS, month()) if p.customer_id in _of(Persona.BUDGETER)
    }
    assert ends == {"07-31"}


def test_only_bargainers_buy_in_campaigns_and_nothing_else() -> None:
    """Their orders name one, nobody else's do."""
    named = {p.customer_id for p in of(InputTopic.PURCHASES, month()) if "campaign" in p.value}
    others = {p.customer_id for p in of(InputTopic.PURCHASES, month()) if "campaign" not in p.value}
    assert named <= _of(Persona.BARGAINER)
    assert (bool(named), named & others) == (True, set())


def test_the_hidden_loyal_are_small_and_little_looked_after() -> None:
    """The smallest plan, no high tier, and they would recommend us."""
    profiles = [p for p in of(InputTopic.CUSTOMERS, month()) if p.customer_id in _of(Persona.HIDDEN)]
    holders = {p.customer_id for p in of(InputTopic.PURCHASES, month())}
    assert {p.value["plan"] for p in profiles} == {"starter"}
    assert {p.value["tier"] for p in profiles} <= {"low", "tech"}
    assert holders & _of(Persona.HIDDEN) != set()
    assert {i.value["score"] for i in _talks("nps") if i.customer_id in _of(Persona.HIDDEN)} <= {9, 10}


def test_somebody_follows_up_on_some_purchases() -> None:
    """Three days after a purchase that is no renewal; not after every one."""
    bought = {
        (p.customer_id, occurred(p).date()) for p in of(InputTopic.PURCHASES, month()) if p.value["kind"] == "completed"
    }
    asked = {(i.customer_id, occurred(i).date() - timedelta(days=3)) for i in _talks("follow_up")}
    assert asked <= bought
    assert 0.3 < len(asked) / len(bought) < 0.8


def test_referrals_are_asked_for_then_made_then_converted() -> None:
    """Each step by fewer, and only by the loyal."""
    asked, made, converted = (
        {i.customer_id for i in _talks(kind)} for kind in ("referral_asked", "referral_made", "referral_converted")
    )
    assert converted < made == asked <= _of(Persona.LOYAL)
    assert converted != set()


@pytest.mark.parametrize(
    "page", ["/billing/invoices", "/account/contract", "/account/export", "/features/automation", "/faq/login/password"]
)
def test_what_matters_is_looked_at_by_the_healthy_too(page: str) -> None:
    """Rules have something to be fooled by."""
    assert any(path(view).endswith(page) and KNOWN[view.customer_id] is Persona.HEALTHY for view in views())
