"""One look at prices, several readings: which alert is open, and how it changes its mind."""

import pytest

from stream_app.core.alerts import Reading, ResolvedReason, SuppressedReason
from stream_app.core.events import DAY, HOUR, MINUTE, InteractionKind, PurchaseKind
from stream_app.core.example import Step
from tests.core.contract_histories import open_one, played, steps, views

FEBRUARY = 260 * DAY  # after the start of a history: 17 February 2027
RISING = (  # known for four weeks; help on three days of the last two, none before; used on eight days, on none since
    *views("/app"),
    *views(*["/app"] * 8, after=7 * DAY, every=DAY),
    *views("/help/export", "/help/import", "/help/export", after=25 * DAY, every=DAY),
)
SCENARIOS = {
    "pricing → plan comparison → seat limit": (
        views("/pricing", "/plans/compare", "/account/seats", every=HOUR),
        [("budget.review", 0.33), ("upgrade.interest", 0.6)],
        Reading.UPGRADE,
    ),
    "pricing → contract terms → data export": (
        views("/pricing", "/contract-terms", "/account/export", every=HOUR),
        [("budget.review", 0.33), ("churn.leaving-prepared", 0.5)],
        Reading.CHURN,
    ),
    "pricing in February with an invoice page": (
        views("/billing", "/pricing", after=FEBRUARY, every=HOUR),
        [("budget.review", 0.69)],
        Reading.BUDGET,
    ),
    "pricing in June with an invoice page": (
        views("/billing", "/pricing", every=HOUR),
        [("budget.review", 0.6)],
        Reading.BUDGET,
    ),
    "pricing after weeks of rising help and falling use": (
        (*RISING, Step(after=28 * DAY, views="/pricing")),
        [("budget.value-doubt", 0.75)],
        Reading.DOUBT,
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_pages_around_a_look_at_prices_make_of_it(name):
    history, expected, reading = SCENARIOS[name]
    _, alerts, _, _ = played(steps(history))

    assert expected == [(one.rule_id, one.readings[0].confidence) for one in alerts]
    assert reading is alerts[-1].readings[0].reading
    assert all(one.digest for one in alerts)


def test_an_alert_names_all_readings_and_what_speaks_for_each():
    *_, last = played(steps(views("/pricing", "/contract-terms", "/account/export", every=HOUR)))[1]

    assert [
        (Reading.CHURN, ("export", "pricing", "contract")),
        (Reading.BUDGET, ("contract", "pricing")),
        (Reading.UPGRADE, ("pricing",)),
    ] == [(one.reading, one.because) for one in last.readings]
    assert ["pricing", "contract", "export"] == [one.category for one in last.evidence]


def test_a_turn_replaces_what_was_said():
    _, alerts, _, _ = played(steps(views("/pricing", "/plans/compare", "/contract", "/account/export", every=HOUR)))

    assert ["budget.review", "upgrade.interest", "churn.leaving-prepared"] == [one.rule_id for one in alerts]
    assert ["", alerts[0].alert_id, alerts[1].alert_id] == [one.supersedes for one in alerts]


def test_what_was_replaced_may_be_said_again():
    """The way there does not count: budget, upgrade, and budget again within the cooldown of the first."""
    history = views("/pricing", "/plans/compare", "/billing", "/contract-terms", every=HOUR)

    assert ["budget.review", "upgrade.interest", "budget.review"] == [a.rule_id for a in played(steps(history))[1]]


def test_a_little_more_does_not_turn_a_reading():
    """Upgrade leads with 5 points; budget's 5.5 are less than 1.2 times that, 7.5 are not."""
    looks = views("/plans/compare", "/account/seats", "/pricing", "/contract", after=FEBRUARY, every=MINUTE)
    almost = (*looks, Step(after=FEBRUARY + HOUR, buys="x", kind=PurchaseKind.REFUNDED))
    enough = (*almost, Step(after=FEBRUARY + 2 * HOUR, views="/billing"))

    assert Reading.UPGRADE is open_one(steps(almost)).reading
    assert Reading.BUDGET is open_one(steps(enough)).reading


def test_churn_needs_no_more_than_to_be_ahead():
    """3 points of churn over 2.9 of an upgrade whose comparison is a day old."""
    history = views("/plans/compare", "/pricing", "/migration", every=HOUR)

    assert ["upgrade.interest", "churn.leaving-prepared"] == [one.rule_id for one in played(steps(history))[1]]


def test_evidence_that_fades_turns_a_reading():
    """Of what spoke for leaving little is left after two weeks, and two limits are more than that."""
    early = views("/pricing", "/account/export", "/account/seats", every=MINUTE)
    later = Step(after=13 * DAY, views="/limits")

    assert Reading.CHURN is open_one(steps(early)).reading
    assert Reading.CHURN is open_one(steps(early, Step(after=HOUR, views="/limits"))).reading
    assert Reading.UPGRADE is open_one(steps(early, later)).reading


def test_the_cancellation_page_is_churn_whatever_else_was_seen():
    """Budget has more points, and what is seen later of leaving adds nothing."""
    budget = views("/billing", "/contract", "/pricing", after=FEBRUARY, every=MINUTE)
    later = views("/account/cancel", "/account/export", after=FEBRUARY + HOUR, every=MINUTE)

    assert ["budget.review", "churn.cancellation-page"] == [a.rule_id for a in played(steps(budget, later))[1]]


def test_what_is_learned_of_a_customer_turns_a_reading_at_the_next_page():
    """Not at the look at prices, which is long ago, nor at one for help, at which nothing turns."""
    history = (*views("/pricing"), Step(after=DAY, seats=10, seats_used=9), *views("/faq/a", "/pricing", after=3 * DAY))
    _, alerts, _, _ = played(steps(history))

    assert [("budget.review", "e-0"), ("upgrade.interest", "e-3")] == [(one.rule_id, one.event_id) for one in alerts]


def test_evidence_alone_says_nothing():
    history = views("/plans/compare", "/account/seats", "/billing", "/contract", "/account/export", every=HOUR)

    assert [] == played(steps(history))[1]


def test_the_same_again_waits_until_it_is_over():
    history = views("/pricing", "/pricing", "/pricing", every=6 * DAY)
    _, alerts, fates, _ = played(steps(history))

    assert ["budget.review"] == [one.rule_id for one in alerts]
    assert [("budget.review", SuppressedReason.COOLDOWN)] * 2 == [(one.rule_id, one.reason) for one in fates]


@pytest.mark.parametrize("kind", [PurchaseKind.COMPLETED, PurchaseKind.RENEWED])
def test_a_purchase_is_the_answer(kind):
    state, alerts, _, over = played(steps(views("/pricing"), Step(after=2 * HOUR, buys="team", kind=kind)))

    assert {} == state.matters
    assert [(alerts[0].alert_id, ResolvedReason.RENEWAL)] == [(one.alert_id, one.reason) for one in over]


@pytest.mark.parametrize(("after", "rules"), [(59 * MINUTE, []), (60 * MINUTE, ["upgrade.interest"])])
def test_a_look_in_the_session_of_a_purchase_belongs_to_it(after, rules):
    history = (Step(buys="team"), Step(after=after, views="/pricing"))

    assert rules == [one.rule_id for one in played(steps(history))[1]]


def test_what_comes_after_a_purchase_is_a_new_question():
    history = (
        *views("/plans/compare", "/pricing"),
        Step(after=HOUR, buys="business"),
        Step(after=3 * HOUR, views="/pricing"),
    )

    assert ["upgrade.interest"] * 2 == [one.rule_id for one in played(steps(history))[1]]


def test_a_complaint_and_a_bad_answer_speak_for_doubt():
    history = (
        Step(meets=InteractionKind.COMPLAINT),
        Step(after=DAY, meets=InteractionKind.NPS, score=6),
        Step(after=2 * DAY, views="/pricing"),
    )
    (alert,) = played(steps(history))[1]

    assert ("budget.value-doubt", 0.64) == (alert.rule_id, alert.readings[0].confidence)
    assert ("open_complaint", "pricing", "detractor") == alert.readings[0].because
    assert ["complaint", "nps", "pricing"] == [one.category for one in alert.evidence]
