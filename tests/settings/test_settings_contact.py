"""When customers are contacted: what may be said, and what the core is given."""

import pytest
from pydantic import ValidationError

from stream_app.core.contact import ContactHours
from stream_app.settings.contact import ContactSettings


def test_unset_they_are_those_of_the_core():
    assert ContactHours() == ContactSettings().hours("Asia/Tokyo")


def test_all_that_can_be_set():
    fields = {
        "opens": "08:30",
        "closes": "17:00",
        "country": "GB-ENG",
        "closures": ("12-24",),
        "busy": ("12:30-13:30",),
        "do_not_call": ("08:30-09:00",),
    }

    assert ContactHours(timezone="Europe/London", days=(0, 6), **fields) == ContactSettings(
        days=("mon", "sun"), **fields
    ).hours("Europe/London")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"busy": ("lunch",)}, "'lunch' is no span of the day, write such as '12:00-13:00'"),
        ({"do_not_call": ("09:00-18:00",)}, "leave no time for a call between opens and closes"),
        ({"opens": "9"}, "opens: '9' is no time of the day"),
        ({"days": ("monday",)}, "Input should be 'mon'"),
        ({"timezone": "Asia/Tokyo"}, "Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_kept_is_refused(fields, problem):
    with pytest.raises(ValidationError, match=problem):
        ContactSettings(**fields)
