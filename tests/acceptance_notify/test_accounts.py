"""A second person of an account is on the same errand while both workers are dead: it is told with both names."""

import signal
import time

import pytest
from aiokafka import AIOKafkaProducer

from stream_app.codec import encode_account_view
from stream_app.core.alerts import AccountView, Intent, Severity
from stream_app.core.events import HOUR
from stream_app.core.language import Language
from stream_app.core.pages import PageCategory
from stream_app.render.catalogue import catalogue
from stream_app.topics import OutputTopic
from tests.acceptance_notify.notify_play import Play, alert_of, file_lines
from tests.notify.stage import until

pytestmark = pytest.mark.kafka

OURS, OTHERS = "a-1", "a-2"
SETTINGS = """
[[routes]]
name = "all"
sink = "file"
[fallback]
sink = "file"
[file]
path = "{path}"
"""
URGENT = catalogue(Language.JA).urgency[Severity.HIGH]


async def test_both_are_named_whoever_was_killed_between(ground):
    """A medium alert would wait for ten minutes of quiet; that of the other account does."""
    path = ground.folder / "told.jsonl"
    async with Play(ground, SETTINGS.format(path=path)) as play:
        await looked(play, look("first", OURS, PageCategory.PRICING), look("stranger", OTHERS, PageCategory.EXPORT))
        await play.tell(
            *(alert_of(n, account, Intent.BUDGET, Severity.MEDIUM) for n, account in enumerate((OURS, OTHERS)))
        )
        await until(lambda: held(play, 2))
        killed = [await play.end(worker, signal.SIGKILL) for worker in play.workers]
        await looked(play, look("second", OURS, PageCategory.EXPORT), look("second", OURS, PageCategory.EXPORT))
        await until(lambda: file_lines(path))
        (line,) = file_lines(path)
        (waiting,) = [each.message for each in await play.in_hand() if each.message.account == OTHERS]

        assert [-signal.SIGKILL] * 2 == killed
        assert (f"{0:032x}", True, True) == (line["case_id"], line["loud"], URGENT in line["heading"])
        assert [True, True, False] == [f"N-{who}" in line["text"] for who in ("first", "second", "stranger")]
        assert (Severity.MEDIUM, ()) == (waiting.lead.severity, waiting.company)
        assert ([0, 0], []) == (await play.stop(), await play.dead_letters())


def look(who, account, category):
    """Return a look of an hour ago."""
    return AccountView(
        account_id=account,
        customer_id=who,
        name=f"N-{who}",
        category=category,
        occurred_at=time.time_ns() // 1000 - HOUR,
        event_id=f"e-{who}",
    )


async def looked(play, *views):
    """Write looks as detect does."""
    async with AIOKafkaProducer(**play.settings.client_options()) as producer:
        topic = play.settings.topic(OutputTopic.ACCOUNT_VIEWS)
        for view in views:
            await producer.send(topic, encode_account_view(view), key=view.account_id.encode())
        await producer.flush()


async def held(play, count):
    """Tell whether so many messages wait."""
    return len(await play.in_hand()) == count
