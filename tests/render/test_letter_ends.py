"""What holds no more is told as such: another reading, the end of an alert; and what is of no customer."""

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import ResolvedReason
from stream_app.core.events import HOUR
from stream_app.core.language import Language
from stream_app.core.notify.ends import End
from stream_app.core.notify.parcels import Kind
from stream_app.core.routing import Why
from stream_app.render.catalogue import catalogue
from stream_app.render.letters import Button
from stream_app.render.plain_letters import plain_letter
from tests.render import cases
from tests.render.cases import THREAD, message, on_its_topic, parcel
from tests.render.found import found
from tests.render.samples import MORNING

JA, EN = Language.JA, Language.EN
LISTS = (Kind.BUNDLE, Kind.DIGEST)


class TestAnotherReading:
    @pytest.mark.parametrize("kind", [Kind.UPDATE, Kind.RAISE, Kind.ADD])
    def test_says_what_was_thought_before(self, kind):
        letter = cases.told(replace(cases.read_anew(JA), kind=kind))

        assert "見立てが変わりました。これまで：予算の見直し" in plain_letter(letter)

    def test_shows_what_holds_now_alone(self):
        message = cases.told(cases.read_anew(JA)).message

        assert "離れる準備" in message.readings[0]
        assert "請求書" not in "".join(each.what for each in message.seen)

    @pytest.mark.parametrize("kind", [Kind.ALERT, Kind.REMIND, Kind.RAISE, Kind.BUNDLE, Kind.DIGEST])
    def test_what_was_thought_before_leads_nothing(self, kind):
        """Not even where it was about churn, which goes before all that holds."""
        churn, budget = (on_its_topic(found(one)) for one in ("churn.leaving-prepared", "budget.review"))
        case = message(
            churn, replace(budget, supersedes=churn.alert_id), ends=(End(alert_id=churn.alert_id, by="b", at=MORNING),)
        )
        first, *rest = plain_letter(cases.told(parcel(kind, *[case] * 7 if kind in LISTS else [case]))).splitlines()

        assert "解約" not in first
        assert [] == [line for line in rest if "解約リスク" in line or "データの書き出し" in line]

    def test_what_is_not_kept_is_not_named(self):
        sent = cases.read_anew(EN)
        (case,) = sent.messages
        _, later = case.alerts
        without = replace(case, alerts=(later,), ids=("budget-1",))

        assert "differently now than at first" in plain_letter(cases.told(replace(sent, messages=(without,)), EN))
        never = replace(without, ids=())
        assert "read it differently" not in plain_letter(cases.told(replace(sent, messages=(never,)), EN))


class TestTheEnd:
    @pytest.mark.parametrize("language", Language)
    @pytest.mark.parametrize("reason", ResolvedReason)
    def test_is_said_with_its_reason(self, reason, language):
        letter = cases.told(parcel(Kind.UPDATE, cases.over(language, reason, reason), place=THREAD), language)

        assert catalogue(language).over[reason] in letter.notes[0]
        assert letter.message.heading.startswith({JA: "（終了）", EN: "(over) "}[language])

    def test_leaves_nothing_to_take(self):
        letter = cases.told(parcel(Kind.UPDATE, cases.over(JA, ResolvedReason.SOLVED, ResolvedReason.SOLVED)))

        assert (Button.VERDICT, Button.OPEN) == tuple(each.button for each in letter.buttons)
        assert [] == [note for note in letter.notes if "お客様への連絡" in note]

    def test_of_one_leaves_the_other(self):
        letter = cases.told(parcel(Kind.UPDATE, cases.over(JA, ResolvedReason.RENEWAL)))

        assert "終了：費用対効果への疑問（購入または更新がありました）" == letter.notes[0]
        assert "support.complaint" == letter.message.ids.rule_id
        assert Button.ACKNOWLEDGE in {each.button for each in letter.buttons}

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"solved_at": MORNING + HOUR}, "このお知らせは終了しました（解決しました）。"),
            ({"overtaken": True}, "この件は、別のお知らせに引き継ぎました。"),
            (
                {"ends": (End(alert_id="churn.silent-1", by="x", at=MORNING),)},
                "この件は、別のお知らせに引き継ぎました。",
            ),
        ],
    )
    def test_comes_in_other_ways_too(self, changes, expected):
        case = message(on_its_topic(found("churn.silent")), **changes)

        assert expected == cases.told(parcel(Kind.UPDATE, case, place=THREAD)).notes[0]


class TestTheSite:
    def test_is_no_customer(self):
        letter = cases.told(parcel(Kind.ALERT, message(on_its_topic(found("ops.tracking-outage")))))

        assert "【要対応・計測停止リスク】サイト全体" == letter.message.heading
        assert ((), None, ()) == (letter.message.who, letter.message.draft, letter.message.links)
        assert "■ お客様" not in plain_letter(letter)

    @pytest.mark.parametrize("kind", Kind)
    def test_nobody_is_to_be_contacted(self, kind):
        case = message(on_its_topic(found("ops.tracking-outage")), why=(Why.MATCHED, Why.NO_OWNER), account="")
        said = plain_letter(cases.told(parcel(kind, case, new=case.alerts), after=2 * HOUR))

        assert [] == [
            word for word in ("お客様への連絡：", "担当者が決まっていない", "登録なし", "顧客ID") if word in said
        ]
