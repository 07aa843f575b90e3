"""Others of an account on the same errand: who they are, what they looked at and when."""

import pytest
from msgspec.structs import replace

from stream_app.core.notify.parcels import Kind
from tests.render.cases import EN, JA, SHARED, parcel, together, told

LINES = {
    JA: (
        "48時間以内に同じ会社の3名が解約・料金・データ書き出しのページを見ています："
        "見本 三郎 様、見本 次郎 様、見本 利用者 様"
    ),
    EN: (
        "3 people of this account were on cancellation, pricing or export pages within 48 hours: "
        "Third Customer, Another Customer, Sample Customer"
    ),
}
OTHERS = {
    JA: ("見本 次郎 様（c-1043）：", "見本 三郎 様（c-1044）：6月1日(月) 11:00 解約手続き"),
    EN: ("Another Customer (c-1043): ", "Third Customer (c-1044): Mon 1 Jun 11:00 Cancellation"),
}
URGENT = {JA: "【要対応", EN: "[Action needed"}


def whole(language, **changes):
    """Return the message as it is told first."""
    raised = together(language)
    return told(replace(raised, kind=Kind.ALERT, place=None, **changes), language)


@pytest.mark.parametrize("language", [JA, EN])
def test_the_message_names_them_all_and_says_what_each_saw(language):
    letter = whole(language)

    assert LINES[language] in letter.notes
    assert [True, True] == [line.startswith(who) for line, who in zip(letter.also, OTHERS[language], strict=True)]
    assert letter.message.heading.startswith(URGENT[language])


@pytest.mark.parametrize("language", [JA, EN])
def test_so_does_the_thread(language):
    letter = told(together(language), language)

    assert (LINES[language], True) == (letter.lines[2], letter.loud)
    assert [OTHERS[language][1]] == [line for line in letter.lines if line.startswith(OTHERS[language][1])]


@pytest.mark.parametrize("language", [JA, EN])
def test_so_does_a_list_of_many(language):
    (case,) = together(language).messages

    (entry,) = told(parcel(Kind.DIGEST, case, place=SHARED), language).top
    assert LINES[language] in entry.lines


def test_nobody_is_named_once_what_they_were_on_is_no_longer_held_against_the_alert():
    """What made it more severe goes with the alert that it made so."""
    (case,) = together(JA).messages
    letter = told(parcel(Kind.ALERT, replace(case, raised=())), JA)

    assert LINES[JA] not in letter.notes


def test_more_than_a_line_holds_are_counted():
    (case,) = together(EN).messages
    (look, *_) = case.looks
    many = tuple(replace(look, customer_id=f"c-{n}", name=f"N{n}", event_id=f"e-{n}") for n in range(15))
    letter = told(parcel(Kind.ALERT, replace(case, looks=many)), EN)

    (line,) = [note for note in letter.notes if note.startswith("15 people")]
    assert line.endswith("N14, N13, N12, N11, N10, N9, N8, N7, N6, N5, N4, N3, 3 more")


def test_a_name_cannot_break_the_line():
    (case,) = together(EN).messages
    looks = tuple(replace(look, name="A\n\u202eB") for look in case.looks)
    letter = told(parcel(Kind.ALERT, replace(case, looks=looks)), EN)

    assert [note for note in letter.notes if note.endswith("A B, A B, A B")]
