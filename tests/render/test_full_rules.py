"""What the full rules find, told: readings, standing and what they rest on."""

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import Cell, Reading, Standing, Weighed
from stream_app.core.events import DAY, MINUTE, InteractionKind, PurchaseKind, Tier
from stream_app.core.language import Language
from stream_app.core.notify.parcels import Kind
from stream_app.core.pages import PageCategory
from stream_app.core.readings import Sign
from stream_app.playbooks import BOOK_OF
from stream_app.render import plain, render
from stream_app.render.catalogue import catalogue
from stream_app.render.plain_letters import plain_letter
from tests.render import cases
from tests.render.cases import BOOKS, message, on_its_topic, parcel
from tests.render.found import RULES, found
from tests.render.samples import MORNING, SENDERS, STARTS, ZONES

JA, EN = Language.JA, Language.EN


def told(alert, language=JA):
    return render(
        alert,
        language=language,
        zone=ZONES[language],
        now=STARTS[language] + 5 * MINUTE,
        playbooks=BOOKS,
        sender=SENDERS[language],
    )


def with_standing(language=JA, **fields):
    """Return the facts of a message about a customer who stands so."""
    known = told(replace(found("loyalty.became-loyal", language), standing=Standing(**fields)), language).who
    return {each.label: each.text for each in known}


class TestEveryRule:
    @pytest.mark.parametrize("language", Language)
    @pytest.mark.parametrize("rule_id", RULES)
    def test_has_words_of_its_own(self, rule_id, language):
        message = told(found(rule_id, language), language)

        assert catalogue(language).happened[rule_id] == message.happened
        assert message.how_sure

    @pytest.mark.parametrize("language", Language)
    def test_no_two_say_the_same(self, language):
        said = catalogue(language).happened
        twins = {"support.lost", "support.repeated-help"}  # of the two sets: never asked together

        assert len(BOOK_OF.keys() - twins) == len({said[rule_id] for rule_id in BOOK_OF.keys() - twins})

    @pytest.mark.parametrize(
        ("rule_id", "onboarding", "expected"),
        [
            ("support.complaint", False, "【要対応・つまずきリスク：苦情】"),
            ("churn.silent", False, "【早めに連絡・解約リスク：利用の減少】"),
            ("support.trying", False, "【様子伺い・つまずきチャンス：新機能の設定】"),
            ("support.trying", True, "【様子伺い・つまずきチャンス：最初の一歩】"),
            ("budget.review", False, "【早めに連絡・予算見直し（リスクかチャンスかは要確認）】"),
        ],
    )
    def test_is_told_apart_in_its_heading(self, rule_id, onboarding, expected):
        assert expected == told(found(rule_id, onboarding=onboarding)).heading.partition("】")[0] + "】"

    def test_who_is_new_is_told_with_the_first_steps(self):
        message = told(found("support.lost", onboarding=True))

        assert "始めたばかりのお客様です。最初の一歩を案内しましょう" == message.headline
        assert "導入初期" in {each.text for each in message.who}


class TestReadings:
    def test_the_leading_one_its_runner_up_and_the_rest_each_with_what_speaks_for_it(self):
        assert (
            "最有力：費用対効果への疑問 62%（手がかり：利用が減っている、ヘルプの利用が増えている、"
            "未解決の苦情がある、ヘルプ）",
            "次点：予算の見直し 27%（手がかり：請求書、決算期末が近い）",
            "ほか：上位プランの検討 11%（手がかり：プラン比較）",
        ) == told(found("budget.value-doubt")).readings

    def test_what_nothing_speaks_for_is_left_out(self):
        sure = Weighed(reading=Reading.BUDGET, confidence=1.0, because=())
        none = Weighed(reading=Reading.UPGRADE, confidence=0.0, because=())
        alert = replace(found("budget.review", EN), readings=(sure, none))

        assert ("Leading: review of the budget 100%",) == told(alert, EN).readings

    @pytest.mark.parametrize("language", Language)
    @pytest.mark.parametrize("sign", [*PageCategory, *sorted(Sign)])
    def test_everything_that_may_speak_for_one_has_a_word(self, sign, language):
        alert = replace(
            found("budget.review", language),
            readings=(Weighed(reading=Reading.BUDGET, confidence=0.5, because=(sign,)),),
        )
        words = catalogue(language)
        word = words.sign[sign] if sign in Sign else words.seen[sign]

        assert word != sign
        assert word in told(alert, language).readings[0]

    def test_a_share_is_not_called_a_probability(self):
        said = plain(told(found("budget.value-doubt")))

        assert "当たる確率ではありません" in said
        assert "確率ではありません" not in plain(told(found("churn.silent")))

    def test_a_list_has_the_leading_one(self):
        case = message(on_its_topic(found("budget.value-doubt")))
        lines = cases.told(parcel(Kind.DIGEST, case)).top[0].lines

        assert 1 == sum("費用対効果への疑問 62%" in line for line in lines)
        assert 0 == sum("予算の見直し 27%" in line for line in lines)


CELLS = [
    (Cell.LEAVING, "離脱候補者"),
    (Cell.ALMOST_LOYAL, "ロイヤルカスタマー候補者"),
    (Cell.LOYAL, "ロイヤルカスタマー"),
    (Cell.UNCOOPERATIVE, "非協力者"),
    (Cell.ORDINARY, "一般顧客"),
    (Cell.FAN, "広報担当者（ファン）"),
]


class TestStanding:
    @pytest.mark.parametrize(("cell", "expected"), CELLS, ids=[name for _, name in CELLS])
    def test_cell(self, cell, expected):
        assert expected == with_standing(cell=cell)["顧客の位置づけ"]

    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            (Cell.ALMOST_LOYAL, Cell.LEAVING, "almost loyal → about to leave"),
            (Cell.LOYAL, None, "loyal → not known"),
        ],
    )
    def test_a_move_names_both(self, before, after, expected):
        assert expected == with_standing(EN, moved_from=before, cell=after)["Standing"]

    @pytest.mark.parametrize(
        ("amount", "currency", "expected"),
        [
            ("14800", "JPY", "14,800 JPY"),
            ("1234567.3333333333333", "USD", "1,234,567 USD"),
            ("-50000", "EUR", "-50,000 EUR"),
            ("1E+999999999", "JPY", "1E+999999999 JPY"),
        ],
    )
    def test_lifetime_value_in_whole_units(self, amount, currency, expected):
        assert expected == with_standing(EN, lifetime_value=amount, currency=currency)["Lifetime value"]

    @pytest.mark.parametrize(
        ("score", "expected"),
        [
            (0, "0（批判者）"),
            (6, "6（批判者）"),
            (7, "7（中立者）"),
            (8, "8（中立者）"),
            (9, "9（推奨者）"),
            (10, "10（推奨者）"),
        ],
    )
    def test_nps(self, score, expected):
        assert expected == with_standing(nps=score)["NPS"]

    def test_buying_and_tier(self):
        assert ("キャンペーンのときだけ購入", "ハイタッチ") == tuple(
            with_standing(campaign_only=True, proposed_tier=Tier.HIGH)[label]
            for label in ("購入の傾向", "対応区分の提案")
        )

    def test_what_is_not_known_is_not_said(self):
        nothing_known = replace(found("churn.silent"), standing=None)

        assert told(nothing_known).who == told(replace(nothing_known, standing=Standing())).who
        assert set() == {each.label for each in told(nothing_known).who} & {
            "NPS",
            "顧客の位置づけ",
            "LTV（顧客生涯価値）",
        }

    @pytest.mark.parametrize("kind", [Kind.ALERT, Kind.DIGEST])
    def test_a_contact_of_late_is_said(self, kind):
        alert = replace(on_its_topic(found("churn.silent")), standing=Standing(contacted_at=MORNING - 4 * DAY))

        assert "5月28日(木) 10:00にお客様へ連絡済みです。" in plain_letter(cases.told(parcel(kind, message(alert))))


class TestEvidence:
    @pytest.mark.parametrize("language", Language)
    @pytest.mark.parametrize("kind", [*InteractionKind, *PageCategory, *PurchaseKind])
    def test_every_kind_has_a_word(self, kind, language):
        alert = found("support.complaint", language)
        seen = told(replace(alert, evidence=(replace(alert.evidence[0], category=kind),)), language).seen

        assert catalogue(language).seen[kind] == seen[0].what.partition("「")[0].partition(" “")[0]

    def test_an_answer_names_its_causes(self):
        assert "NPSの回答「3 (support -3, billing -1)」" == told(found("churn.detractor")).seen[0].what

    def test_two_answers_are_two_lines(self):
        alert = found("churn.detractor")
        first, second = alert.evidence[0], replace(alert.evidence[0], event_id="e-2", title="9")

        assert 2 == len(told(replace(alert, evidence=(first, second))).seen)

    def test_without_any_the_time_is_said(self):
        assert [("6月1日(月) 10:00", "この時点での判定")] == [
            (each.when, each.what) for each in told(found("churn.no-habit")).seen
        ]

    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("https://www.example.com/faq/export?id=7", "Read before: www.example.com/faq/export"),
            ("", ""),
            ("http://[", ""),
        ],
    )
    def test_what_was_read_before(self, url, expected):
        message = told(replace(found("budget.review", EN), preceded_by=url), EN)

        assert expected == message.read_before
        assert bool(expected) is ("Read before" in plain(message))
