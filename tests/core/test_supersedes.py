"""What an alert that replaces another leaves of it."""

from stream_app.core.contract import THREAD
from stream_app.core.events import DAY, HOUR, MINUTE, PurchaseKind
from stream_app.core.example import Step
from stream_app.core.rules import FULL
from tests.core.courses import full, left_open, told

CONTRACT = full(*(rule.id for rule in FULL if rule.thread == THREAD))


def test_what_was_thought_on_the_way_may_be_said_again_after_the_end():
    """A budget review turned upgrade ends with a renewal; two days later invoices and terms say budget again."""
    steps = [
        Step(views="/pricing"),
        Step(after=HOUR, views="/plans/compare"),
        Step(after=2 * HOUR, buys="team", kind=PurchaseKind.RENEWED),
        *(Step(after=days * DAY, views="/billing") for days in (1, 2)),
        Step(after=2 * DAY + HOUR, views="/contract"),
        Step(after=2 * DAY + 2 * HOUR, views="/pricing"),
    ]

    assert ["budget.review", "upgrade.interest", "budget.review"] == told(steps, CONTRACT)


def test_a_look_while_the_cooldown_lasted_does_not_take_the_place_of_one_after_it():
    """The first look of three speaks, the second not yet again, the third does; the last two change places."""
    looks = [Step(after=after, views="/account/cancel") for after in (0, DAY - 10 * MINUTE, DAY + 10 * MINUTE)]

    assert left_open(looks, CONTRACT) == left_open(looks, CONTRACT, order=(0, 2, 1))
