"""Cards and cases as docs/inbox-api.md says them: many customers, and some whose titles mean harm."""

import time
from datetime import UTC, datetime, timedelta

from stream_app.core.language import Language
from stream_app.playbooks import Book, load_playbooks

TANTOU, DAIRI = "tantou@example.co.jp", "dairi@example.co.jp"
HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>\u202e"\'&amp;{{7*7}}' + "長い" * 90
ME = {
    "email": TANTOU,
    "name": "担当",
    "language": "ja",
    "timezone": "Asia/Tokyo",
    "acts": True,
    "logs_in": True,
    "team": [{"email": TANTOU, "name": "担当"}, {"email": DAIRI, "name": "代理"}],
    "kept_days": 15,
}
NOW = datetime.fromtimestamp(time.time(), UTC)
PLAYBOOKS = load_playbooks()
KINDS = [
    ("churn", "risk", "high", "cancellation", "解約手続き", "Cancellation", "ご解約の前に", Book.CHURN),
    ("budget", "open", "medium", "pricing", "料金", "Pricing", "料金プラン", Book.BUDGET),
    ("support", "risk", "low", "spec", "仕様", "Specification", "APIの認証について", Book.SUPPORT),
    ("upgrade", "chance", "medium", "plan_compare", "プラン比較", "Plan comparison", "プランを比べる", Book.UPGRADE),
]
HAPPENED = {
    "churn": ("お客様が解約手続きのページを見ました。", "The customer viewed the cancellation page."),
    "budget": ("予算の見直しと読める動きがありました。", "The customer did things that read as a budget review."),
    "support": (
        "お客様がヘルプや仕様のページを、短い間に何度も見ました。",
        "The customer viewed help pages again and again.",
    ),
    "upgrade": ("上位プランや追加への関心と読める動きがありました。", "The customer showed interest in a larger plan."),
}
STATES = ("told", "told", "told", "waiting", "acknowledged", "snoozed", "over")


def at(minutes_ago: float) -> str:
    """Return a moment as the interface writes it."""
    return (NOW - timedelta(minutes=minutes_ago)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def both(ja: str, en: str) -> dict[str, str]:
    """Return a text of the interface."""
    return {"ja": ja, "en": en}


def card(number: int, **given) -> dict[str, object]:
    """Return the card of a customer; what is given stands in place of what it would be."""
    intent, polarity, severity, kind, ja, en, title, _ = KINDS[number % len(KINDS)]
    minutes = number * number * 7 + 3
    state = STATES[number % len(STATES)]
    made = {
        "id": f"{number:032x}",
        "account": f"a-{number:04}",
        "account_name": f"見本商事{number:02}",
        "customer": f"c-{number:05}",
        "customer_name": f"担当者{number:02}",
        "owner": TANTOU if number % 2 == 0 else DAIRI,
        "owner_name": "担当" if number % 2 == 0 else "代理",
        "readers": [TANTOU if number % 2 == 0 else DAIRI],
        "intent": intent,
        "polarity": polarity,
        "severity": severity,
        "rule": f"{intent}.sample",
        "state": state,
        "at": at(minutes),
        "changed_at": at(minutes),
        "heading": both(f"見本商事{number:02}", f"Sample {number:02}"),
        "happened": both(*HAPPENED[intent]),
        "evidence": {
            "at": at(minutes),
            "kind": kind,
            "label": both(ja, en),
            "title": title,
            "where": f"www.example.com/{kind}",
        },
        "alerts": 1,
    }
    if intent in ("budget", "upgrade"):
        made["reading"] = {
            "reading": "budget",
            "label": both("予算の見直し", "review of the budget"),
            "probability": 0.56,
        }
        second = {"reading": "upgrade", "label": both("上位プランの検討", "interest in a larger plan")}
        made["runner_up"] = {**second, "probability": 0.31}
    if state == "acknowledged":
        made["last_deed"] = {"action": "acknowledge", "by": "代理", "at": at(minutes - 1)}
    if state == "snoozed":
        made["snoozed_until"] = at(-900)
    if state == "over":
        made["over"] = "solved"
    return {**made, **given}


def case(one: dict[str, object]) -> dict[str, object]:
    """Return all that is kept of a case."""
    weighed = [one[name] for name in ("reading", "runner_up") if name in one]
    evidence = [{**one["evidence"], "alert": one["id"]}, {**one["evidence"], "alert": one["id"], "title": "はじめに"}]
    fate = {"route": "team", "sink": "slack", "to": "#cs", "fate": "delivered", "reason": "sent", "at": one["at"]}
    alert = {
        **{name: one[name] for name in ("id", "rule", "intent", "severity", "at", "happened")},
        "readings": [{**each, "because": ["pricing"]} for each in weighed],
        "fates": [{**fate, "text": both("#cs（slack）へお知らせ（個別のお知らせ）", "told #cs (slack), by itself")}],
        "waits": [],
    }
    return {
        "card": one,
        "told": {str(language): told(one, language) for language in Language},
        "evidence": evidence,
        "alerts": [alert],
        "alerts_left_out": 0,
        "deeds": [one["last_deed"]] if "last_deed" in one else [],
        "again": 2,
    }


def told(one: dict[str, object], language: Language) -> dict[str, object]:
    """Return the whole message, with what is prepared for its intent."""
    book = next(row[-1] for row in KINDS if row[0] == one["intent"])
    play = PLAYBOOKS[book, language]
    labels = {Language.JA: ("会社", "お名前", "担当"), Language.EN: ("Company", "Name", "Owner")}[language]
    values = (one["account_name"], one["customer_name"], one["owner"])
    return {
        "heading": one["heading"][language],
        "headline": play.headline,
        "who": [{"label": label, "text": text} for label, text in zip(labels, values, strict=True)],
        "happened": one["happened"][language],
        "seen": [],
        "meaning": play.meaning,
        "how_sure": next(iter(play.how_sure.values())),
        "readings": [],
        "options": [{"case": each.case, "ask": each.ask, "answer": each.answer} for each in play.options],
        "draft": {"language": language, "subject": play.draft.subject, "body": play.draft.body},
        "links": [{"label": "CRM", "url": "https://crm.example.com/accounts/1"}],
    }


def timeline(account: str) -> dict[str, object]:
    """Return four weeks of an account."""
    days = [(NOW - timedelta(days=28 - n)).date() for n in range(29)]
    views = [(n * 7) % 12 if n % 7 not in (5, 6) else 0 for n in range(29)]
    alerts = [(1600, "high", "churn"), (9000, "medium", "budget"), (20000, "low", "support")]
    return {
        "account": account,
        "timezone": "Asia/Tokyo",
        "days": [
            {"day": str(day), "views": n + 1, "counted": n, "matter": n // 3}
            for day, n in zip(days, views, strict=True)
        ],
        "alerts": [
            {"id": f"{n}", "at": at(n), "intent": intent, "severity": severity, "happened": both(*HAPPENED[intent])}
            for n, severity, intent in alerts
        ],
        "purchases": [{"at": at(15000), "kind": "renewal", "label": both("更新", "Renewal"), "amount": "120,000 JPY"}],
        "interactions": [{"at": at(3000), "kind": "contacted", "label": both("こちらからの連絡", "We contacted them")}],
    }
