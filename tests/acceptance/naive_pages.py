"""What a page is about, told from its URL by the plainest reading of the rules, for the naive judge."""

from itertools import pairwise
from urllib.parse import unquote, urlsplit

WORDS = {  # in this order
    "pricing": ("pricing", "plans", "price", "prices", "ryokin", "料金"),
    "spec": ("spec", "specs", "docs", "仕様"),
    "support": ("help", "faq", "support", "manual", "ヘルプ", "サポート", "よくある質問"),
}
ELSEWHERE = ("blog", "news", "campaign", "ブログ", "お知らせ")  # where a page only tells of something
FINER = {  # of what the words above leave over, in this order; the simple rules take it coarsely
    "other": ("contract", "terms", "invoice", "invoices", "limits", "seats", "契約", "請求書"),
    "spec": ("feature", "features", "kinou", "機能"),
    "support": ("contact", "contact-us", "inquiry", "toiawase", "お問い合わせ"),
}
COMPARED = (("plans", "compare"), ("plan", "compare"), ("compare", "plans"))
LEAVE_WORDS = ("kaiyaku", "taikai", "解約", "退会")
CANCEL_WORDS = ("cancel", "cancellation")
NOT_A_CONTRACT = (  # leaving these is not leaving the company
    *("mail", "newsletter", "メルマガ", "unsubscribe"),
    *("seminar", "event", "booking", "reservation", "order", "セミナー", "予約", "注文"),
)
CANCEL_PARENTS = ("account", "mypage", "subscription", "billing", "contract", "plan", "service")


def category_of(url: str) -> str:
    """Return the first category with a pattern that matches, else `other`."""
    segments = [segment for segment in _path(url).split("/") if segment]
    if _ends_a_contract(segments) and not any(word in segments for word in NOT_A_CONTRACT):
        return "cancellation"
    return _first(WORDS, segments) or _finer(segments)


def page_of(url: str) -> str:
    """Return host and path: lower case, percent-decoded, without trailing slash."""
    return (urlsplit(url).hostname or "") + _path(url).removesuffix("/")


def _first(table: dict[str, tuple[str, ...]], segments: list[str]) -> str:
    return next((name for name, words in table.items() if any(word in segments for word in words)), "")


def _finer(segments: list[str]) -> str:
    if any(word in segments for word in (*ELSEWHERE, *NOT_A_CONTRACT, "events")):
        return "other"
    if segments == ["compare"] or any(pair in COMPARED for pair in pairwise(segments)):
        return "pricing"
    return _first(FINER, segments) or "other"


def _path(url: str) -> str:
    return unquote(urlsplit(url).path).lower()


def _ends_a_contract(segments: list[str]) -> bool:
    if any(word in segments for word in LEAVE_WORDS):
        return True
    if len(segments) == 1 and segments[0] in CANCEL_WORDS:
        return True
    return any(parent in CANCEL_PARENTS and child in CANCEL_WORDS for parent, child in pairwise(segments))
