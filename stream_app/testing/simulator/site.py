"""The web site that simulated customers look at, in Japanese and English, and how views are recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from urllib.parse import quote

SITE = "https://www.stream-app.example"
MARKETING = (
    "utm_source=newsletter&utm_medium=email&utm_campaign=june",
    "utm_source=search&utm_medium=cpc&utm_term=ma",
    "utm_source=partner&utm_medium=referral&utm_content=banner-2",
)
ENTRANCES = ("", "", "https://search.example/", "https://mail.example.com/", "https://partner.example.net/ranking")


class Group(StrEnum):
    """What somebody wants from a page."""

    USE = "use"
    TOP = "top"
    PRODUCT = "product"
    DOCS = "docs"
    HELP = "help"
    PRICING = "pricing"
    LIMITS = "limits"
    CANCEL = "cancel"
    BLOG = "blog"
    SEMINAR = "seminar"
    FAQ = "faq"
    CONTACT = "contact"
    FEATURE = "feature"
    INVOICE = "invoice"
    CONTRACT = "contract"
    EXPORT = "export"
    MIGRATION = "migration"
    COMPETITOR = "competitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page as the site serves it: `url` without query, path percent-encoded."""

    url: str
    title: str


_JA: dict[Group, tuple[tuple[str, str], ...]] = {
    Group.USE: (
        ("/app/dashboard", "ダッシュボード"),
        ("/app/projects", "プロジェクト一覧"),
        ("/app/reports", "レポート"),
        ("/app/members", "メンバー"),
        ("/app/exports", "データ出力"),
        ("/app/settings/notifications", "通知設定"),
    ),
    Group.TOP: (("/", "トップ"), ("/news", "お知らせ"), ("/case-studies/manufacturing", "導入事例 製造業")),
    Group.PRODUCT: (
        ("/product", "製品紹介"),
        ("/features", "機能一覧"),
        ("/features/reports", "レポート機能"),
        ("/security", "セキュリティ"),
    ),
    Group.DOCS: (
        ("/docs/getting-started", "はじめかた"),
        ("/docs/api/authentication", "API 認証"),
        ("/docs/import-csv", "CSV 取り込み"),
        ("/docs/sso-saml", "SSO 設定"),
        ("/docs/cancel-an-order", "注文を取り消す操作"),
        ("/spec/data-format", "データ仕様"),
    ),
    Group.HELP: (
        ("/help/login-trouble", "ログインできないとき"),
        ("/help/import-error", "取り込みエラー"),
        ("/help/export-garbled", "CSV の文字化け"),
        ("/help/permissions", "権限の設定"),
        ("/help/notifications", "通知が届かないとき"),
        ("/faq/", "よくある質問"),
        ("/faq/billing", "お支払いについて"),
        ("/support/contact", "お問い合わせ"),
        ("/support/tickets", "お問い合わせ履歴"),
        ("/manual/admin", "管理者マニュアル"),
    ),
    Group.PRICING: (
        ("/pricing", "料金プラン"),
        ("/料金", "料金"),
        ("/ryokin", "ご利用料金"),
        ("/plans", "プラン"),
    ),
    Group.LIMITS: (
        ("/plans/compare", "プラン比較"),
        ("/docs/limits", "プランごとの上限"),
        ("/account/seats", "席数の確認"),
        ("/features/enterprise", "エンタープライズ機能"),
    ),
    Group.CANCEL: (
        ("/kaiyaku", "解約のお手続き"),
        ("/解約", "解約について"),
        ("/account/cancel", "ご契約の解約"),
        ("/mypage/cancel/", "解約フォーム"),
    ),
    Group.BLOG: (
        ("/blog/onboarding-checklist", "定着までのチェックリスト"),
        ("/blog/pricing-psychology", "価格の心理学"),
        ("/blog/kaiyaku-wo-fusegu", "解約を防ぐ五つの習慣"),
    ),
    Group.SEMINAR: (
        ("/seminar", "セミナー"),
        ("/seminar/2026-06", "六月のセミナー"),
        ("/seminar/cancel", "セミナー参加の取消"),
    ),
    Group.FAQ: (
        ("/faq/import/file-size", "取り込めるファイルの大きさ"),
        ("/faq/import/encoding", "取り込みの文字コード"),
        ("/faq/import/duplicates", "重複した行の扱い"),
        ("/faq/login/two-factor", "二段階認証"),
        ("/faq/login/password", "パスワードの再設定"),
        ("/faq/login/locked", "ロックの解除"),
    ),
    Group.CONTACT: (("/お問い合わせ", "お問い合わせ"), ("/contact", "お問い合わせフォーム")),
    Group.FEATURE: (
        ("/features/automation", "自動化機能"),
        ("/features/approvals", "承認フロー"),
        ("/features/audit-log", "監査ログ"),
    ),
    Group.INVOICE: (("/billing/invoices", "請求書一覧"), ("/請求書", "請求書の見かた")),
    Group.CONTRACT: (("/account/contract", "ご契約内容"), ("/利用規約", "利用規約")),
    Group.EXPORT: (("/account/export", "全データの書き出し"), ("/settings/export/all", "一括書き出し")),
    Group.MIGRATION: (("/migration", "他社への移行"), ("/データ移行", "データ移行の手順")),
    Group.COMPETITOR: (("/vs/other-tools", "他製品との違い"), ("/他社比較", "他社比較表")),
}
_EN: dict[Group, tuple[tuple[str, str], ...]] = {
    Group.USE: (
        ("/app/dashboard", "Dashboard"),
        ("/app/projects", "Projects"),
        ("/app/reports", "Reports"),
        ("/app/members", "Members"),
        ("/app/exports", "Exports"),
    ),
    Group.TOP: (("/en/", "Home"), ("/en/news", "News"), ("/en/case-studies/retail", "Case study: retail")),
    Group.PRODUCT: (("/en/product", "Product"), ("/en/features", "Features"), ("/en/security", "Security")),
    Group.DOCS: (
        ("/en/docs/getting-started", "Getting started"),
        ("/en/docs/api/authentication", "API authentication"),
        ("/en/docs/webhooks", "Webhooks"),
        ("/en/docs/sso-saml", "Single sign-on"),
        ("/en/docs/cancel-an-order", "How to cancel an order"),
    ),
    Group.HELP: (
        ("/en/help/login-trouble", "Trouble signing in"),
        ("/en/help/import-error", "Import errors"),
        ("/en/help/permissions", "Permissions"),
        ("/en/help/exports", "Exports that stop"),
        ("/en/help/notifications", "Missing notifications"),
        ("/en/faq/billing", "Billing questions"),
        ("/en/support/contact", "Contact support"),
        ("/en/support/tickets", "Your tickets"),
    ),
    Group.PRICING: (("/en/pricing", "Pricing"), ("/en/plans", "Plans")),
    Group.LIMITS: (
        ("/en/plans/compare", "Compare plans"),
        ("/en/docs/limits", "Limits by plan"),
        ("/account/seats", "Your seats"),
        ("/en/features/enterprise", "Enterprise features"),
    ),
    Group.CANCEL: (("/account/cancel", "Cancel your subscription"), ("/billing/cancel/", "Cancel: confirm")),
    Group.BLOG: (
        ("/en/blog/pricing-psychology", "The psychology of pricing"),
        ("/en/blog/cancel-culture-at-work", "Meetings worth cancelling"),
    ),
    Group.SEMINAR: (("/en/webinar", "Webinars"), ("/en/seminar/cancel", "Cancel your seat")),
    Group.FAQ: (
        ("/en/faq/import/file-size", "How large a file may be"),
        ("/en/faq/import/encoding", "Encodings of files"),
        ("/en/faq/import/duplicates", "Rows that come twice"),
        ("/en/faq/login/two-factor", "Two-factor sign-in"),
        ("/en/faq/login/password", "A new password"),
        ("/en/faq/login/locked", "Locked accounts"),
    ),
    Group.CONTACT: (("/en/contact", "Contact"), ("/en/contact-us", "Write to us")),
    Group.FEATURE: (
        ("/en/features/automation", "Automation"),
        ("/en/features/approvals", "Approvals"),
        ("/en/features/audit-log", "Audit log"),
    ),
    Group.INVOICE: (("/billing/invoices", "Invoices"), ("/billing/receipts", "Receipts")),
    Group.CONTRACT: (("/account/contract", "Your contract"), ("/en/terms-of-service", "Terms of service")),
    Group.EXPORT: (("/account/export", "Export everything"), ("/settings/export/all", "Bulk export")),
    Group.MIGRATION: (("/en/migration", "Moving elsewhere"), ("/en/migrate", "Take your work with you")),
    Group.COMPETITOR: (("/en/vs/other-tools", "How others compare"), ("/en/alternatives", "Alternatives")),
}


def _served(pages: dict[Group, tuple[tuple[str, str], ...]]) -> dict[Group, tuple[Page, ...]]:
    """The pages with whole, percent-encoded addresses."""
    return {
        group: tuple(Page(url=SITE + quote(path), title=title) for path, title in entries)
        for group, entries in pages.items()
    }


PAGES: Mapping[str, Mapping[Group, tuple[Page, ...]]] = {"ja": _served(_JA), "en": _served(_EN)}


def recorded_url(url: str, visitor: str, rng: Random) -> str:
    """The address as a marketing tool records it: about one in ten carries a query, user info or fragment."""
    luck = rng.random()
    if luck >= 0.1:
        return url
    if luck < 0.06:
        return f"{url}?{rng.choice(MARKETING)}"
    if luck < 0.08:
        return f"{url}#section-{rng.randrange(1, 6)}"
    if luck < 0.085:
        return url.replace("https://", f"https://{visitor}:secret@", 1)
    return f"{url}?email={visitor}%40example.com&token={rng.getrandbits(64):016x}&utm_source=newsletter"
