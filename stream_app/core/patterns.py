"""The pages that are known without being told: English words, romaji and kanji, whole path segments each."""

from stream_app.core.pages import PageCategory, PagePattern

_NOT_THE_CONTRACT = (
    *("mail", "mails", "email", "newsletter", "newsletters", "mailmagazine", "merumaga", "メルマガ", "unsubscribe"),
    *("seminar", "seminars", "webinar", "event", "events", "booking", "bookings", "reservation", "reservations"),
    *("order", "orders", "appointment", "セミナー", "イベント", "予約", "注文"),
)
_TOLD = (
    *_NOT_THE_CONTRACT,
    *("blog", "blogs", "news", "press", "article", "articles", "column", "columns", "case", "cases", "case-studies"),
    *("campaign", "campaigns", "career", "careers", "jobs", "recruit", "ir"),
    *("ブログ", "ニュース", "お知らせ", "コラム", "事例", "導入事例", "キャンペーン", "採用"),
)
_EXPLAINED = (
    *_TOLD,
    *("docs", "doc", "documentation", "spec", "specs", "specification", "api", "developers", "reference", "仕様"),
    *("help", "faq", "faqs", "support", "manual", "manuals", "guide", "guides", "glossary", "tutorial", "tutorials"),
    *("ヘルプ", "よくある質問", "サポート", "マニュアル", "ガイド", "用語集"),
    *("feature", "features", "product", "products", "kinou", "機能", "機能一覧", "製品"),
)
"""Where a word is told of or explained: an article on exports is not the page on which somebody takes everything."""

_CONTRACT_FOLDERS = ("account", "mypage", "subscription", "billing", "contract", "plan", "service")
_OWN_FOLDERS = ("account", "mypage", "settings", "admin", "workspace", "organization", "設定", "マイページ")


def _patterns(category: PageCategory, *paths: str, unless: tuple[str, ...] = ()) -> tuple[PagePattern, ...]:
    return tuple(PagePattern(category=category, path=path, unless=unless) for path in paths)


def _whole(category: PageCategory, *paths: str) -> tuple[PagePattern, ...]:
    return tuple(PagePattern(category=category, path=path, whole=True) for path in paths)


_CANCELLATION = (
    *_patterns(PageCategory.CANCELLATION, "/kaiyaku", "/taikai", "/解約", "/退会", unless=_NOT_THE_CONTRACT),
    *_whole(PageCategory.CANCELLATION, "/cancel", "/cancellation"),
    *_patterns(
        PageCategory.CANCELLATION,
        *(f"/{folder}/{word}" for folder in _CONTRACT_FOLDERS for word in ("cancel", "cancellation")),
        unless=_NOT_THE_CONTRACT,
    ),
)
_EXPORT = (
    *_whole(PageCategory.EXPORT, "/export", "/エクスポート"),
    *_patterns(
        PageCategory.EXPORT,
        *("/data-export", "/export-data", "/export-all", "/export/data", "/export/all", "/data/export"),
        *(f"/{folder}/{word}" for folder in _OWN_FOLDERS for word in ("export", "エクスポート")),
        *("/データエクスポート", "/データ書き出し", "/データ一括出力"),
        unless=_EXPLAINED,
    ),
)
_MIGRATION = _patterns(
    PageCategory.MIGRATION,
    *(
        "/migration",
        "/migrate",
        "/data-migration",
        "/norikae",
        "/移行",
        "/データ移行",
        "/乗り換え",
        "/乗換",
        "/他社移行",
    ),
    unless=_EXPLAINED,
)
_COMPETITOR = _patterns(
    PageCategory.COMPETITOR,
    *("/competitor", "/competitors", "/alternatives", "/vs", "/tasha-hikaku", "/他社比較", "/競合比較", "/競合"),
    unless=_EXPLAINED,
)
_CONTRACT = _patterns(
    PageCategory.CONTRACT,
    *("/contract", "/contracts", "/contract-terms", "/terms", "/terms-of-service", "/tos", "/keiyaku", "/kiyaku"),
    *("/契約", "/契約内容", "/契約情報", "/契約条件", "/契約書", "/ご契約内容", "/利用規約", "/規約"),
    unless=_EXPLAINED,
)
_INVOICE = _patterns(
    PageCategory.INVOICE,
    *("/invoice", "/invoices", "/billing", "/receipt", "/receipts", "/seikyu", "/seikyusho", "/ryoshusho"),
    *("/請求", "/請求書", "/請求情報", "/ご請求", "/領収書", "/お支払い", "/支払い"),
    unless=_EXPLAINED,
)
_PLAN_COMPARE = (
    *_whole(PageCategory.PLAN_COMPARE, "/compare"),
    *_patterns(
        PageCategory.PLAN_COMPARE,
        *(
            f"/{folder}/{word}"
            for folder in ("plans", "plan", "pricing", "price")
            for word in ("compare", "comparison")
        ),
        *("/compare/plans", "/compare-plans", "/plan-compare", "/plan_compare", "/plan-comparison", "/plans-compare"),
        *("/plan-hikaku", "/ryokin-hikaku", "/プラン比較", "/料金比較", "/料金プラン比較", "/プラン/比較"),
        unless=_TOLD,
    ),
)
_LIMITS = _patterns(
    PageCategory.LIMITS,
    *("/limits", "/limit", "/usage-limits", "/quota", "/quotas", "/seats", "/seat-limit", "/seat-limits", "/jogen"),
    *("/上限", "/利用上限", "/席数", "/ユーザー数", "/ライセンス数"),
    unless=_EXPLAINED,
)
_PRICING = _patterns(PageCategory.PRICING, "/pricing", "/plans", "/price", "/prices", "/ryokin", "/料金", "/料金プラン")
_FEATURE = _patterns(
    PageCategory.FEATURE,
    *("/feature", "/features", "/kinou", "/機能", "/機能一覧", "/機能紹介", "/新機能"),
    unless=_TOLD,
)
_FAQ = _patterns(PageCategory.FAQ, "/faq", "/faqs", "/よくある質問", "/yokuaru-shitsumon", "/よくあるご質問")
_CONTACT = _patterns(
    PageCategory.CONTACT,
    *("/contact", "/contact-us", "/contactus", "/inquiry", "/inquiries", "/toiawase", "/otoiawase"),
    *("/お問い合わせ", "/お問合せ", "/お問合わせ", "/問い合わせ"),
    unless=_TOLD,
)
_SPEC = _patterns(PageCategory.SPEC, "/spec", "/specs", "/specification", "/docs", "/documentation", "/仕様")
_SUPPORT = _patterns(
    PageCategory.SUPPORT, "/help", "/support", "/manual", "/manuals", "/ヘルプ", "/サポート", "/マニュアル"
)

DEFAULT_PATTERNS: tuple[PagePattern, ...] = (
    *(*_CANCELLATION, *_EXPORT, *_MIGRATION, *_COMPETITOR, *_CONTRACT, *_INVOICE, *_PLAN_COMPARE, *_LIMITS),
    *(*_PRICING, *_FEATURE, *_FAQ, *_CONTACT, *_SPEC, *_SUPPORT),
)
"""First match wins: what is about leaving before what is about money before what is about use."""

SIMPLE_PATTERNS: tuple[PagePattern, ...] = (
    *(*_CANCELLATION, *_PRICING, *_SPEC, *_SUPPORT, *_FAQ),
    *DEFAULT_PATTERNS,
)
"""For the simple rules: what they know themselves stays what it is, whatever finer words its path holds."""


def default_patterns(*, coarse: bool) -> tuple[PagePattern, ...]:
    """Return the patterns that are known without being told, for a coarse table or a fine one."""
    return SIMPLE_PATTERNS if coarse else DEFAULT_PATTERNS
