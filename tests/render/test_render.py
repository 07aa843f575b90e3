"""One alert, told: what is known is said, what is not known reads well, and nothing hostile gets anywhere."""

from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import Evidence, Intent, Polarity, Severity
from stream_app.core.events import DAY, HOUR, MINUTE, SECOND, Profile, Tier
from stream_app.core.language import Language
from stream_app.playbooks import load_playbooks
from stream_app.render import Fact, LinkTemplates, Sender, plain, render
from tests.render.samples import CUSTOMERS, LINKS, MORNING, SENDERS, TOKYO, alert_of

JA, EN = Language.JA, Language.EN
BOOKS = load_playbooks()


def told(alert, language=JA, *, zone=TOKYO, now=MORNING + 5 * MINUTE, **others):
    return render(alert, language=language, zone=zone, now=now, playbooks=BOOKS, **others)


def churn(**changes):
    """Return the churn alert with these changes to the customer's profile."""
    return replace(alert_of(Intent.CHURN), customer=replace(CUSTOMERS[JA], **changes))


def fact(message, label):
    return next((each.text for each in message.who if each.label == label), None)


class TestHeading:
    def test_names_urgency_kind_and_customer(self):
        alert = alert_of(Intent.CHURN)

        assert "【要対応・解約リスク】株式会社サンプル 見本 利用者 様" == told(alert).heading
        assert "[Action needed: churn risk] 株式会社サンプル, 見本 利用者" == told(alert, EN).heading

    @pytest.mark.parametrize("language", Language)
    @pytest.mark.parametrize("intent", Intent)
    def test_risk_and_chance_differ_by_a_word(self, language, intent):
        alert = alert_of(intent)
        by_polarity = {each: told(replace(alert, polarity=each), language).heading for each in Polarity}
        risk, chance = {JA: ("リスク", "チャンス"), EN: ("risk", "chance")}[language]

        assert {(risk in said, chance in said) for said in by_polarity.values()} == {
            (True, False),
            (False, True),
            (True, True),
        }
        assert risk in by_polarity[Polarity.RISK]
        assert chance in by_polarity[Polarity.CHANCE]

    @pytest.mark.parametrize("language", Language)
    def test_urgencies_differ(self, language):
        alert = alert_of(Intent.CHURN)

        assert 3 == len({told(replace(alert, severity=each), language).heading for each in Severity})

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"name": ""}, "株式会社サンプル"),
            ({"account_name": ""}, "見本 利用者 様"),
            ({"name": "", "account_name": ""}, "c-1042"),
        ],
    )
    def test_who_is_what_is_known(self, changes, expected):
        assert f"【要対応・解約リスク】{expected}" == told(churn(**changes)).heading


class TestWho:
    def test_everything_known(self):
        assert (
            Fact(label="お名前", text="見本 利用者 様（c-1042）"),
            Fact(label="会社", text="株式会社サンプル（a-0007）"),
            Fact(label="担当", text="見本 担当者（tantou@example.co.jp）"),
            Fact(label="対応区分", text="ハイタッチ"),
            Fact(label="プラン", text="team"),
            Fact(label="契約更新日", text="2026年7月15日（あと44日）"),
        ) == told(alert_of(Intent.CHURN), sender=SENDERS[JA]).who

    def test_only_a_name_known(self):
        alert = replace(alert_of(Intent.CHURN), account_id="", customer=Profile(occurred_at=0, name="見本 利用者"))

        assert ("お名前：見本 利用者 様（c-1042）", "担当：未設定です。担当を決めてください") == tuple(
            f"{each.label}：{each.text}" for each in told(alert).who
        )

    def test_nothing_known(self):
        alert = replace(alert_of(Intent.CHURN), account_id="", customer=None)

        assert (
            Fact(label="Name", text="not on file (customer id c-1042)"),
            Fact(label="Owner", text="nobody yet: please choose one"),
        ) == told(alert, EN).who

    def test_who_stands_in_is_not_called_the_owner(self):
        message = told(alert_of(Intent.CHURN), sender=Sender(name="代理", email="dairi@example.co.jp"))

        assert "tantou@example.co.jp" == fact(message, "担当")
        assert message.draft.body.endswith("代理\ndairi@example.co.jp")

    @pytest.mark.parametrize(
        ("tier", "expected"), [(Tier.LOW, "ロータッチ"), (Tier.TECH, "テックタッチ"), (None, None)]
    )
    def test_tier(self, tier, expected):
        assert expected == fact(told(churn(tier=tier)), "対応区分")


MIDNIGHT_IN_TOKYO = 20_605 * DAY + 15 * HOUR  # 2026-06-02 begins
ZONES = [
    ("Asia/Tokyo", -SECOND, "2026-06-01", "2026年6月1日（本日）"),
    ("Asia/Tokyo", 0, "2026-06-01", "2026年6月1日（昨日経過）"),
    ("Asia/Tokyo", 0, "2026-06-03", "2026年6月3日（明日）"),
    ("Europe/London", 0, "2026-06-03", "2026年6月3日（あと2日）"),
    ("America/New_York", 0, "2026-06-01", "2026年6月1日（本日）"),
    ("Pacific/Kiritimati", 0, "2026-06-01", "2026年6月1日（昨日経過）"),
    ("Pacific/Kiritimati", 20 * HOUR, "2026-06-01", "2026年6月1日（2日経過）"),
    ("Pacific/Pago_Pago", 10 * HOUR, "2026-06-01", "2026年6月1日（本日）"),
    ("Europe/London", 0, "2027-06-01", "2027年6月1日（あと365日）"),
    ("Asia/Tokyo", 0, "not a day", None),
    ("Asia/Tokyo", 0, "", None),
]


@pytest.mark.parametrize(("zone", "after", "day", "expected"), ZONES, ids=map(str, range(len(ZONES))))
def test_days_to_renewal_are_counted_from_the_readers_today(zone, after, day, expected):
    message = told(churn(renewal_date=day), zone=ZoneInfo(zone), now=MIDNIGHT_IN_TOKYO + after)

    assert expected == fact(message, "契約更新日")


def seen(*evidence, language=JA, **others):
    alert = replace(alert_of(Intent.SUPPORT), evidence=tuple(evidence))
    message = told(alert, language, **others)
    return [(each.when, each.what, each.where) for each in message.seen], message.more


def view(number, at, url="https://www.example.com/help", category="support", title=""):
    return Evidence(event_id=f"v-{number}", occurred_at=at, category=category, url=url, title=title)


class TestWhatHappened:
    def test_a_page_is_told_once_with_its_last_times_and_how_often(self):
        views = [view(n, MORNING - DAY + n * 7 * HOUR, title="書き出し") for n in range(4)]

        assert (
            [("5月31日(日) 17:00、6月1日(月) 00:00、07:00（4回）", "ヘルプ「書き出し」", "www.example.com/help")],
            "",
        ) == seen(*views)

    def test_newest_first_and_the_rest_counted(self):
        views = [view(n, MORNING + n * MINUTE, f"https://www.example.com/help/{n}") for n in range(7)]
        lines, more = seen(*views, language=EN)

        assert [f"www.example.com/help/{n}" for n in (6, 5, 4, 3, 2)] == [where for *_, where in lines]
        assert "2 more" == more

    def test_times_are_the_readers(self):
        assert [("Sun 31 May 21:00", "Help", "www.example.com/help")] == seen(
            view(0, MORNING), language=EN, zone=ZoneInfo("America/New_York")
        )[0]

    def test_another_year_is_named(self):
        assert "2025年6月1日(日) 10:00" == seen(view(0, MORNING - 365 * DAY))[0][0][0]

    def test_query_is_not_shown_and_japanese_paths_are_read(self):
        url = "https://u:p@www.example.com/%E8%A7%A3%E7%B4%84?utm_source=x&plan=team#f"

        assert "www.example.com/解約" == seen(view(0, MORNING, url, "cancellation"))[0][0][2]

    @pytest.mark.parametrize(
        ("amount", "expected"),
        [
            ("29800", "29,800 JPY"),
            ("1234.50", "1,234.50 JPY"),
            ("1E+999999999", "1E+999999999 JPY"),
            ("NaN", "NaN JPY"),
        ],
    )
    def test_purchase(self, amount, expected):
        bought = Evidence(
            event_id="p", occurred_at=MORNING, category="completed", amount=amount, currency="JPY", plan="team"
        )

        assert [("6月1日(月) 10:00", "購入「team」", expected)] == seen(bought)[0]

    def test_an_unknown_rule_is_told_in_its_own_words(self):
        message = told(replace(alert_of(Intent.CHURN), rule_id="churn.of-tomorrow", reason="New.\nReason"))

        assert ("New. Reason", "") == (message.happened, message.how_sure)

    def test_zone_is_named(self):
        alert = alert_of(Intent.CHURN)

        assert ("何があったか（時刻は日本時間）", "何があったか（時刻はEurope/London）") == tuple(
            told(alert, zone=ZoneInfo(zone)).titles.happened for zone in ("Asia/Tokyo", "Europe/London")
        )


class TestDraft:
    @pytest.mark.parametrize(
        ("tag", "reader", "expected"),
        [("", JA, JA), ("", EN, EN), ("en", JA, EN), ("ja-JP", EN, JA), ("EN_gb", JA, EN), ("de", JA, EN)],
    )
    def test_is_in_the_customers_language(self, tag, reader, expected):
        assert expected == told(churn(language=tag), reader).draft.language

    def test_another_language_than_the_readers_is_said(self):
        assert "英語" in told(churn(language="en")).titles.draft
        assert "in Japanese" in told(churn(language="ja"), EN).titles.draft

    def test_nobody_known_reads_well(self):
        alert = replace(alert_of(Intent.CHURN), customer=None)

        assert told(alert).draft.body.startswith(
            "ご担当者様\n\nいつもお世話になっております。カスタマーサクセス担当の［担当者名］です。"
        )
        assert told(alert).draft.body.endswith("よろしくお願いいたします。\n\n［担当者名］")
        assert told(alert, EN).draft.body.startswith("Hello there,\n\n")


class TestLinks:
    def test_ids_stay_one_part_of_the_address(self):
        alert = replace(alert_of(Intent.CHURN), customer_id="a/../b?x=1&y#z {account_id}", account_id="会社")

        assert [
            "https://crm.example.com/accounts/%E4%BC%9A%E7%A4%BE",
            "https://crm.example.com/history/a%2F..%2Fb%3Fx%3D1%26y%23z%20%7Baccount_id%7D",
        ] == [link.url for link in told(alert, link_templates=LINKS).links]

    @pytest.mark.parametrize("account_id", ["", ".", "..", "x" * 257])
    def test_without_a_sound_id_there_is_no_link(self, account_id):
        alert = replace(churn(account_id=""), account_id=account_id)

        assert ["これまでの経緯"] == [link.label for link in told(alert, link_templates=LINKS).links]

    @pytest.mark.parametrize(
        "template",
        [
            "javascript:alert(1)",
            "https://{account_id}/",
            "https://crm.example.com/{name}",
            "https://x.example/{",
            "ftp://x",
        ],
    )
    def test_a_bad_template_is_refused(self, template):
        with pytest.raises(ValueError, match=r"must begin with|may hold"):
            LinkTemplates(crm=template)


def test_a_whole_message_without_a_profile_has_no_empty_part():
    alert = replace(alert_of(Intent.CHURN), account_id="", customer=None, rule_id="x", reason="", evidence=())
    lines = plain(told(alert)).splitlines()

    assert [] == [line for line, after in pairwise(lines) if line.startswith("■") and not after]
    assert "■ リンク" not in lines
