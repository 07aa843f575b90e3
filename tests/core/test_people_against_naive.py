"""Help, complaints, answers, silence and lifetime value against judges that compute everything anew."""

import pytest
from hypothesis import HealthCheck, given, settings

from stream_app.core.course import course
from stream_app.core.events import DAY, CustomerProfile, PageView
from stream_app.core.lifetime import worth
from tests.core import naive_help
from tests.core import naive_people as naive
from tests.core.drawn import RULES, in_time, steps

LATER = 20 * DAY


def _alerts(history):
    until = history[-1].occurred_at + LATER if history else None
    return [alert for outcome in course(history, RULES, until) for alert in outcome.alerts]


def difficulties(history):
    """Return which rule of help spoke, at which event."""
    return [(one.rule_id, one.event_id) for one in _alerts(history) if one.rule_id in naive_help.RANKS]


def complaints(history):
    """Return what was said of complaints."""
    told = ("support.complaint", "support.complaint-reopened", "support.complaint-unanswered", "loyalty.recovered")
    return sorted((one.occurred_at, one.rule_id) for one in _alerts(history) if one.rule_id in told)


def answers(history):
    """Return what was said of detractors; nothing is undone."""
    return sorted(
        (one.occurred_at, str(one.severity)) for one in _alerts(_kept(history)) if one.rule_id == "churn.detractor"
    )


def silences(history):
    """Return when a customer known from the start was found silent."""
    return [one.occurred_at for one in _alerts(_introduced(history)) if one.rule_id == "churn.silent"]


def naive_silences(history, until):
    """Return the same."""
    kept = _introduced(history)
    return naive.silences(kept, kept[-1].occurred_at + LATER)


def _introduced(history):
    return [one for one in history if one is history[0] or not isinstance(one, CustomerProfile)]


def values(history):
    """Return what the customer was worth after each event, in whole yen."""
    found = [worth(one.state, one.state.newest, RULES.tuning) for one in course(history, RULES)]
    return found[-1] and round(found[-1].amount)


def naive_values(history, until):
    """Return the same."""
    worth = naive.lifetime_value(history, history[-1].occurred_at)
    return None if worth is None else round(worth)


def cells(history):
    """Return in which cell the customer is after each event that is no view; nothing is undone."""
    kept = _kept(history)
    after = [course(kept[: n + 1], RULES) for n, one in enumerate(kept) if not isinstance(one, PageView)]
    return [list(outcomes)[-1].state.cell for outcomes in after]


def _kept(history):
    return [one for one in history if getattr(one, "kind", "") not in ("refunded", "cancelled")]


def naive_answers(history, until):
    """Return the same."""
    kept = _kept(history)
    return naive.answers(kept, kept[-1].occurred_at + LATER) if kept else []


def naive_cells(history, until):
    """Return the same."""
    kept = _kept(history)
    return naive.cells(kept) if kept else []


JUDGES = {
    "cells": (naive_cells, cells),
    "help": (naive_help.difficulties, difficulties),
    "complaints": (naive.complaints, complaints),
    "answers": (naive_answers, answers),
    "silence": (naive_silences, silences),
    "lifetime value": (naive_values, values),
}
COMPARED = {name: (lambda h, j=judge: j(h, h[-1].occurred_at + LATER), said) for name, (judge, said) in JUDGES.items()}


@pytest.mark.parametrize("name", JUDGES)
@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_says_what_the_judge_says(name, drawn):
    judge, said = JUDGES[name]
    history = in_time(drawn)

    assert judge(history, history[-1].occurred_at + LATER) == said(history)
