"""What a look at prices may mean: readings that compete, and what counts how much for which."""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from stream_app.core.alerts import Reading, Weighed
from stream_app.core.events import DAY, Micros
from stream_app.core.pages import PageCategory


class Sign(StrEnum):
    """What counts for a reading beside pages; holds or does not, without fading."""

    GROWING_PURCHASES = "growing_purchases"
    SEATS_NEARLY_USED = "seats_nearly_used"
    FISCAL_YEAR_END = "fiscal_year_end"
    REFUND = "refund"
    FALLING_USE = "falling_use"
    RISING_HELP = "rising_help"
    OPEN_COMPLAINT = "open_complaint"
    DETRACTOR = "detractor"
    FEATURE_NOT_IN_PLAN = "feature_not_in_plan"  # seen as a page, which fades


LEAVING = Reading.CHURN
_UPGRADE, _BUDGET, _DOUBT = Reading.UPGRADE, Reading.BUDGET, Reading.DOUBT

POINTS: dict[str, dict[Reading, float]] = {
    PageCategory.PRICING: {_UPGRADE: 1, _BUDGET: 1, _DOUBT: 1},
    PageCategory.PLAN_COMPARE: {_UPGRADE: 2},
    PageCategory.LIMITS: {_UPGRADE: 2},
    Sign.FEATURE_NOT_IN_PLAN: {_UPGRADE: 1.5},
    Sign.GROWING_PURCHASES: {_UPGRADE: 2},
    Sign.SEATS_NEARLY_USED: {_UPGRADE: 1.5},
    PageCategory.INVOICE: {_BUDGET: 2},
    PageCategory.CONTRACT: {_BUDGET: 1.5, LEAVING: 0.5},
    Sign.FISCAL_YEAR_END: {_BUDGET: 1.5},
    Sign.REFUND: {_BUDGET: 1.5},
    PageCategory.FAQ: {_DOUBT: 0.5},
    PageCategory.SUPPORT: {_DOUBT: 0.5},
    PageCategory.CONTACT: {_DOUBT: 0.5},
    Sign.FALLING_USE: {_DOUBT: 2},
    Sign.RISING_HELP: {_DOUBT: 2},
    Sign.OPEN_COMPLAINT: {_DOUBT: 1.5},
    Sign.DETRACTOR: {_DOUBT: 1},
    PageCategory.EXPORT: {LEAVING: 2},
    PageCategory.MIGRATION: {LEAVING: 2.5},
    PageCategory.COMPETITOR: {LEAVING: 2},
    PageCategory.CANCELLATION: {LEAVING: 4},
}
"""What counts how much for which reading; what counts for leaving makes doubt churn."""

HALF_LIFE: dict[str, Micros] = {
    PageCategory.CANCELLATION: 7 * DAY,
    PageCategory.PRICING: 14 * DAY,
    PageCategory.PLAN_COMPARE: 14 * DAY,
    PageCategory.LIMITS: 14 * DAY,
    PageCategory.INVOICE: 14 * DAY,
    PageCategory.CONTRACT: 14 * DAY,
    PageCategory.EXPORT: 7 * DAY,
    PageCategory.MIGRATION: 7 * DAY,
    PageCategory.COMPETITOR: 7 * DAY,
    Sign.FEATURE_NOT_IN_PLAN: 7 * DAY,
    PageCategory.SUPPORT: 3 * DAY,
    PageCategory.CONTACT: 3 * DAY,
    PageCategory.FAQ: DAY,
}
"""In which time the points of a view halve. A category counts with what it has here, or not at all."""

LEAVING_FROM = 1.5  # points that make doubt churn
TAKES_OVER = 1.2  # times the points of the reading that leads

_COLUMNS = (_BUDGET, _UPGRADE, _DOUBT, LEAVING)
_POINTS = {word: tuple(points.get(one, 0.0) for one in _COLUMNS) for word, points in POINTS.items()}
_DIGITS = 9  # of points: sums are equal whatever they were made of


_SIGNS_OF_DOUBT = frozenset({Sign.FALLING_USE, Sign.RISING_HELP, Sign.OPEN_COMPLAINT, Sign.DETRACTOR})
ONLY_WITH_SIGNS = frozenset({PageCategory.FAQ, PageCategory.SUPPORT, PageCategory.CONTACT})
"""Looking for help is ordinary use: it speaks for doubt only where something else does, and turns nothing by itself."""


def _counted(weights: Mapping[str, float], signs: tuple[Sign, ...] = ()) -> Mapping[str, float]:
    if ONLY_WITH_SIGNS.isdisjoint(weights) or not (
        _SIGNS_OF_DOUBT.isdisjoint(weights) and _SIGNS_OF_DOUBT.isdisjoint(signs)
    ):
        return weights
    return {word: weight for word, weight in weights.items() if word not in ONLY_WITH_SIGNS}


def points_of(weights: Mapping[str, float], signs: tuple[Sign, ...] = ()) -> dict[Reading, float]:
    """Return the points of the three readings; the third is doubt or, with enough signs of leaving, churn.

    `signs` are those that hold beside what has a weight.
    """
    budget, upgrade, doubt, leaving = _of_signs(signs)
    for word, weight in _counted(weights, signs).items():
        for_budget, for_upgrade, for_doubt, for_leaving = _POINTS[word]
        budget += weight * for_budget
        upgrade += weight * for_upgrade
        doubt += weight * for_doubt
        leaving += weight * for_leaving
    leaving = round(leaving, _DIGITS)
    third = (LEAVING, doubt + leaving) if leaving >= LEAVING_FROM else (_DOUBT, doubt)
    return {one: round(points, _DIGITS) for one, points in ((_BUDGET, budget), (_UPGRADE, upgrade), third)}


@lru_cache(4096)
def _of_signs(signs: tuple[Sign, ...]) -> tuple[float, ...]:
    return tuple(sum(column) for column in zip(*(_POINTS[sign] for sign in signs), strict=True)) or (0.0,) * 4


def leader_of(leads: Reading | None, points: dict[Reading, float], word: str) -> Reading:
    """Return which reading leads after a trace; doubt and churn are one, named by the signs of leaving."""
    third = LEAVING if LEAVING in points else _DOUBT
    if word == PageCategory.CANCELLATION:
        return third
    best = _UPGRADE if points[_UPGRADE] > points[_BUDGET] else _BUDGET
    best = third if points[third] > points[best] else best
    if best is leads:
        return best
    if leads is None:
        return best
    now = leads if leads in points else third
    needed = points[now] * (1 if best is LEAVING else TAKES_OVER)
    return best if points[best] >= round(needed, _DIGITS) and points[best] > points[now] else now


def weighed(leads: Reading, weights: Mapping[str, float]) -> tuple[Weighed, ...]:
    """Return the leading reading, its runner-up and the last, each with its share of all points."""
    points = points_of(weights)
    total = sum(points.values())
    others = sorted((one for one in points if one is not leads), key=lambda one: -points[one])
    return tuple(
        Weighed(reading=one, confidence=round(points[one] / total, 2), because=_because(one, weights))
        for one in (leads, *others)
    )


def _because(reading: Reading, weights: Mapping[str, float]) -> tuple[str, ...]:
    weights = _counted(weights)
    columns = (_DOUBT, LEAVING) if reading is LEAVING else (reading,)
    given = {
        word: weights[word] * sum(POINTS[word].get(one, 0) for one in columns) for word in POINTS if word in weights
    }
    return tuple(sorted((word for word in given if round(given[word], _DIGITS)), key=lambda word: -given[word]))
