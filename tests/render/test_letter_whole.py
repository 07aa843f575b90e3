"""The message of a case: what stands beside the alert, who is told why, and what can be pressed."""

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import Intent, Severity
from stream_app.core.calendar import Calendar, Hours
from stream_app.core.events import DAY, HOUR, MINUTE, SECOND
from stream_app.core.notify.message import Deed
from stream_app.core.notify.orders import Action
from stream_app.core.notify.parcels import Kind
from stream_app.core.people import Person
from stream_app.core.routes import Sink
from stream_app.core.routing import Target, Why
from stream_app.render.letters import Button, Note, Whole
from stream_app.render.links import LinkTemplates
from tests.render.cases import (
    EN,
    JA,
    SHARED,
    by_colleague,
    channel,
    message,
    owner,
    parcel,
    published,
    told,
    two_people,
)
from tests.render.samples import MORNING, SENDERS

OWNER = SENDERS[JA].email
CHURN = {language: published(Intent.CHURN, language) for language in (JA, EN)}


def whole(sent, language=JA, kind=Kind.ALERT, **others):
    return told(parcel(kind, sent), language, **others)


def notes(sent, language=JA, **others):
    """Return the notes but the last: when to contact the customer has a test of its own."""
    return whole(sent, language, **others).notes[:-1]


AWAY, ALONE = (Why.MATCHED, Why.OWNER_AWAY, Why.DEPUTY), (Why.MATCHED, Why.OWNER_AWAY, Why.NO_DEPUTY, Why.FALLBACK)
CIRCLE = (Why.FALLBACK, Why.USER_AWAY, Why.DEPUTY_CYCLE)
UNKNOWN = {"customer": replace(CHURN[JA].customer, owner="shinjin@example.co.jp")}
TOMORROW = MORNING + 23 * HOUR + 30 * MINUTE
NOTES = [
    ({}, "", ""),
    (
        {"why": AWAY, "absent": (OWNER,)},
        "担当の見本 担当者さんが不在のため、代わりにお知らせします。",
        "Owner away (見本 担当者): you are told instead.",
    ),
    (
        {"why": AWAY, "absent": (OWNER, "x@example.com")},
        "担当の見本 担当者さん、x@example.comさんが不在のため、代わりにお知らせします。",
        "Owner away (見本 担当者, x@example.com): you are told instead.",
    ),
    (
        {"why": ALONE, "absent": (OWNER,)},
        "担当の見本 担当者さんが不在で、代わりの方も決まっていないため、こちらにお知らせします。",
        "Owner away (見本 担当者) and nobody stands in, so it comes here.",
    ),
    (
        {"why": (Why.MATCHED, Why.USER_AWAY, Why.DEPUTY), "absent": ("x@example.com",)},
        "x@example.comさんが不在のため、代わりにお知らせします。",
        "Away: x@example.com. You are told instead.",
    ),
    (
        {"why": CIRCLE, "absent": ("x@example.com",)},
        "x@example.comさんが不在で、代わりの方も決まっていないため、こちらにお知らせします。",
        "Away: x@example.com. Nobody stands in, so it comes here.",
    ),
    (
        {"why": (Why.MATCHED, Why.NO_OWNER, Why.FALLBACK)},
        "担当者が決まっていないお客様のため、こちらにお知らせします。",
        "This customer has no owner, so it comes here.",
    ),
    (
        {"why": (Why.FALLBACK,)},
        "通知先の決まっていないお知らせのため、こちらにお届けします。",
        "No route takes this, so it comes here.",
    ),
    (
        {"why": (Why.FALLBACK,), "escalated_from": "見本 担当者"},
        "対応が確認できないまま期限を過ぎたため、お知らせします（最初のお知らせ先：見本 担当者）。",
        "Nobody took this up in time, so it comes to you (first told: 見本 担当者).",
    ),
    (
        {"deeds": (Deed(action=Action.USEFUL, by="a", at=1), Deed(action=Action.ACKNOWLEDGE, by=OWNER, at=2))},
        "見本 担当者さんが担当しています。",
        "見本 担当者 has taken this on.",
    ),
    (
        {"snoozed_until": TOMORROW},
        "6月2日(火) 09:30までお知らせを止めています。",
        "Quiet until Tue 2 Jun 09:30.",
    ),
    ({"snoozed_until": MORNING}, "", ""),
    ({"again": (MORNING + MINUTE,)}, "本日2回目の動きです。", "Seen 2 times today."),
]


@pytest.mark.parametrize(("changes", "japanese", "english"), NOTES, ids=map(str, range(len(NOTES))))
def test_a_line_under_the_heading_for_what_changes_how_to_act(changes, japanese, english):
    sent, in_tokyo = message(CHURN[JA], **changes), replace(owner(JA), language=EN)

    assert japanese == "".join(notes(sent))
    assert english == "".join(notes(sent, reader=in_tokyo))


def test_an_owner_who_is_in_no_settings_is_named():
    sent = message(replace(CHURN[JA], **UNKNOWN), why=(Why.MATCHED, Why.UNKNOWN_OWNER))

    assert ("担当のshinjin@example.co.jpさんは通知の設定に登録がなく、勤務時間と不在が分かりません。",) == notes(sent)


def test_a_possible_repeat_says_so_first():
    again = told(parcel(Kind.ALERT, message(CHURN[JA], why=AWAY, absent=(OWNER,)), repeat=True)).notes

    assert "送信の途中で中断したため、同じお知らせが二度届いている可能性があります。" == again[0]
    assert 3 == len(again)


def test_who_was_contacted_need_not_be_contacted():
    sent = message(CHURN[JA], contacted_at=MORNING + MINUTE)

    assert ("6月1日(月) 10:01にお客様へ連絡済みです。",) == whole(sent).notes


DAY_BEGINS = MORNING - 10 * HOUR  # 2026-06-01 in Tokyo
NEW_YEAR = 20_453 * DAY + 15 * HOUR  # 2026-01-01 in Tokyo
COUNTED = [
    ("Asia/Tokyo", DAY_BEGINS + MINUTE, (0, MINUTE), 2),
    ("Asia/Tokyo", DAY_BEGINS + MINUTE, (-SECOND, MINUTE), None),
    ("Asia/Tokyo", DAY_BEGINS - SECOND, (-DAY, -HOUR, -SECOND, 0), 3),
    ("Europe/London", DAY_BEGINS + MINUTE, (-SECOND, 0, MINUTE), 3),
    ("America/New_York", DAY_BEGINS + 14 * HOUR, (0, 12 * HOUR, 14 * HOUR), None),
    ("America/New_York", DAY_BEGINS + 14 * HOUR, (0, 13 * HOUR, 14 * HOUR), 2),
    ("Asia/Tokyo", NEW_YEAR + MINUTE, (NEW_YEAR - DAY_BEGINS - SECOND, NEW_YEAR - DAY_BEGINS), None),
    ("UTC", NEW_YEAR + MINUTE, (NEW_YEAR - DAY_BEGINS - SECOND, NEW_YEAR - DAY_BEGINS), 2),
]


@pytest.mark.parametrize(("zone", "now", "moments", "expected"), COUNTED, ids=map(str, range(len(COUNTED))))
def test_today_is_the_day_of_the_reader(zone, now, moments, expected):
    """One of the moments is the alert's, the others were held back."""
    first, *again = (DAY_BEGINS + moment for moment in moments)
    sent = message(replace(CHURN[JA], occurred_at=first), again=tuple(again))
    reader = replace(owner(JA), hours=Calendar(Hours(timezone=zone)))
    said = [note for note in notes(sent, reader=reader, now=now) if "本日" in note]

    assert ([] if expected is None else [f"本日{expected}回目の動きです。"]) == said


class TestWhoAndWhat:
    @pytest.mark.parametrize(
        ("alerts", "leading"),
        [
            ([(Intent.BUDGET, Severity.MEDIUM, 0), (Intent.BUDGET, Severity.MEDIUM, 1)], 1),
            ([(Intent.BUDGET, Severity.MEDIUM, 0), (Intent.BUDGET, Severity.LOW, 1)], 0),
            ([(Intent.BUDGET, Severity.LOW, 0), (Intent.BUDGET, Severity.HIGH, 1)], 1),
            ([(Intent.CHURN, Severity.LOW, 0), (Intent.BUDGET, Severity.HIGH, 1)], 0),
        ],
    )
    def test_the_heading_is_the_most_severe_ones(self, alerts, leading):
        told_of = [published(intent, after=n * MINUTE, severity=severity) for intent, severity, n in alerts]

        assert told_of[leading].alert_id == whole(message(*told_of)).message.ids.alert_id

    def test_all_pages_of_the_person_are_there_once(self):
        first, second = published(Intent.BUDGET), published(Intent.CHURN, after=HOUR)
        both = replace(second, evidence=(*second.evidence, *first.evidence))
        said = whole(message(first, both))

        assert [("6月1日(月) 11:00", "解約手続き「解約のお手続き」"), ("6月1日(月) 10:00", "料金「料金プラン」")] == [
            (seen.when, seen.what) for seen in said.message.seen
        ]
        assert ("", ()) == (said.also_title, said.also)

    def test_further_people_of_the_account_are_named_with_their_pages(self):
        japanese, english = (whole(two_people(language), language, after=2 * HOUR) for language in (JA, EN))

        assert ("同じ会社のほかの方", ("見本 利用者 様（c-1042）：6月1日(月) 10:00 料金「料金プラン」",)) == (
            japanese.also_title,
            japanese.also,
        )
        assert ("Sample Customer (c-1042): Mon 1 Jun 10:00 Pricing “Plans and prices”",) == english.also
        assert "本日3回目の動きです。" in japanese.notes
        assert "Seen 3 times today." in english.notes

    def test_of_many_people_some_are_counted(self):
        others = [by_colleague(Intent.BUDGET, after=n * MINUTE) for n in range(8)]
        named = [replace(one, customer_id=f"c-{n}") for n, one in enumerate(others)]

        also = whole(message(CHURN[JA], *named)).also

        assert (6, "ほか3名") == (len(also), also[-1])


class TestDraft:
    @pytest.mark.parametrize(
        ("reader", "person", "signed"),
        [
            (owner(JA), "dairi@example.co.jp", "見本 担当者\ntantou@example.co.jp"),
            (channel(JA), "dairi@example.co.jp", "見本 代理\ndairi@example.co.jp"),
            (channel(JA), "", "見本 担当者\ntantou@example.co.jp"),
        ],
    )
    def test_is_signed_by_the_reader_else_by_who_is_mentioned_else_by_the_owner(self, reader, person, signed):
        assert whole(message(CHURN[JA], person=person), reader=reader).message.draft.body.endswith(f"\n{signed}")

    def test_the_owner_is_found_however_the_address_is_written(self):
        shouted = replace(CHURN[JA].customer, owner="TANTOU@example.co.jp")
        facts = {fact.label: fact.text for fact in whole(message(replace(CHURN[JA], customer=shouted))).message.who}

        assert "見本 担当者（TANTOU@example.co.jp）" == facts["担当"]

    def test_somebody_without_a_name_is_called_by_address(self):
        people = {OWNER: Person(email=OWNER)}

        assert ("担当のtantou@example.co.jpさんが不在のため、代わりにお知らせします。",) == notes(
            message(CHURN[JA], why=AWAY, absent=(OWNER,)), people=people
        )


class TestButtons:
    def test_all_with_their_words(self):
        japanese, english = (
            [button.label for button in whole(message(CHURN[language]), language).buttons] for language in (JA, EN)
        )

        assert ["担当します", "次の営業日に再通知", "このお知らせはどうでしたか", "CRMで開く"] == japanese
        assert ["I'll take it", "Remind me next workday", "How was this alert?", "Open in CRM"] == english

    def test_the_menu_says_what_an_alert_can_be(self):
        japanese, english = (
            [choice.label for button in whole(message(CHURN[language]), language).buttons for choice in button.choices]
            for language in (JA, EN)
        )

        assert ["役に立った", "役に立たなかった", "まだ早かった"] == japanese
        assert ["Useful", "Not useful", "Too early"] == english

    def test_only_the_link_has_an_address(self):
        by_button = {button.button: button.url for button in whole(message(CHURN[JA])).buttons}

        assert "https://crm.example.com/accounts/a-0007" == by_button.pop(Button.OPEN)
        assert {""} == set(by_button.values())

    def test_nobody_takes_what_is_taken(self):
        taken = message(CHURN[JA], deeds=(Deed(action=Action.ACKNOWLEDGE, by="", at=1),))

        assert [Button.SNOOZE, Button.VERDICT, Button.OPEN] == [button.button for button in whole(taken).buttons]

    @pytest.mark.parametrize("templates", [LinkTemplates(), LinkTemplates(history="https://crm.example.com/h")])
    def test_without_a_record_there_is_nothing_to_open(self, templates):
        assert Button.OPEN not in [
            button.button for button in whole(message(CHURN[JA]), link_templates=templates).buttons
        ]


@pytest.mark.parametrize(
    ("kind", "sink", "place", "expected"),
    [
        (Kind.ALERT, Sink.SLACK, None, Whole),
        (Kind.UPDATE, Sink.SLACK, None, Whole),
        (Kind.UPDATE, Sink.SLACK, SHARED, Note),
        (Kind.RAISE, Sink.SLACK, None, Note),
        (Kind.RAISE, Sink.SALESFORCE, None, Whole),
        (Kind.ADD, Sink.HUBSPOT, None, Whole),
    ],
)
def test_what_has_no_thread_is_told_whole(kind, sink, place, expected):
    assert expected is type(told(parcel(kind, message(CHURN[JA]), target=Target(sink=sink), place=place)))


def test_mentions_are_those_of_the_routing():
    assert ("U1",) == whole(message(CHURN[JA], mentions=("U1",)), kind=Kind.UPDATE).mentions
