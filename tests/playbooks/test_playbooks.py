"""Playbooks: what ships is complete, own files take its place, and what is wrong is refused in words."""

import pytest

from stream_app.cli import main
from stream_app.core.alerts import Intent
from stream_app.core.language import Language
from stream_app.playbooks import BOOK_OF, Book, PlaybookError, book_of, file_names, load_playbooks, playbook_files
from stream_app.playbooks.names import IN_ONBOARDING, told_with
from stream_app.playbooks.placeholders import fill, filled_lines, placeholders
from tests.playbooks.samples import GOOD, RULE_IDS

EVERY = [(book, language) for book in Book for language in Language]
TO_CUSTOMERS = [book for book in Book if book is not Book.OPS]


@pytest.fixture
def refusal(tmp_path):
    """Return what is said of this text as churn.ja.toml, without the folder."""

    def refused(text, name="churn.ja.toml"):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(PlaybookError) as caught:
            load_playbooks(tmp_path)
        return str(caught.value).replace(f"{tmp_path}/", "")

    return refused


class TestWhatShips:
    def test_there_is_one_for_each_name_and_language(self):
        assert EVERY == list(load_playbooks())

    @pytest.mark.parametrize(("name", "language"), EVERY)
    def test_it_reads_as_a_possibility_and_has_a_sentence_per_rule(self, name, language):
        book = load_playbooks()[name, language]
        possible = {Language.JA: "可能性があります", Language.EN: " may "}[language]

        assert possible in book.meaning
        assert set(told_with(name)) == set(book.how_sure)

    @pytest.mark.parametrize(("name", "language"), EVERY)
    def test_its_questions_are_questions(self, name, language):
        ends = {Language.JA: "か」", Language.EN: '?"'}[language]

        assert [] == [one.ask for one in load_playbooks()[name, language].options if not one.ask.endswith(ends)]

    def test_the_three_causes_of_leaving_have_their_answers_an_honest_downgrade_among_them(self):
        books = load_playbooks()
        japanese, english = (books[Intent.CHURN, language].options for language in (Language.JA, Language.EN))

        assert ["機能に不満がある", "使いこなせていない", "他社サービスに関心がある"] == [one.case for one in japanese]
        assert ["Dissatisfied with a function", "Cannot make use of it", "Looking at a competitor"] == [
            one.case for one in english
        ]
        assert "下位プランへの変更をこちらから提案" in japanese[1].answer
        assert "suggest the smaller one yourself" in english[1].answer

    @pytest.mark.parametrize("name", TO_CUSTOMERS)
    def test_japanese_drafts_are_polite_and_address_the_company(self, name):
        body = load_playbooks()[name, Language.JA].draft.body

        assert body.startswith("{company}\n{customer_name}様\n\nいつもお世話になっております。")
        assert "貴社" in body

    @pytest.mark.parametrize("language", Language)
    @pytest.mark.parametrize("name", TO_CUSTOMERS)
    def test_drafts_name_the_customer_and_who_writes(self, name, language):
        used = placeholders(load_playbooks()[name, language].draft.body)

        assert {"customer_name", "owner_name", "owner_email"} <= set(used)


class TestWhichOne:
    def test_everything_that_is_told_has_one(self):
        assert RULE_IDS == set(BOOK_OF)

    def test_every_one_is_told_with(self):
        assert [] == [book for book in Book if not told_with(book)]

    @pytest.mark.parametrize(
        ("rule_id", "intent", "expected"),
        [
            ("churn.cancellation-page", Intent.CHURN, Book.CHURN),
            ("budget.value-doubt", Intent.BUDGET, Book.DOUBT),
            ("support.complaint-reopened", Intent.SUPPORT, Book.COMPLAINT),
            ("support.trying", Intent.SUPPORT, Book.SETUP),
            ("loyalty.referral-candidate", Intent.LOYALTY, Book.REFERRAL),
            ("ops.tracking-outage", Intent.OPS, Book.OPS),
            ("loyalty.of-tomorrow", Intent.LOYALTY, Book.LOYALTY),
        ],
    )
    def test_is_the_rules_and_else_the_intents(self, rule_id, intent, expected):
        assert expected is book_of(rule_id, intent)

    def test_who_is_new_is_shown_the_first_steps_where_help_is_what_it_is_about(self):
        told = {rule_id: book_of(rule_id, Intent.SUPPORT, onboarding=True) for rule_id in RULE_IDS}

        assert IN_ONBOARDING == {rule_id for rule_id, book in told.items() if book is Book.FIRST_STEPS}
        assert {"support.faq-did-not-help", "support.trying", "support.lost"} == IN_ONBOARDING


class TestOwnFiles:
    def test_take_the_place_of_those_of_the_same_name(self, tmp_path):
        (tmp_path / "churn.ja.toml").write_text(GOOD, encoding="utf-8")
        (tmp_path / "README.md").write_text("not a playbook")
        own, shipped = load_playbooks(tmp_path), load_playbooks()

        assert "見出し" == own[Intent.CHURN, Language.JA].headline
        assert shipped[Intent.CHURN, Language.EN] == own[Intent.CHURN, Language.EN]
        assert tmp_path / "churn.ja.toml" == playbook_files(tmp_path)["churn.ja.toml"]

    def test_may_come_from_a_windows_editor(self, tmp_path):
        (tmp_path / "churn.ja.toml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())

        assert "\r" not in load_playbooks(tmp_path)[Intent.CHURN, Language.JA].draft.body

    def test_folder_that_is_not_there_is_named(self, tmp_path):
        with pytest.raises(PlaybookError, match=r"nowhere: cannot be read: No such file"):
            load_playbooks(tmp_path / "nowhere")


OPTION = "[[options]]\ncase = '{0}'\nask = 'x'\nanswer = 'x'\n"
REFUSED = [
    (GOOD.replace("headline", "headlin"), "headline: is missing"),
    (GOOD.replace("headline", "headlin"), "headlin: no such key; did you mean headline?"),
    (GOOD.replace("case =", "kase =", 1), "options.0.kase: no such key; did you mean case?"),
    (f"xyzzy = 1\n{GOOD}", "xyzzy: no such key; there are headline, meaning, how_sure, options, draft, case, ask,"),
    (GOOD.replace("見出し", "あ" * 121), "headline: must have at most 120 characters, has 121"),
    (GOOD.replace("手順を示します。", "あ" * 501), "options.0.answer: must have at most 500 characters, has 501"),
    (GOOD.replace('"見出し"', "7"), "headline: Input should be a valid string"),
    (GOOD.replace("見出し", "  "), "headline: must not be empty"),
    (GOOD.replace("見出し", "見\\n出し"), "headline: must be one line"),
    (GOOD.replace("見出し", "見\\u202e出し"), "headline: must not hold characters that cannot be seen"),
    (GOOD.replace("見出し", "{company}"), "headline: must not hold braces: placeholders are for the draft"),
    (GOOD.replace("はっきり", "80％は"), "how_sure.churn.cancellation-page: must not give a number: those that are"),
    (GOOD.replace("はっきり", "八割は"), "how_sure.churn.cancellation-page: must not give a number: those that are"),
    (GOOD.replace("cancellation-page", "cancel"), "how_sure: must have one sentence for each of: churn.cancellation-p"),
    (GOOD.replace("使いこなせていない", "機能に不満がある"), "two options are for the same case"),
    ("options = []\n" + GOOD.replace("[[options]]", "[[how_sure.x]]"), "options: must be two or three"),
    (GOOD + "".join(OPTION.format(number) for number in (3, 4)), "options: must be two or three"),
    (GOOD.replace("{owner_email}", "{url}"), "draft.body: {url} stands for nothing; there are {customer_name}, {comp"),
    (GOOD.replace("{owner_email}", "{0.__class__}"), "draft.body: a brace stands for nothing; there are {customer_na"),
    (GOOD.replace("{owner_email}", "{{owner_email}}"), "draft.body: a brace stands for nothing"),
    (GOOD.replace("振り返り", "{company"), "draft.subject: a brace stands for nothing"),
    (GOOD.partition("[draft]")[0], "draft: is missing"),
    (b"\xff", "is not a TOML file: "),
    ("headline = ", "is not a TOML file: "),
    ("#" * 65_537, "longer than 64 KiB"),
]


@pytest.mark.parametrize(("text", "expected"), REFUSED, ids=map(str, range(len(REFUSED))))
def test_refused_with_file_key_and_what_is_allowed(refusal, text, expected):
    assert f"\nchurn.ja.toml: {expected}" in f"\n{refusal(text)}"


TELLING = [
    "料金ページをご覧になったとのことで",
    "先日はご覧いただき",
    "閲覧ありがとうございます",
    "アクセスいただき",
    "アクセス履歴によると",
    "ページを見て",
    "We noticed your interest",
    "You recently viewed our prices",
    "your recent visit",
    "https://www.example.com/pricing",
    "ｈｔｔｐｓ：//example.com",
]


@pytest.mark.parametrize("telling", TELLING)
def test_a_draft_that_tells_what_was_seen_is_refused(refusal, telling):
    said = refusal(GOOD.replace("{owner_name}です。", telling))

    assert "tells the customer what was seen: a draft has another reason and no links" in said


def test_an_invitation_to_look_at_something_is_no_such_thing(tmp_path):
    text = GOOD.replace("{owner_name}です。", "添付の資料をご覧ください。")
    (tmp_path / "churn.ja.toml").write_text(text, encoding="utf-8")

    assert "ご覧ください" in load_playbooks(tmp_path)[Intent.CHURN, Language.JA].draft.body


def test_a_file_whose_name_means_nothing_is_refused(refusal):
    assert "chrun.ja.toml: no playbook has this name; did you mean churn.ja.toml?" == refusal(GOOD, "chrun.ja.toml")
    assert refusal(GOOD, "zzz.toml").endswith(
        f"zzz.toml: no playbook has this name; there are {', '.join(file_names())}"
    )


def test_of_the_whole_site_nothing_is_written_to_a_customer(refusal):
    said = refusal(GOOD.replace('"churn.leaving-prepared"', '"ops.tracking-outage"'), "ops.ja.toml")

    assert "ops.ja.toml: how_sure: must have one sentence for each of: ops.tracking-outage" in said
    only = GOOD.replace('"churn.leaving-prepared"', '"ops.tracking-outage"').replace(
        '"churn.cancellation-page" = "はっきりしません。"\n', ""
    )
    assert "ops.ja.toml: draft: there is no customer to write to" == refusal(only, "ops.ja.toml")


def test_all_files_that_are_wrong_are_named_at_once(refusal, tmp_path):
    (tmp_path / "budget.en.toml").write_text("")

    said = refusal(GOOD.replace("見出し", ""))
    assert {"budget.en.toml", "churn.ja.toml"} == {line.partition(":")[0] for line in said.splitlines()}


class TestPlaceholders:
    def test_values_are_never_read_again(self):
        assert "{b} x" == fill("{a} {b}", {"a": "{b}", "b": "x"})

    def test_a_line_with_nothing_to_say_goes_and_empty_lines_stay(self):
        assert ["", "x"] == list(filled_lines("{a}\n\n{b}{a}", {"a": "", "b": "x"}))


class TestCommands:
    @pytest.fixture(autouse=True)
    def _nowhere(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)

    def test_check_says_where_each_comes_from(self, tmp_path, capsys):
        (tmp_path / "own").mkdir()
        (tmp_path / "own" / "churn.ja.toml").write_text(GOOD, encoding="utf-8")

        assert main(["playbooks", "check", "--folder", "own"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [
            "ok    churn.ja.toml        own/churn.ja.toml",
            "ok    churn.en.toml        as it ships",
        ] == lines[:2]
        assert len(EVERY) == len(lines)

    @pytest.mark.parametrize("command", [["check"], ["show", "churn"]])
    def test_what_is_wrong_ends_with_2(self, tmp_path, capsys, command):
        (tmp_path / "churn.ja.toml").write_text("headline = 1")

        assert main(["playbooks", *command, "--folder", "."]) == 2
        out, err = capsys.readouterr()
        assert ("", True) == (out, err.startswith("churn.ja.toml: headline: Input should be a valid string\n"))

    def test_the_folder_of_the_settings_is_used(self, tmp_path, capsys):
        (tmp_path / "churn.ja.toml").write_text(GOOD, encoding="utf-8")
        (tmp_path / "stream-app.toml").write_text('playbooks = "own"')
        (tmp_path / "own").mkdir()
        (tmp_path / "churn.ja.toml").rename(tmp_path / "own" / "churn.ja.toml")

        assert main(["playbooks", "show", "churn"]) == 0
        assert capsys.readouterr().out.startswith("見出し\n")

    def test_show_prints_everything_prepared(self, capsys):
        book = load_playbooks()[Intent.SUPPORT, Language.EN]

        assert main(["playbooks", "show", "support", "--language", "en"]) == 0
        said = capsys.readouterr().out
        wanted = [book.headline, book.meaning, *book.how_sure.values(), book.draft.subject, book.draft.body]
        wanted += [text for one in book.options for text in (one.case, one.ask, one.answer)]
        assert [] == [text for text in wanted if text not in said]
