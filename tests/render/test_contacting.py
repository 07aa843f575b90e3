"""When to contact the customer, as the reader is told it: two steps, in the customer's time and in their own."""

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import Intent
from stream_app.core.calendar import Calendar, Hours
from stream_app.core.contact import ContactHours
from stream_app.core.events import DAY, HOUR, MINUTE
from stream_app.core.language import Language
from stream_app.core.notify.parcels import Kind
from tests.render.cases import EN, JA, message, owner, parcel, published, told
from tests.render.samples import MORNING

HERE, LONDON, NEW_YORK = "Asia/Tokyo", "Europe/London", "America/New_York"
FRIDAY = 4 * DAY

SAID = [
    (HERE, 0, "今すぐ可能（まずメール、続けて電話）", "now, e-mail first, then call"),
    (HERE, 2 * HOUR, "まずメール、13:00以降に電話", "e-mail first, call after 13:00"),
    (
        HERE,
        -2 * HOUR,
        "営業時間外のため、09:00以降にまずメール、続けて電話",
        "they are closed now; from 09:00 e-mail first, then call",
    ),
    (
        HERE,
        FRIDAY + 9 * HOUR,
        "営業時間外のため、6月8日(月) 09:00以降にまずメール、続けて電話",
        "they are closed now; from Mon 8 Jun 09:00 e-mail first, then call",
    ),
    (
        LONDON,
        0,
        "営業時間外のため、09:00以降にまずメール、続けて電話（お客様の現地時間。電話は日本時間の17:00から）",
        "they are closed now; from 09:00 e-mail first, then call (customer's time; call from 17:00 in Japan time)",
    ),
    (LONDON, 8 * HOUR, "今すぐ可能（まずメール、続けて電話）", "now, e-mail first, then call"),
    (
        LONDON,
        10 * HOUR,
        "まずメール、13:00以降に電話（お客様の現地時間。電話は日本時間の21:00から）",
        "e-mail first, call after 13:00 (customer's time; call from 21:00 in Japan time)",
    ),
    (
        NEW_YORK,
        HOUR,
        "営業時間外のため、6月1日(月) 09:00以降にまずメール、続けて電話（お客様の現地時間。電話は日本時間の22:00から）",
        "they are closed now; from Mon 1 Jun 09:00 e-mail first, then call"
        " (customer's time; call from 22:00 in Japan time)",
    ),
    ("", 2 * HOUR, "まずメール、13:00以降に電話", "e-mail first, call after 13:00"),
    ("Asia/Seoul", 2 * HOUR, "まずメール、13:00以降に電話", "e-mail first, call after 13:00"),
    ("../nowhere", 2 * HOUR, "まずメール、13:00以降に電話", "e-mail first, call after 13:00"),
]


def contact(zone, after, language=JA, **hours):
    """Return the last note of a customer in this zone, to a reader in Tokyo."""
    alert = published(Intent.CHURN)
    sent = message(replace(alert, customer=replace(alert.customer, timezone=zone)))
    reader = replace(owner(JA), language=language, hours=Calendar(Hours()))
    letter = told(parcel(Kind.ALERT, sent), reader=reader, now=MORNING + after, contact=ContactHours(**hours))
    return letter.notes[-1]


@pytest.mark.parametrize(("zone", "after", "japanese", "english"), SAID, ids=map(str, range(len(SAID))))
def test_two_steps(zone, after, japanese, english):
    assert f"お客様への連絡：{japanese}" == contact(zone, after)
    assert f"Contact: {english}" == contact(zone, after, EN)


@pytest.mark.parametrize(
    ("do_not_call", "expected"),
    [
        ("09:00-10:30", "お客様への連絡：営業時間外のため、09:00にメール、10:30以降に電話"),
        ("09:00-12:00", "お客様への連絡：営業時間外のため、09:00にメール、13:00以降に電話"),
    ],
)
def test_when_nobody_is_to_be_called_at_opening(do_not_call, expected):
    assert expected == contact(HERE, -2 * HOUR, do_not_call=(do_not_call,))


def test_a_call_on_another_day_says_which():
    assert "お客様への連絡：まずメール、6月2日(火) 09:00以降に電話" == contact(
        HERE, 7 * HOUR, do_not_call=("16:30-18:00",)
    )


def test_a_customer_nobody_knows_is_taken_to_be_here():
    sent = message(replace(published(Intent.CHURN), customer=None))
    letter = told(parcel(Kind.ALERT, sent), after=2 * HOUR)

    assert "お客様への連絡：まずメール、13:00以降に電話" == letter.notes[-1]


@pytest.mark.parametrize("language", Language)
def test_hours_without_a_day_hold_no_message_up(language):
    never = ContactHours(days=(0,), closures=("01-01/12-30",), country="")
    letter = told(parcel(Kind.ALERT, message(published(Intent.CHURN))), language, after=MINUTE, contact=never)

    assert () == letter.notes
