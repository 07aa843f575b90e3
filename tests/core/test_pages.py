"""What a page means, from its URL."""

from itertools import islice, permutations

import pytest

from stream_app.core.pages import COARSE, PageCategory, PagePattern, PageTable
from stream_app.core.patterns import DEFAULT_PATTERNS, SIMPLE_PATTERNS

SITE = "https://www.example.com"
FINE = PageTable(DEFAULT_PATTERNS)
SIMPLE = PageTable(SIMPLE_PATTERNS, coarse=True)
PAGES = {
    "cancellation": ("/kaiyaku", "/解約", "/contract/cancel", "/help/kaiyaku", "/export/kaiyaku"),
    "export": (
        "/export",
        "/export.html",
        "/account/export",
        "/settings/data-export",
        "/ja/データエクスポート",
        "/export/all",
    ),
    "migration": ("/migration", "/migrate/start", "/移行", "/乗り換え", "/norikae", "/account/data-migration"),
    "competitor": ("/competitors", "/vs/acme", "/alternatives", "/他社比較", "/tasha-hikaku"),
    "contract": ("/contract", "/mypage/contract", "/terms", "/keiyaku", "/契約内容", "/利用規約", "/contract/invoices"),
    "invoice": ("/invoices/2026-03", "/billing", "/account/billing", "/seikyusho", "/請求書", "/領収書"),
    "plan_compare": (
        "/compare",
        "/plans/compare",
        "/pricing/comparison",
        "/plan-hikaku",
        "/プラン比較",
        "/compare/plans",
    ),
    "limits": ("/limits", "/account/seats", "/usage-limits", "/quota", "/上限", "/pricing/limits", "/jogen"),
    "pricing": ("/pricing", "/plans", "/料金", "/ryokin", "/pricing/faq", "/docs/pricing", "/features/pricing"),
    "feature": ("/features", "/features/reports", "/機能/レポート", "/kinou", "/features/export", "/features/limits"),
    "faq": ("/faq", "/faq/billing", "/よくある質問", "/docs/faq", "/help/faq", "/faq/invoices", "/faq/contact"),
    "contact": ("/contact", "/support/contact", "/お問い合わせ", "/otoiawase", "/inquiry/form"),
    "spec": (
        "/docs",
        "/docs/export-data",
        "/docs/export",
        "/api/docs/limits",
        "/仕様",
        "/docs/migration",
        "/spec/terms",
    ),
    "support": ("/help", "/help/export", "/support/tickets", "/manual/migration", "/ヘルプ/請求書", "/help/seats"),
    "other": (
        *("/", "/app/exports", "/events", "/event/terms", "/blog/export", "/blog/migration", "/news/contract"),
        *("/blog/plan/compare", "/column/vs", "/case-studies/migration", "/campaign/terms", "/careers/contact"),
        *("/orders/17/invoice", "/seminar/contact", "/contacts", "/exporter", "/migrations-office", "/invoicing"),
        *("/terminology", "/limited-offer", "/compare/acme", "/ブログ/契約", "/お知らせ/移行", "/products/export"),
    ),
}
WORDS = (
    *(
        "kaiyaku",
        "cancel",
        "account",
        "export",
        "data-export",
        "移行",
        "vs",
        "contract",
        "billing",
        "compare",
        "limits",
    ),
    *("pricing", "plans", "料金", "features", "faq", "contact", "docs", "spec", "help", "support", "blog", "events"),
    *("orders", "about", "お問い合わせ", "manual.html"),
)
RUNS = [*permutations(WORDS, 1), *permutations(WORDS, 2), *islice(permutations(WORDS, 3), 0, None, 17)]
MANY = [f"{SITE}/{'/'.join(run)}" for run in RUNS]


def patterns(category, *words):
    return tuple(PagePattern(category=category, path=f"/{word}") for word in words)


def before():
    """Return the table of four categories, as it was before the finer ones."""
    leaving = tuple(one for one in DEFAULT_PATTERNS if one.category is PageCategory.CANCELLATION)
    return PageTable(
        (
            *leaving,
            *patterns(PageCategory.PRICING, "pricing", "plans", "price", "prices", "ryokin", "料金", "料金プラン"),
            *patterns(PageCategory.SPEC, "spec", "specs", "specification", "docs", "documentation", "仕様"),
            *patterns(PageCategory.SUPPORT, "help", "faq", "faqs", "support", "manual", "manuals"),
            *patterns(PageCategory.SUPPORT, "ヘルプ", "よくある質問", "サポート", "マニュアル"),
        )
    )


@pytest.mark.parametrize(
    ("category", "path"), [pytest.param(name, path, id=path) for name, paths in PAGES.items() for path in paths]
)
def test_each_page_is_of_one_category(category, path):
    assert category == FINE.page(SITE + path).category


def test_every_category_is_in_the_table():
    assert {*PageCategory} == {*PAGES}


def test_what_the_simple_rules_knew_stays_what_it_was():
    """Of the rest they take the finer categories for what comes nearest."""
    old = before()
    known = [old.page(url).category for url in MANY]
    fine = [FINE.page(url).category for url in MANY]
    expected = [
        one if one is not PageCategory.OTHER else COARSE.get(new, new) for one, new in zip(known, fine, strict=True)
    ]

    assert expected == [SIMPLE.page(url).category for url in MANY]
    assert {PageCategory.SUPPORT, PageCategory.SPEC, PageCategory.PRICING} <= {
        new for one, new in zip(known, expected, strict=True) if one is not new
    }, "the finer ones are seen too"


@pytest.mark.parametrize(
    ("plan", "beyond"), [("team", True), ("business", False), ("BUSINESS", False), ("enterprise", False), ("", False)]
)
def test_a_feature_may_be_beyond_a_plan(plan, beyond):
    """Case does not count, and of an unknown plan nobody can say."""
    own = PagePattern(category=PageCategory.FEATURE, path="/features/sso", plans=("Business", "enterprise"))
    page = PageTable((own, *DEFAULT_PATTERNS)).page(f"{SITE}/ja/features/sso?utm_source=mail")

    assert beyond == page.is_beyond(plan)


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        *(("/features", False), ("/ja/features/", False), ("/機能一覧", False), ("/kinou.html", False)),
        *(
            ("/features/sso", True),
            ("/en/features/sso.html", True),
            ("/機能/承認/設定", True),
            ("/features/features", True),
        ),
        *(("/tour/sso", True), ("/tour", False), ("/tour/any", True), ("/vault", True)),
    ],
)
def test_a_page_shows_one_feature_or_lists_them(path, is_one):
    """One below the list; own entries name one by a longer path, or by the plans that hold it."""
    feature = PageCategory.FEATURE
    own = (
        PagePattern(category=feature, path="/tour/sso"),
        PagePattern(category=feature, path="/tour"),
        PagePattern(category=feature, path="/vault", plans=("business",)),
    )
    page = PageTable((*own, *DEFAULT_PATTERNS)).page(SITE + path)

    assert (feature, is_one) == (page.category, page.is_item)


def test_a_feature_of_no_named_plan_is_beyond_none():
    assert FINE.page(f"{SITE}/features/reports").is_beyond("team") is False
