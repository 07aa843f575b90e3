"""What an account did day by day, for a plot, with its alerts and purchases; see docs/inbox-api.md."""

from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from stream_app.codec.outputs import time_text
from stream_app.core.events import Interaction, Micros, PageView, Purchase, moment_of
from stream_app.core.language import Language
from stream_app.core.pages import PageCategory
from stream_app.core.pipeline import Verdict
from stream_app.explain.story import Happened, Story
from stream_app.inbox.cards import Fields, label, some
from stream_app.render.catalogue import catalogue
from stream_app.render.compose import happened
from stream_app.render.money import amount
from stream_app.render.shown import MAX_NAME, shown

MOST_DAYS = 120
"""Days that a plot shows at most, the last."""


def timeline(story: Story, zone: ZoneInfo) -> Fields:
    """Return the account's timeline; moments count as days of this zone."""
    used = [one for person in story.people for one in person.happened if one.verdict is Verdict.USED]
    deeds = sorted((one.event for one in used), key=lambda event: event.occurred_at)
    return {
        "account": story.sought,
        "timezone": str(zone),
        "days": _days(story, zone),
        "alerts": [
            {
                "id": one.alert_id,
                "at": time_text(one.occurred_at),
                "intent": one.intent,
                "severity": one.severity,
                "rule": one.rule_id,
                "happened": {each: happened(one, catalogue(each)) for each in Language},
            }
            for one in story.said.alerts
        ],
        "purchases": [_purchase(event) for event in deeds if isinstance(event, Purchase)],
        "interactions": [_interaction(event) for event in deeds if isinstance(event, Interaction)],
    }


def _days(story: Story, zone: ZoneInfo) -> list[Fields]:
    views, counted, matter = Counter[date](), Counter[date](), Counter[date]()
    everything = [one for person in story.people for one in person.happened if isinstance(one.event, PageView)]
    for one in everything:
        day = _local(one.event.occurred_at, zone)
        views[day] += 1
        counted[day] += one.verdict is Verdict.USED
        matter[day] += _matters(one)
    last = max([_local(story.now, zone), *views])
    first = max(min(views, default=last), last - timedelta(days=MOST_DAYS - 1))
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [
        {"day": day.isoformat(), "views": views[day], "counted": counted[day], "matter": matter[day]} for day in days
    ]


def _local(at: Micros, zone: ZoneInfo) -> date:
    return moment_of(at).astimezone(zone).date()


def _matters(one: Happened) -> bool:
    return one.verdict is Verdict.USED and one.page is not None and one.page.category is not PageCategory.OTHER


def _purchase(purchase: Purchase) -> Fields:
    return some(
        {
            "at": time_text(purchase.occurred_at),
            "kind": purchase.kind,
            "label": label(purchase.kind),
            "amount": amount(f"{purchase.amount:f}", purchase.currency),
            "plan": shown(purchase.plan or purchase.product_id, MAX_NAME),
        }
    )


def _interaction(interaction: Interaction) -> Fields:
    return {
        "at": time_text(interaction.occurred_at),
        "kind": interaction.kind,
        "label": label(interaction.kind),
        **({"score": interaction.score} if interaction.score is not None else {}),
    }
