"""What decides, as the settings say it: which rules, what of a customer they take for what, on which days."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import Severity
from stream_app.core.events import DAY, HOUR, SECOND
from stream_app.core.pages import PageCategory
from stream_app.core.rule_set import RULES_OF, RuleSet, RuleSetName
from stream_app.core.rules import RULES
from stream_app.core.tuning import Feed, Loyalty, Tuning, Waits, Windows
from stream_app.settings.rules import LoyaltySettings, WaitsSettings


class TestRuleSet:
    @pytest.mark.parametrize(
        ("text", "name"), [("", RuleSetName.FULL), *((f"[rules]\nset = '{name}'", name) for name in RuleSetName)]
    )
    def test_nothing_said_is_the_core_as_it_is(self, written, text, name):
        """The full set is meant where none is named."""
        found = written(text).rule_set()

        assert (RuleSet(name=name).id, name, RULES_OF[name]) == (found.id, found.name, found.rules)

    @pytest.mark.parametrize(
        ("name", "categories"),
        [(RuleSetName.FULL, ("limits", "contact")), (RuleSetName.SIMPLE, ("other", "support"))],
    )
    def test_pages_are_coarse_for_the_simple_set_alone(self, written, name, categories):
        entries = "".join(f"[[pages]]\ncategory = '{one}'\npath = '/x/{one}'\n" for one in ("limits", "contact"))
        pages = written(f"{entries}[rules]\nset = '{name}'").rule_set().pages

        assert categories == tuple(pages.page(f"https://a.example/x/{one}").category for one in ("limits", "contact"))

    def test_a_feature_may_name_its_plans(self, written):
        entry = "[[pages]]\ncategory = 'feature'\npath = '/features/sso'\nplans = ['Business']\n"
        page = written(entry).rule_set().pages.page("https://a.example/features/sso")

        assert [page.is_beyond(plan) for plan in ("team", "business")] == [True, False]

    def test_the_simple_rules_keep_their_pages(self, written):
        """Also where a finer category would come first."""
        pages = written("[rules]\nset = 'simple'").rule_set().pages

        assert [pages.page(f"https://a.example{path}").category for path in ("/docs/faq", "/pricing/limits")] == [
            PageCategory.SPEC,
            PageCategory.PRICING,
        ]

    def test_days_are_those_of_the_team(self, written):
        days = written("[hours]\ntimezone = 'Pacific/Auckland'\nclosures = ['08-13']").rule_set().days

        assert (("08-13",), 1) == (days.calendar.hours.closures, days.number(12 * HOUR))

    def test_tuning_is_what_was_said(self, written):
        text = (
            "feeds = ['answers', 'page-views']\nfiscal_year_end = '12-31'\n"
            "[rules]\nbought_window = '10d'\nhelp_window = '2d'\n"
            "[loyalty]\nhigh = {JPY = 500_000, EUR = '0.5'}\ngross_margin = 0.6\nduration = '365d'\nnps_stale = '90d'\n"
            "dwell = '1d'\ncontact_counts = '2d'\nreferral_pause = '30d'\nrecovered = '3d'\n"
            "[waits]\nonboarding = '0'\nhabit = '20d'\nfollow_up = '4d'\nrenewal = '90d'\nforget = '100d'\n"
            "calendar_days = true"
        )
        expected = Tuning(
            windows=Windows(bought=10 * DAY, help=2 * DAY),
            loyalty=Loyalty(
                high={"JPY": Decimal(500_000), "EUR": Decimal("0.5")},
                gross_margin=Decimal("0.6"),
                duration=365 * DAY,
                nps_stale=90 * DAY,
                dwell=DAY,
                contact_counts=2 * DAY,
                referral_pause=30 * DAY,
                recovered=3 * DAY,
            ),
            waits=Waits(
                onboarding=0,
                habit=20 * DAY,
                follow_up=4 * DAY,
                renewal=90 * DAY,
                forget=100 * DAY,
                calendar_days=True,
            ),
            fiscal_year_end="12-31",
            feeds=frozenset({Feed.ANSWERS, Feed.PAGE_VIEWS}),
        )

        assert expected == written(text).rule_set().tuning

    @pytest.mark.parametrize(("wire", "core"), [(LoyaltySettings, Loyalty), (WaitsSettings, Waits)])
    def test_all_that_the_core_wants_to_be_told_may_be_set(self, wire, core):
        assert core.__struct_fields__ == tuple(wire.model_fields)

    def test_amounts_may_be_said_in_a_variable(self, written):
        settings = written(STREAM_APP_LOYALTY__HIGH='{"JPY": 5}', STREAM_APP_FEEDS='["answers"]')

        assert ({"JPY": Decimal(5)}, (Feed.ANSWERS,)) == (settings.loyalty.high, settings.feeds)

    def test_a_rule_that_lacks_a_feed_is_not_asked(self):
        rule = replace(RULES[0], feeds=frozenset({Feed.ANSWERS, Feed.PURCHASES}))
        sets = [RuleSet(rules=(rule,), tuning=Tuning(feeds=frozenset(feeds))) for feeds in ((), {Feed.ANSWERS}, Feed)]

        assert [((), (Feed.PURCHASES, Feed.ANSWERS)), ((), (Feed.PURCHASES,)), ((rule,), ())] == [
            (one.active, one.lacks(rule)) for one in sets
        ]

    def test_a_rule_that_is_off_does_not_sleep(self):
        rules = [replace(rule, feeds=frozenset({Feed.ANSWERS})) for rule in RULES[:2]]
        found = RuleSet(rules=(rules[0], replace(rules[1], enabled=False)))

        assert {rules[0].id: (Feed.ANSWERS,)} == found.asleep

    @pytest.mark.parametrize("name", RuleSetName)
    def test_rules_of_the_other_set_may_be_set_in_vain(self, written, name):
        text = "".join(f"[rules.by_id.'{rule.id}']\nenabled = false\n" for rule in RULES)
        rules = written(f"[rules]\nset = '{name}'\n{text}").rules

        assert [rule.id for rule in RULES if rule not in RULES_OF[name]] == [*rules.idle()]
        assert [(rule.id, False) for rule in RULES_OF[name]] == [(rule.id, rule.enabled) for rule in rules.chosen()]

    def test_own_pages_come_first(self, written):
        entry = "[[pages]]\ncategory = 'other'\npath = '/pricing/archive'\n"
        pages = written(entry).rule_set().pages

        assert (PageCategory.OTHER, PageCategory.PRICING) == (
            pages.page("https://a.example/pricing/archive").category,
            pages.page("https://a.example/pricing").category,
        )

    def test_own_pages_instead_of_those_that_ship(self, written):
        entry = "pages_defaults = false\n[[pages]]\ncategory = 'pricing'\npath = '/kosten'\n"
        pages = written(entry).rule_set().pages

        assert (PageCategory.PRICING, PageCategory.OTHER) == (
            pages.page("https://a.example/kosten").category,
            pages.page("https://a.example/pricing").category,
        )

    def test_one_rule_is_changed_and_the_others_stay(self, written):
        own = (
            "[rules.by_id.'churn.cancellation-page']\ncooldown = '1h'\nseverity = 'low'\nenabled = false\ndigest = true"
        )
        text = f"[rules]\nset = 'simple'\n{own}"
        (churn, *others), (_, *untouched) = written(text).rule_set().rules, RuleSet().rules

        assert (HOUR, Severity.LOW, False, True) == (churn.cooldown, churn.severity, churn.enabled, churn.digest)
        assert untouched == others

    @pytest.mark.parametrize(
        "text",
        [
            "[rules]\nset = 'full'",
            "[rules]\nlateness = '2h'",
            "[rules]\nbought_window = '10d'",
            "[urls]\nquery_keys = []",
            "[audience]\nstaff_ids = ['c-1']",
            "[[pages]]\ncategory = 'pricing'\npath = '/x'",
            "[rules.by_id.'budget.pricing-review']\nenabled = false",
            "[rules.by_id.'budget.pricing-review']\ndigest = true",
            "feeds = ['answers']",
            "fiscal_year_end = '12-31'",
            "[loyalty]\nhigh = {JPY = 1}",
            "[waits]\nhabit = '20d'",
            "[hours]\nclosures = ['08-13']",
        ],
    )
    def test_its_mark_follows_the_settings(self, written, text):
        """Also where they say nothing of the set."""
        simple = {"STREAM_APP_RULES__SET": "simple"} if "set =" not in text else {}

        assert RuleSet().id != written(text, **simple).rule_set().id

    @pytest.mark.parametrize(
        ("said", "expected"), [("start", None), ("earliest", None), ("1970-01-01T00:00:01Z", SECOND)]
    )
    def test_a_moment_for_alerts_is_the_policy_s(self, written, said, expected):
        assert expected == written(f"alerts_from = '{said}'").rule_set().policy.alerts_from
