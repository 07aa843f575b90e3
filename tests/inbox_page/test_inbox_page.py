"""The page in a real browser, against a server that speaks the interface: what stands, what moves, what is heard."""

import pytest
from playwright.async_api import expect

from tests.inbox_page.cases import HOSTILE, ME, TANTOU, at, card
from tests.inbox_page.desk import Desk

pytestmark = pytest.mark.asyncio(loop_scope="module")

TELLS = "els => els.map(one => [one.dataset.id, Math.round(one.getBoundingClientRect().top)])"
FOCUSED = "document.activeElement.dataset.id ?? (document.activeElement.id || document.activeElement.localName)"


def told(number, **given):
    """Return the card of the reader's customer that needs somebody."""
    return card(number, state="told", readers=[TANTOU], owner=TANTOU, **given)


async def opened(page, url, **view):
    """Open the page and wait for its list."""
    await page.goto(url)
    await expect(page.locator("#main")).not_to_have_attribute("aria-busy", "true")
    await expect(page.locator("#link")).to_have_class("on")


def row(page, number):
    """Return the row of a case."""
    return page.locator(f"[data-id='{number:032x}']")


async def test_what_others_wrote_stays_text(page):
    harmful = {**card(8)["evidence"], "title": HOSTILE, "where": "javascript:alert(1)"}
    cards = [told(8, account_name=HOSTILE, customer_name=HOSTILE, evidence=harmful, owner_name=HOSTILE)]
    async with Desk(cards).serve() as url:
        await opened(page, url)
        await row(page, 8).click()
        await expect(page.locator("#detail h2")).to_contain_text("<script>document.title=2</script>")
        await expect(page.locator("figure svg[role=img]")).to_be_visible()

        assert "お客様の受信箱" == await page.title()
        assert 0 == await page.locator("main :is(img, script, iframe), a[href^='javascript']").count()
        assert HOSTILE in await page.locator("#detail .rows bdi").all_inner_texts()


async def test_all_can_be_done_by_keyboard_alone(page):
    desk = Desk([told(number) for number in (1, 2, 3)])
    async with desk.serve() as url:
        await opened(page, url)
        order = [f"{number:032x}" for number in (1, 3, 2)]  # medium, and of these the newest first; then low
        walked = []
        for key in ("Tab", "Enter", "ArrowDown", "End", "ArrowUp", "ArrowUp", "ArrowUp"):
            await page.keyboard.press(key)
            walked.append(await page.evaluate(FOCUSED))
        assert ["skip", order[0], order[1], order[2], order[1], order[0], order[0]] == walked

        await page.keyboard.press("Enter")
        await expect(page.locator("#detail .acts")).to_be_visible()
        reached = [await page.evaluate(FOCUSED)]
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator(".outcome")).to_have_text("担当者として記録しました。")
        await page.keyboard.press("Escape")

        assert [*reached, order[0]] == ["detail-title", await page.evaluate(FOCUSED)]
        assert [(order[0], "acknowledge")] == desk.asked
        assert "" == await page.evaluate("location.hash")


async def test_news_wait_to_be_asked_for_and_nothing_moves_under_the_reader(page):
    desk = Desk([told(number) for number in range(1, 12)])
    async with desk.serve() as url:
        await opened(page, url)
        await row(page, 5).click()
        await expect(page.locator("#detail .acts")).to_be_visible()
        await row(page, 6).focus()
        stood = await page.locator(".card").evaluate_all(TELLS)
        detail = await page.locator("#detail").inner_text()

        for number in (20, 24, 28):
            await desk.tell("card", told(number, at=at(0)))
        less = {name: value for name, value in told(5).items() if name not in ("reading", "runner_up")}
        news = {"ja": "新しい動き", "en": "news"}
        await desk.tell("card", {**less, "severity": "high", "alerts": 2, "happened": news})
        await expect(page.locator("#show")).to_have_text("新着3件・更新1件を表示")
        await expect(page.locator(".outcome")).to_contain_text("新しい動きがあります")

        assert stood == await page.locator(".card").evaluate_all(TELLS)
        assert f"{6:032x}" == await page.evaluate(FOCUSED)
        assert detail.splitlines()[-5:] == (await page.locator("#detail").inner_text()).splitlines()[-5:]
        assert ("status", "新着3件・更新1件") == (
            await page.locator("#said").get_attribute("role"),
            await page.locator("#said").inner_text(),
        )
        assert "(新着3件・更新1件) お客様の受信箱" == await page.title()

        await page.locator("#show").click()
        await expect(page.locator(".pill.new")).to_have_count(3)
        assert f"{20:032x}" == await page.evaluate(FOCUSED)  # the first of what is new
        assert f"{5:032x}" == (await page.locator(".card").evaluate_all(TELLS))[4][0]
        await expect(page.locator("#show")).to_be_hidden()


async def test_how_long_ago_is_told_by_the_clock_of_the_inbox(page):
    """In a demonstration it is not today's."""
    desk = Desk([told(1, at=at(150_005.5))])
    desk.now = at(150_000)
    async with desk.serve() as url:
        await opened(page, url)
        await expect(row(page, 1).locator(".when")).to_have_text("5 分前")
        await page.locator("#language").click()
        await expect(row(page, 1).locator(".when")).to_have_text("5 min ago")


async def test_where_no_page_was_seen_a_row_says_what_happened(page):
    """A contract that comes up for renewal has no evidence."""
    without = {name: value for name, value in told(2).items() if name != "evidence"}
    async with Desk([without]).serve() as url:
        await opened(page, url)
        await expect(row(page, 2).locator(".what")).to_have_text(
            f"様子伺い・つまずきリスク・{without['happened']['ja']}"
        )


async def test_after_a_break_nothing_is_missing(page):
    desk = Desk([told(1)])
    async with desk.serve() as url:
        await opened(page, url)
        await desk.tell("card", told(2))
        await expect(page.locator("#show")).to_have_text("新着1件を表示")
        await desk.cut()
        await expect(page.locator("#link")).to_have_class("off")
        await expect(page.locator("#link")).to_contain_text("接続が切れています")
        await desk.tell("card", told(3))
        await desk.tell("gone", {"id": f"{1:032x}"})
        desk.shut = False
        await expect(page.locator("#link")).to_have_class("on")
        await expect(page.locator("#show")).to_have_text("新着2件を表示")

        assert ["1-0", "1-1"] == [desk.resumed[0], desk.resumed[-1]]
        await expect(page.locator(".gone")).to_have_count(1)


async def test_what_the_server_no_longer_remembers_is_read_anew(page):
    desk = Desk([told(1), told(2)])
    async with desk.serve() as url:
        await opened(page, url)
        await row(page, 1).click()
        await expect(page.locator("#detail .acts")).to_be_visible()
        await desk.cut()
        await expect(page.locator("#link")).to_have_class("off")
        desk.cards = {one["id"]: one for one in (told(2), told(3))}
        desk.forgets, desk.shut = True, False
        await expect(page.locator("#show")).to_have_text("新着1件を表示")

        await expect(page.locator("#detail")).to_contain_text("表示できなくなりました")
        await expect(page.locator("#detail")).not_to_contain_text("担当者01")
        await expect(page.locator(".gone")).to_have_count(1)


async def test_a_deed_that_was_not_written_can_be_done_again(page):
    desk = Desk([told(1)])
    desk.refuses = True
    async with desk.serve() as url:
        await opened(page, url)
        await row(page, 1).click()
        snooze = page.locator("[data-deed=snooze]")
        await snooze.click()
        await expect(page.locator(".outcome")).to_contain_text("記録できませんでした")
        await expect(snooze).to_have_attribute("aria-disabled", "false")
        desk.refuses = False
        await snooze.click()
        await expect(page.locator(".outcome")).to_have_text("次の営業日に再通知します。")
        await desk.tell("card", {**told(1), "state": "snoozed", "snoozed_until": "2026-12-01T00:00:00.000000Z"})
        await expect(page.locator("#detail .top .pill")).to_have_text("12月1日(火) 09:00に再通知")

        assert [(f"{1:032x}", "snooze")] == desk.asked
        await expect(page.locator(".outcome")).to_have_text("次の営業日に再通知します。")  # one's own deed is no news


async def test_who_is_nobody_reads_and_does_not_act(page):
    nobody = {key: value for key, value in ME.items() if key not in ("email", "name")} | {"acts": False}
    desk = Desk([card(1), card(2)], me=nobody)
    async with desk.serve() as url:
        await opened(page, url)
        assert (2, 0) == (await page.locator(".card").count(), await page.locator("[data-scope]").count())
        await row(page, 1).click()
        await page.locator("[data-deed=acknowledge]").click(force=True)

        await expect(page.locator(".outcome")).to_contain_text("閲覧のみ")
        assert [] == desk.asked


async def test_the_token_of_the_address_lets_in_and_does_not_stay_there(page):
    desk = Desk([told(1)], token="a-token-of-16-characters")
    async with desk.serve() as url:
        await opened(page, f"{url}#token=a-token-of-16-characters&who={TANTOU}")
        assert (url, True) == (page.url, desk.let_in)

    await page.set_viewport_size({"width": 360, "height": 740})
    desk = Desk([told(1)], token="a-token-of-16-characters")
    async with desk.serve() as url:
        await page.goto(url)
        token = page.get_by_role("dialog", name="ログイン").get_by_label("トークン")
        await token.fill("wrong")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("トークンかメールアドレスが違います。")
        await page.keyboard.press("Escape")
        await token.fill("a-token-of-16-characters")
        await page.keyboard.press("Enter")
        await expect(row(page, 1)).to_be_visible()

        desk.let_in = False  # twelve hours later
        await desk.cut()
        desk.shut = False
        await desk.tell("card", told(2))
        await token.fill("a-token-of-16-characters")
        await page.keyboard.press("Enter")
        await expect(page.locator("#show")).to_have_text("新着1件を表示")


async def test_my_customers_first_and_my_team_when_asked(page):
    async with Desk([card(number) for number in range(1, 7)]).serve() as url:
        await opened(page, url)
        mine = await page.locator(".card").evaluate_all("els => els.map(one => one.dataset.id)")
        await page.get_by_role("button", name="チーム全体").click()
        await expect(page.locator("#cases-title")).to_have_text("お客様 6件")

        assert {f"{number:032x}" for number in (2, 4, 6)} == set(mine) | {f"{6:032x}"}
        assert ["false", "true"] == [
            await one.get_attribute("aria-pressed") for one in await page.locator("[data-scope]").all()
        ]


async def test_why_is_answered_of_any_customer(page):
    async with Desk([]).serve() as url:
        await opened(page, url)
        await page.get_by_role("textbox").fill("c/<b>1")
        await page.keyboard.press("Enter")

        await expect(page.locator("#detail h2")).to_have_text("c/<b>1：お知らせの有無とその理由")
        await expect(page.locator("#detail .answer")).to_have_text("お知らせしていません。c/<b>1")
