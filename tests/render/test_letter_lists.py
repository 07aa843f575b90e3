"""Bundles and digests: how many, the first with what to ask, the rest in a line each, and none forgotten."""

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import Intent
from stream_app.core.notify.message import Deed, Place
from stream_app.core.notify.orders import Action
from stream_app.core.notify.parcels import Kind
from stream_app.core.routing import Why
from stream_app.render.letters import Button
from tests.render.cases import EN, JA, message, parcel, published, several, told
from tests.render.samples import SENDERS

HEADINGS = [
    (Kind.BUNDLE, JA, 6, "6件のお知らせ", "解約 2件、予算見直し 1件、アップグレード 2件、つまずき 1件"),
    (Kind.BUNDLE, EN, 6, "6 new alerts", "churn 2, budget review 1, upgrade 2, adoption 1"),
    (Kind.DIGEST, JA, 12, "本日のまとめ：12件", "解約 3件、予算見直し 3件、アップグレード 3件、つまずき 3件"),
    (Kind.DIGEST, EN, 1, "Today's digest (1)", "churn 1"),
]


@pytest.mark.parametrize(("kind", "language", "count", "heading", "kinds"), HEADINGS)
def test_the_heading_counts_and_a_note_says_of_what(kind, language, count, heading, kinds):
    letter = told(parcel(kind, *several(language, count)), language)

    assert heading == letter.heading
    assert sorted(kinds.split(", " if language is EN else "、")) == sorted(
        letter.notes[0].split(", " if language is EN else "、")
    )


@pytest.mark.parametrize(
    ("count", "top", "rest", "rest_title", "more"),
    [
        (1, 1, 0, "", ""),
        (5, 5, 0, "", ""),
        (6, 5, 1, "そのほかのお知らせ", ""),
        (105, 5, 100, "そのほかのお知らせ", ""),
        (106, 5, 100, "そのほかのお知らせ", "このほかに1件あります"),
        (1000, 5, 100, "そのほかのお知らせ", "このほかに895件あります"),
    ],
)
def test_none_is_forgotten(count, top, rest, rest_title, more):
    letter = told(parcel(Kind.DIGEST, *several(JA, count)))

    assert (top, rest, rest_title, more) == (len(letter.top), len(letter.rest), letter.rest_title, letter.more)


def test_the_order_is_kept():
    sent = several(JA, 9)
    letter = told(parcel(Kind.BUNDLE, *sent))

    assert [one.case_id for one in sent] == [entry.case_id for entry in (*letter.top, *letter.rest)]


ENTRIES = {
    JA: (
        "【要対応・解約リスク】株式会社サンプル 見本 利用者 様",
        "お客様が解約手続きのページを見ました。",
        "6月1日(月) 10:00 解約手続き「解約のお手続き」",
        "まず伺うこと：「思うように進められていない業務や、足りないと感じる機能はございますか」",
    ),
    EN: (
        "[Action needed: churn risk] Example Ltd, Sample Customer",
        "The customer viewed the cancellation page.",
        "Mon 1 Jun 10:00 Cancellation “Cancel your subscription”",
        'Ask first: "Is there any work that our product does not let you do the way you need to?"',
    ),
}


@pytest.mark.parametrize("language", [JA, EN])
def test_the_first_say_what_happened_and_what_to_ask(language):
    (entry,) = told(parcel(Kind.DIGEST, message(published(Intent.CHURN, language))), language).top

    assert ENTRIES[language] == (entry.heading, *entry.lines)
    assert [Button.ACKNOWLEDGE, Button.VERDICT, Button.OPEN] == [button.button for button in entry.buttons]


def stood_in(**changes):
    return message(
        published(Intent.CHURN),
        why=(Why.MATCHED, Why.OWNER_AWAY, Why.DEPUTY),
        absent=(SENDERS[JA].email,),
        **changes,
    )


def test_whoever_stands_in_reads_so_in_the_list_too():
    first, *_, last = (
        told(parcel(Kind.DIGEST, *[stood_in()] * 6)).top + told(parcel(Kind.DIGEST, *[stood_in()] * 6)).rest
    )

    assert "担当の見本 担当者さんが不在のため、代わりにお知らせします。" == first.lines[0]
    assert (
        "【要対応・解約リスク】株式会社サンプル 見本 利用者 様"
        "（担当の見本 担当者さんが不在のため、代わりにお知らせします。）" == last.heading
    )
    assert () == last.lines


def test_what_somebody_has_cannot_be_taken():
    taken = message(published(Intent.CHURN), deeds=(Deed(action=Action.ACKNOWLEDGE, by="見本 代理", at=1),))
    (entry,) = told(parcel(Kind.DIGEST, taken)).top

    assert "見本 代理さんが担当しています。" == entry.lines[0]
    assert [Button.VERDICT, Button.OPEN] == [button.button for button in entry.buttons]


def test_each_is_mentioned_once():
    sent = [message(published(Intent.CHURN), mentions=names) for names in (("U1",), ("U2", "U1"), ())]

    assert ("U1", "U2") == told(parcel(Kind.BUNDLE, *sent)).mentions


def test_a_possible_repeat_stands_first():
    letter = told(parcel(Kind.DIGEST, *several(EN, 2), repeat=True), EN)

    assert "Sending was interrupted: you may have received this message before." == letter.notes[0]


ERASED = [
    (
        JA,
        "データが消去された方を、このお知らせから除きました。",
        "このお知らせの対象だった方のデータは消去されました。対応は不要です。",
    ),
    (
        EN,
        "A person was taken out of this message: their data has been erased.",
        "This was about a person whose data has been erased. There is nothing left to do.",
    ),
]


@pytest.mark.parametrize(("language", "taken_out", "nobody_left"), ERASED)
def test_a_list_goes_on_without_who_was_erased_and_what_is_of_nobody_says_that(language, taken_out, nobody_left):
    shared = Place(channel="#cs", id="1", shared=True)
    letter = told(parcel(Kind.ERASE, *several(language, 2), place=shared), language)
    nobody = replace(message(published(Intent.CHURN, language)), alerts=(), erased=True)

    assert (taken_out, 2) == (letter.notes[0], len(letter.top))
    for place in (shared, replace(shared, shared=False)):
        assert (nobody_left,) == told(parcel(Kind.ERASE, nobody, place=place), language).lines


@pytest.mark.parametrize(("language", "taken_out", "nobody_left"), ERASED)
def test_a_message_with_others_left_says_that_somebody_was_taken_out(language, taken_out, nobody_left):
    letter = told(parcel(Kind.UPDATE, replace(message(published(Intent.CHURN, language)), erased=True)), language)

    assert taken_out in letter.notes
