"""The personas: each has its share and leaves its marks."""

import re
from collections import Counter, defaultdict
from datetime import date

import pytest

from stream_app.testing.simulator import Persona, truth
from stream_app.topics import InputTopic
from tests.testing.simulated_month import KNOWN, month, occurred, of, path, paths, text, views

CANCELLATION = re.compile("/kaiyaku$|/解約|/(account|mypage|billing)/cancel")


def test_truth_and_traffic_share_the_assignment() -> None:
    """Exactly the leads of the truth have the stage of a lead."""
    leads = {r.customer_id for r in of(InputTopic.CUSTOMERS, month()) if r.value["stage"] == "lead"}
    assert leads == {name for name, persona in KNOWN.items() if persona is Persona.LEAD}


@pytest.mark.parametrize(
    ("persona", "low", "high"),
    [
        (Persona.HEALTHY, 0.40, 0.60),
        (Persona.LOYAL, 0.07, 0.15),
        (Persona.LEAVER, 0.03, 0.08),
        (Persona.UPGRADER, 0.03, 0.08),
        (Persona.DOUBTER, 0.03, 0.09),
        (Persona.STRUGGLER, 0.06, 0.13),
        (Persona.SILENT, 0.03, 0.08),
        (Persona.LEAD, 0.06, 0.14),
    ],
)
def test_the_personas_have_their_shares(persona: Persona, low: float, high: float) -> None:
    """Most customers are well; each trouble is a few in a hundred."""
    personas = [known.persona for known in truth(customers=6000).values()]
    assert low < personas.count(persona) / len(personas) < high


def test_people_belong_to_accounts_of_one_to_six() -> None:
    """Nobody changes the account, and every size occurs."""
    accounts: dict[str, set[str]] = defaultdict(set)
    for record in of(InputTopic.CUSTOMERS, month()):
        accounts[text(record, "account_id")].add(record.customer_id)
    assert {len(people) for people in accounts.values()} == {1, 2, 3, 4, 5, 6}
    assert sum(map(len, accounts.values())) == len(KNOWN)


@pytest.mark.parametrize(
    ("persona", "marker", "at_least"),
    [
        (Persona.LEAVER, "/kaiyaku|/解約|/(account|mypage|billing)/cancel", 1.5),
        (Persona.LEAVER, "/pricing|/plans|/料金|/ryokin", 1.0),
        (Persona.UPGRADER, "/plans/compare", 0.8),
        (Persona.UPGRADER, "/docs/limits", 0.8),
        (Persona.DOUBTER, "^(/en)?(/pricing|/plans|/料金|/ryokin)", 3.0),
        (Persona.DOUBTER, "/help|/faq|/support|/manual", 8.0),
        (Persona.STRUGGLER, "/help|/faq|/support|/manual", 20.0),
        (Persona.LEAD, "/seminar|/webinar", 2.0),
        (Persona.LOYAL, "/app/", 80.0),
        (Persona.HEALTHY, "/app/", 60.0),
        (Persona.SILENT, "/app/", 20.0),
    ],
)
def test_each_persona_leaves_its_marks(persona: Persona, marker: str, at_least: float) -> None:
    """So many views of its marker pages per head."""
    people = list(KNOWN.values()).count(persona)
    seen = sum(n for page, n in paths()[persona].items() if re.search(marker, page))
    assert seen / people >= at_least


def test_nobody_else_looks_at_the_cancellation_page() -> None:
    """What the truth says is what the pages show; decoys are for everybody."""
    assert {p for p in Persona if any(map(CANCELLATION.search, paths()[p]))} == {Persona.LEAVER}
    assert {"/blog/pricing-psychology", "/seminar/cancel", "/blog/kaiyaku-wo-fusegu"} <= set(paths()[Persona.HEALTHY])


def test_every_leaver_sees_a_cancellation_page_and_some_cancel() -> None:
    """About as many as said so cancel, name an order of their own, and are `churned` from that night."""
    leavers = {name for name, persona in KNOWN.items() if persona is Persona.LEAVER}
    assert {view.customer_id for view in views() if CANCELLATION.search(path(view))} == leavers
    undone = [p for p in of(InputTopic.PURCHASES, month()) if p.value["kind"] == "cancelled"]
    churned = {r.customer_id for r in of(InputTopic.CUSTOMERS, month()) if r.value["stage"] == "churned"}
    assert {purchase.customer_id for purchase in undone} == churned
    assert 0.3 < len(churned) / len(leavers) < 0.9
    assert all(re.fullmatch(r"o-\d{4}-\d{8}", text(purchase, "order_id")) for purchase in undone)


def test_upgraders_compare_plans_after_a_purchase() -> None:
    """Each bought more seats before a look at the comparison."""
    bought = {
        p.customer_id: occurred(p) for p in of(InputTopic.PURCHASES, month()) if p.value["product_id"] == "seats-5"
    }
    compared = {view.customer_id: occurred(view) for view in views() if "/plans/compare" in path(view)}
    upgraders = {name for name, persona in KNOWN.items() if persona is Persona.UPGRADER}
    assert {name for name in upgraders if bought[name] < compared[name]} == upgraders


def test_who_upgrades_then_pays_more() -> None:
    """A dearer plan than any that the same customer paid before, and the profile tells it the same night."""
    for upgrade in (p for p in of(InputTopic.PURCHASES, month()) if text(p, "order_id").endswith("-up")):
        own = [record for record in month() if record.customer_id == upgrade.customer_id]
        plans = [profile.value["plan"] for profile in of(InputTopic.CUSTOMERS, own)]
        before = [p for p in of(InputTopic.PURCHASES, own) if "plan" in p.value and occurred(p) < occurred(upgrade)]
        assert all(float(text(p, "amount")) < float(text(upgrade, "amount")) for p in before)
        assert (plans[0] != plans[-1], plans[-1]) == (True, upgrade.value["plan"])
        assert KNOWN[upgrade.customer_id] is Persona.UPGRADER


def test_some_upgrade() -> None:
    """About as many as compare and decide."""
    assert 3 <= sum(text(p, "order_id").endswith("-up") for p in of(InputTopic.PURCHASES, month())) <= 12


def test_the_silent_fall_silent() -> None:
    """Nothing in the last days from those who stopped, much from those who are well."""
    late = [view for view in views() if occurred(view).date() >= date(2026, 6, 25)]
    personas = Counter(KNOWN[view.customer_id] for view in late)
    assert personas[Persona.SILENT] == 0
    assert personas[Persona.HEALTHY] > 1000


def test_strugglers_come_back_to_one_article() -> None:
    """Most of them see the same help page three times on one day, few others do."""
    seen: Counter[tuple[str, date, str]] = Counter()
    for view in views():
        if re.search("/help|/faq|/support|/manual", path(view)):
            seen[view.customer_id, occurred(view).date(), path(view)] += 1
    stuck = {name for (name, _, _), n in seen.items() if n >= 3}
    personas = Counter(KNOWN[name] for name in stuck)
    assert personas[Persona.STRUGGLER] / list(KNOWN.values()).count(Persona.STRUGGLER) > 0.7
    assert personas[Persona.HEALTHY] / list(KNOWN.values()).count(Persona.HEALTHY) < 0.1


def test_the_loyal_would_recommend_us() -> None:
    """Nines and tens from all who are loyal, with touchpoints between −3 and 3."""
    answers = [i for i in of(InputTopic.INTERACTIONS, month()) if i.value["kind"] == "nps"]
    loyal = [answer for answer in answers if KNOWN[answer.customer_id] is Persona.LOYAL]
    assert {answer.value["score"] for answer in loyal} == {9, 10}
    assert {a.customer_id for a in loyal} == {name for name, p in KNOWN.items() if p is Persona.LOYAL}
    scores = {score for a in answers for score in a.value["touchpoints"].values()}  # type: ignore[attr-defined]
    assert scores <= set(range(-3, 4))
