"""The page with the server that ships, on a real broker: from an alert to the record of who took it on."""

from contextlib import asynccontextmanager

import pytest
from playwright.async_api import expect
from pydantic import SecretStr

from stream_app.codec.notify import decode_feedback, encode_delivery, encode_order
from stream_app.core.events import HOUR
from stream_app.core.notify.fates import Fate, FateReason
from stream_app.core.notify.keys import target_key
from stream_app.core.notify.orders import Action
from stream_app.inbox.run import serving
from stream_app.settings.inbox import InboxSettings
from stream_app.topics import NotifyTopic
from tests.inbox.inbox_cases import AT, OWNER, PEOPLE, SLACK, fate, told

pytestmark = [pytest.mark.kafka, pytest.mark.asyncio(loop_scope="module")]

TOKEN = "a-token-of-this-test"
PATIENCE = 60_000  # ms, for what takes a second


@asynccontextmanager
async def inbox(ground, port=0):
    """Serve the inbox of these topics; yield its address."""
    own = InboxSettings(port=port, token=SecretStr(TOKEN))
    settings = ground.settings.model_copy(update={"inbox": own, "people": PEOPLE})
    async with serving(settings, lambda: AT + HOUR) as served:
        yield served.address


def alerted(number):
    """Return the records of an alert that somebody was told of."""
    made = told(number, case=number, customer_id=f"c-{number}", account_id=f"a-{number}")
    return [
        (NotifyTopic.QUEUE, target_key(SLACK.target), encode_order(made)),
        (
            NotifyTopic.DELIVERIES,
            f"a-{number}".encode(),
            encode_delivery(fate(number, Fate.DELIVERED, FateReason.SENT, case=number)),
        ),
    ]


async def test_an_alert_is_taken_on_by_keyboard_and_nothing_is_missing_after_a_new_start(ground, page):
    await ground.create()
    link, show = page.locator("#link"), page.locator("#show")
    async with inbox(ground) as address:
        await page.goto(f"{address}/#token={TOKEN}&who={OWNER}")
        await expect(link).to_have_class("on", timeout=PATIENCE)
        await ground.write(alerted(1))
        await expect(show).to_have_text("新着1件を表示", timeout=PATIENCE)
        await expect(page.locator("#said")).to_have_text("新着1件")
        for key in ("Tab", "Enter", "Tab", "Enter", "Enter"):  # past all to the list, to its news, shown, opened
            await page.keyboard.press(key)
        await expect(page.locator("#detail h2")).to_be_focused(timeout=PATIENCE)
        await expect(page.locator("#detail .rows q").first).to_have_text("Plans <b>and</b> prices")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator(".outcome")).to_have_text("担当者として記録しました。", timeout=PATIENCE)
        await expect(page.locator("#detail .top .pill")).to_have_text("対応中", timeout=PATIENCE)

        found = await ground.read([ground.settings.topic(NotifyTopic.FEEDBACK)])
        written = [decode_feedback(record.value) for records in found.values() for record in records]
        assert [(f"{1:032x}", Action.ACKNOWLEDGE, "Tantou", "inbox")] == [
            (one.case_id, one.action, one.by, one.channel) for one in written
        ]

    await expect(link).to_have_class("off", timeout=PATIENCE)
    await ground.write(alerted(2))
    async with inbox(ground, int(address.rpartition(":")[2])):
        await expect(link).to_have_class("on", timeout=PATIENCE)
        await expect(show).to_have_text("新着1件・更新1件を表示", timeout=PATIENCE)
        await show.click()

        assert [f"{2:032x}", f"{1:032x}"] == await page.locator(".card").evaluate_all(
            "els => els.map(one => one.dataset.id)"
        )
        await expect(page.locator(".card .owner").last).to_have_text("対応：Tantou")
