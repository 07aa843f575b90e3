"""Replies in a thread: who, what was seen, and why it matters now."""

import pytest

from stream_app.core.alerts import Intent, Severity
from stream_app.core.events import DAY, HOUR, MINUTE
from stream_app.core.notify.message import Deed
from stream_app.core.notify.orders import Action
from stream_app.core.notify.parcels import Kind
from stream_app.render.letters import Button
from tests.render.cases import (
    EN,
    JA,
    SHARED,
    THREAD,
    by_colleague,
    message,
    parcel,
    published,
    taken_over,
    told,
    waiting,
)
from tests.render.samples import MORNING

HEADINGS = {
    JA: "【要対応・解約リスク】株式会社サンプル 見本 利用者 様",
    EN: "[Action needed: churn risk] Example Ltd, Sample Customer",
}
SEEN = {
    JA: "見本 利用者 様（c-1042）：6月1日(月) 10:00 解約手続き「解約のお手続き」",
    EN: "Sample Customer (c-1042): Mon 1 Jun 10:00 Cancellation “Cancel your subscription”",
}
CONTACT_NOW = {
    JA: "お客様への連絡：今すぐ可能（まずメール、続けて電話）",
    EN: "Contact: now, e-mail first, then call",
}
HEADLINE = {JA: "手続きに進まれる前に、理由を伺いましょう", EN: "Talk to them before they go through with it"}


def raised(language):
    """Return the parcel of a case that got more severe."""
    low = published(Intent.CHURN, language, after=-DAY, severity=Severity.LOW)
    high = published(Intent.CHURN, language)
    return parcel(Kind.RAISE, message(low, high), new=(high,), place=THREAD)


def added(language, place=THREAD):
    """Return the parcel of a case that another person joined."""
    first, second = published(Intent.CHURN, language), by_colleague(Intent.BUDGET, language, after=MINUTE)
    return parcel(Kind.ADD, message(first, second), new=(second,), place=place)


def lunch(language):
    """Return the line of a contact at noon."""
    return {JA: "お客様への連絡：まずメール、13:00以降に電話", EN: "Contact: e-mail first, call after 13:00"}[language]


SAID = {
    "raised": (
        raised,
        {JA: "緊急度が「要対応」に上がりました。", EN: "More urgent than before: Action needed."},
    ),
    "churn took over": (
        taken_over,
        {
            JA: "予算見直しのお知らせを解約リスクに切り替えます。",
            EN: "This was about budget review and is now about churn risk.",
        },
    ),
}


@pytest.mark.parametrize("language", [JA, EN])
@pytest.mark.parametrize("case", SAID)
def test_more_severe_says_since_when_and_what_to_do(case, language):
    make, said = SAID[case]
    reply = told(make(language), language)

    assert (
        HEADINGS[language],
        said[language],
        SEEN[language],
        HEADLINE[language],
        CONTACT_NOW[language],
    ) == reply.lines
    assert reply.loud


@pytest.mark.parametrize(
    ("language", "waited", "due"),
    [
        (
            JA,
            "お知らせから営業時間で2時間たちましたが、対応の記録がありません。",
            "6月1日(月) 14:00までに対応をお願いします。",
        ),
        (EN, "Nobody has taken this up for 2 h of business time.", "Please act by Mon 1 Jun 14:00."),
    ],
)
def test_a_reminder_says_how_long_it_waited_and_until_when(language, waited, due):
    reply = told(parcel(Kind.REMIND, waiting(language), place=THREAD), language, after=2 * HOUR)

    assert (HEADINGS[language], waited, due, SEEN[language], lunch(language)) == reply.lines
    assert reply.loud


@pytest.mark.parametrize(
    ("first", "after", "expected"),
    [
        (0, 45 * MINUTE, "45分"),
        (0, 2 * HOUR + 5 * MINUTE, "2時間5分"),
        (-3 * HOUR, 2 * HOUR, "2時間30分"),  # hours begin at 09:30
        (0, DAY, "8時間30分"),
    ],
)
def test_only_business_time_is_waited(first, after, expected):
    alert = published(Intent.CHURN, after=first)
    reply = told(parcel(Kind.REMIND, message(alert)), after=after)

    assert f"お知らせから営業時間で{expected}たちましたが、対応の記録がありません。" == reply.lines[1]


def test_what_was_less_severe_waited_for_nobody():
    low, high = published(Intent.CHURN, after=-DAY, severity=Severity.LOW), published(Intent.CHURN)
    reply = told(parcel(Kind.REMIND, message(low, high)), after=2 * HOUR)

    assert "お知らせから営業時間で2時間たちましたが、対応の記録がありません。" == reply.lines[1]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (JA, "再通知の時間になりました。まだ対応の記録がありません。"),
        (EN, "You asked to be reminded. Nobody has taken this up yet."),
    ],
)
def test_after_a_snooze_it_is_told_again(language, expected):
    snoozed = message(published(Intent.CHURN, language), snoozed_until=MORNING)
    reply = told(parcel(Kind.REMIND, snoozed, place=THREAD), language)

    assert (HEADINGS[language], expected, SEEN[language], CONTACT_NOW[language]) == reply.lines


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (JA, "対応の記録がないまま期限を過ぎました。すぐ動ける方が対応をお願いします。"),
        (EN, "Nobody took this up in time. Whoever can act now, please take it."),
    ],
)
def test_an_escalation_asks_for_anybody(language, expected):
    late = message(published(Intent.CHURN, language), mentions=("U1",))
    reply = told(parcel(Kind.ESCALATE, late, place=THREAD), language)

    assert (HEADINGS[language], expected, SEEN[language], CONTACT_NOW[language]) == reply.lines
    assert (True, ("U1",)) == (reply.loud, reply.mentions)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            JA,
            (
                "新しい動きがありました。",
                "見本 次郎 様（c-1043）：6月1日(月) 10:01 料金「料金プラン」",
                "本日2回目の動きです。",
            ),
        ),
        (
            EN,
            (
                "There is new activity.",
                "Another Customer (c-1043): Mon 1 Jun 10:01 Pricing “Plans and prices”",
                "Seen 2 times today.",
            ),
        ),
    ],
)
def test_further_evidence_is_said_quietly(language, expected):
    reply = told(added(language), language)

    assert expected == reply.lines
    assert (False, (), ()) == (reply.loud, reply.buttons, reply.mentions)


@pytest.mark.parametrize("place", [None, SHARED])
def test_where_it_does_not_stand_under_its_message_it_says_whom_it_is_about(place):
    assert (HEADINGS[JA], *told(added(JA)).lines) == told(added(JA, place)).lines


def test_a_possible_repeat_stands_under_the_heading():
    again = told(parcel(Kind.REMIND, waiting(JA), repeat=True)).lines

    assert (HEADINGS[JA], "送信の途中で中断したため、同じお知らせが二度届いている可能性があります。") == again[:2]


def test_in_a_shared_place_it_is_said_who_has_it():
    taken = message(published(Intent.CHURN), deeds=(Deed(action=Action.ACKNOWLEDGE, by="見本 代理", at=1),))
    reply = told(parcel(Kind.UPDATE, taken, place=SHARED))

    assert (HEADINGS[JA], "見本 代理さんが担当しています。") == reply.lines
    assert not reply.loud


@pytest.mark.parametrize("kind", [Kind.RAISE, Kind.REMIND, Kind.ESCALATE])
def test_what_is_loud_can_be_answered(kind):
    reply = told(parcel(kind, message(published(Intent.CHURN)), place=THREAD))

    assert [Button.ACKNOWLEDGE, Button.SNOOZE, Button.OPEN] == [button.button for button in reply.buttons]


def test_churn_that_was_churn_before_took_nothing_over():
    budget, *churn = published(Intent.BUDGET), published(Intent.CHURN), published(Intent.CHURN, after=MINUTE)
    reply = told(parcel(Kind.RAISE, message(budget, *churn), new=churn[1:], place=THREAD))

    assert "緊急度が「要対応」に上がりました。" == reply.lines[1]
