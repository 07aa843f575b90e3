"""Alerts of the full rules as they reach a reader, written by hand: one for each rule of theirs."""

from msgspec.structs import replace

from stream_app.core.alerts import (
    Alert,
    Cell,
    Evidence,
    Intent,
    Polarity,
    Reading,
    Severity,
    Standing,
    Weighed,
)
from stream_app.core.events import DAY, HOUR, MINUTE, Tier
from stream_app.core.language import Language
from tests.render.whom import CUSTOMERS, STARTS

HIGH, MEDIUM, LOW = Severity.HIGH, Severity.MEDIUM, Severity.LOW
RISK, CHANCE, OPEN = Polarity.RISK, Polarity.CHANCE, Polarity.OPEN

RULES = {
    "churn.leaving-prepared": (HIGH, RISK),
    "churn.detractor": (MEDIUM, RISK),
    "churn.silent": (MEDIUM, RISK),
    "churn.low-stickiness": (MEDIUM, RISK),
    "churn.no-habit": (MEDIUM, RISK),
    "upgrade.interest": (MEDIUM, CHANCE),
    "budget.review": (MEDIUM, OPEN),
    "budget.value-doubt": (MEDIUM, RISK),
    "budget.renewal-window": (LOW, OPEN),
    "support.complaint": (HIGH, RISK),
    "support.complaint-reopened": (HIGH, RISK),
    "support.complaint-unanswered": (HIGH, RISK),
    "support.faq-did-not-help": (MEDIUM, RISK),
    "support.trying": (LOW, CHANCE),
    "support.lost": (LOW, RISK),
    "support.missed-follow-up": (LOW, RISK),
    "loyalty.recovered": (LOW, CHANCE),
    "loyalty.became-loyal": (LOW, CHANCE),
    "loyalty.hidden-loyal": (LOW, CHANCE),
    "loyalty.referral-candidate": (LOW, CHANCE),
    "ops.tracking-outage": (HIGH, RISK),
}

PAGES = {
    "pricing": ("/pricing", {Language.JA: "料金プラン", Language.EN: "Plans and prices"}),
    "invoice": ("/account/invoices", {Language.JA: "請求書の一覧", Language.EN: "Your invoices"}),
    "plan_compare": ("/plans/compare", {Language.JA: "プランを比べる", Language.EN: "Compare plans"}),
    "export": ("/account/export", {Language.JA: "全データの書き出し", Language.EN: "Export everything"}),
    "faq": ("/faq/export/csv", {Language.JA: "CSVが開けないときは", Language.EN: "My CSV does not open"}),
    "feature": ("/features/automation", {Language.JA: "自動化", Language.EN: "Automation"}),
    "spec": ("/docs/automation", {Language.JA: "自動化の設定", Language.EN: "Setting up automation"}),
}
HELP_PAGE = "https://www.example.com/faq/export/csv"

DOUBT = Weighed(
    reading=Reading.DOUBT, confidence=0.62, because=("falling_use", "rising_help", "open_complaint", "support")
)
BUDGET = Weighed(reading=Reading.BUDGET, confidence=0.27, because=("invoice", "fiscal_year_end"))
UPGRADE = Weighed(reading=Reading.UPGRADE, confidence=0.11, because=("plan_compare",))
LEAVING = Weighed(reading=Reading.CHURN, confidence=0.71, because=("export", "falling_use"))
GROWTH = Weighed(reading=Reading.UPGRADE, confidence=0.7, because=("plan_compare", "seats_nearly_used"))

SEEN = {  # days back, and a page's category or another's kind
    "churn.leaving-prepared": ((3, "pricing"), (0, "export")),
    "churn.detractor": ((0, "nps"),),
    "churn.silent": ((21, "faq"),),
    "upgrade.interest": ((1, "pricing"), (0, "plan_compare")),
    "budget.review": ((1, "pricing"), (0, "invoice")),
    "budget.value-doubt": ((2, "invoice"), (0, "pricing")),
    "support.complaint": ((0, "complaint"),),
    "support.complaint-reopened": ((9, "complaint"), (0, "reopened")),
    "support.complaint-unanswered": ((1, "complaint"),),
    "support.faq-did-not-help": ((0, "faq"),),
    "support.trying": ((2, "feature"), (0, "spec")),
    "support.lost": ((0, "spec"),),
    "support.missed-follow-up": ((8, "completed"),),
    "loyalty.recovered": ((20, "complaint"), (14, "solved")),
    "loyalty.became-loyal": ((0, "nps"),),
    "loyalty.referral-candidate": ((12, "nps"),),
}
SAID = {"nps": "3 (support -3, billing -1)", "complaint": "case-118", "reopened": "case-118", "solved": "case-118"}
READINGS = {
    "churn.leaving-prepared": (LEAVING, replace(BUDGET, confidence=0.29)),
    "upgrade.interest": (GROWTH, replace(BUDGET, confidence=0.3)),
    "budget.review": (replace(BUDGET, confidence=0.6), replace(UPGRADE, confidence=0.4)),
    "budget.value-doubt": (DOUBT, BUDGET, UPGRADE),
}


def standing_of(rule_id, at):
    """Return how the customer stands in the alert of a rule."""
    worth = Standing(lifetime_value="1788000", currency="JPY")
    return {
        "budget.value-doubt": replace(
            worth,
            nps=6,
            cell=Cell.LEAVING,
            moved_from=Cell.ALMOST_LOYAL,
            contacted_at=at - 4 * DAY,
        ),
        "churn.detractor": replace(worth, nps=3, cell=Cell.LEAVING),
        "loyalty.became-loyal": replace(worth, nps=9, cell=Cell.LOYAL, moved_from=Cell.ALMOST_LOYAL),
        "loyalty.hidden-loyal": Standing(
            lifetime_value="86400", currency="JPY", nps=9, cell=Cell.FAN, proposed_tier=Tier.HIGH
        ),
        "loyalty.referral-candidate": replace(worth, nps=10, cell=Cell.LOYAL),
        "support.missed-follow-up": Standing(lifetime_value="29800", currency="JPY", campaign_only=True),
        "ops.tracking-outage": None,
    }.get(rule_id, worth)


def found(rule_id, language=Language.JA, *, customer=None, onboarding=False):
    """Return the alert of a rule; of the whole site it has no customer."""
    severity, polarity = RULES[rule_id]
    of_site, at = rule_id == "ops.tracking-outage", STARTS[language]
    profile = customer or CUSTOMERS[language]
    standing = standing_of(rule_id, at)
    return Alert(
        alert_id=f"{rule_id}-1",
        intent=Intent(rule_id.partition(".")[0]),
        rule_id=rule_id,
        severity=severity,
        polarity=polarity,
        customer_id="" if of_site else "c-1042",
        account_id="" if of_site else profile.account_id,
        customer=None if of_site else profile,
        event_id="e-1",
        occurred_at=at,
        rule_set="full",
        reason="What the rule says.",
        evidence=tuple(_evidence(number, one, language, at) for number, one in enumerate(SEEN.get(rule_id, ()))),
        readings=READINGS.get(rule_id, ()),
        standing=replace(standing, onboarding=True) if onboarding else standing,
        preceded_by=HELP_PAGE if rule_id in READINGS else "",
    )


def _evidence(number, seen, language, at):
    days, category = seen
    one = Evidence(
        event_id=f"e-{number}", occurred_at=at - days * DAY - (HOUR + 5 * MINUTE) * bool(days), category=category
    )
    if category == "completed":
        return replace(one, amount="29800", currency="JPY", plan="team")
    if category not in PAGES:
        return replace(one, title=SAID.get(category, ""))
    path, titles = PAGES[category]
    return replace(one, url=f"https://www.example.com{path}?utm_source=mail", title=titles[language])
