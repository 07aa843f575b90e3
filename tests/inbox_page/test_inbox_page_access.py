"""Whoever reads with a screen reader, a keyboard, a phone, in the dark or in English finds the same page."""

import re
from itertools import pairwise

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.inbox_page.cases import HOSTILE, ME, TANTOU, card, timeline
from tests.inbox_page.desk import Desk
from tests.inbox_page.test_inbox_page import opened, row

pytestmark = pytest.mark.asyncio(loop_scope="module")

JAPANESE = re.compile(r"[ぁ-ヿ一-鿿]")
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
THEIRS = {
    "見本",
    "担当者",
    "担当",
    "代理",
    "はじめに",
    "日本語",
    "ご解約の前に",
    "料金プラン",
    "について",
    "プランを比べる",
}
"""What of Japanese is no word of the page: names, titles, and the button to the other language."""

UNNAMED = """() => [...document.querySelectorAll("button, a[href], input, select, summary, [role=img]")]
  .filter((one) => one.checkVisibility())
  .filter((one) => !(one.innerText || one.getAttribute("aria-label") || one.labels?.length))
  .map((one) => one.outerHTML)"""

STOP = """() => {
  const { localName, innerText, id } = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
  const name = localName === "body" ? "body" : localName === "select" ? id : innerText || id;
  return [name, `${outlineStyle} ${outlineWidth}`];
}"""

FAINT = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const ground = (node) => {
    const own = rgba(getComputedStyle(node).backgroundColor);
    return own[3] || !node.parentElement ? own : ground(node.parentElement);
  };
  const light = (colour) => {
    const shares = colour.slice(0, 3).map((one) => one / 255);
    const [r, g, b] = shares.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const against = (one, other) => {
    const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const faint = [];
  let told = 0;
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !node.checkVisibility()) continue;
    const style = getComputedStyle(node);
    const ink = node.namespaceURI.endsWith("svg") ? style.fill : style.color;
    told += 1;
    if (against(rgba(ink), ground(node)) < 4.5) faint.push([texts.currentNode.data, ink]);
  }
  return [told > 60, faint];
}"""


def cards():
    """Return many cards, one of which is as long as can be."""
    long = {**card(48)["evidence"], "title": HOSTILE}
    hostile = card(48, account_name=HOSTILE, customer_name=HOSTILE, evidence=long, state="told", readers=[TANTOU])
    return [*(card(number, readers=[TANTOU]) for number in range(1, 20)), hostile]


@pytest_asyncio.fixture(loop_scope="module")
async def case(page):
    """Yield the page with a case open beside the list."""
    async with Desk(cards()).serve() as url:
        await opened(page, url)
        await row(page, 1).click()
        await expect(page.locator("figure svg[role=img]")).to_be_visible()
        yield page


async def test_landmarks_and_headings_tell_where_one_is(case):
    marks = [await case.get_by_role(name).count() for name in ("banner", "main", "search", "navigation")]
    headings = await case.get_by_role("heading").evaluate_all("els => els.map(one => Number(one.localName[1]))")
    regions = case.get_by_role("region")

    assert [1, 1, 1, 1] == marks
    assert (1, 1) == (headings[0], headings.count(1))
    assert [] == [(one, after) for one, after in pairwise(headings) if after > one + 1]
    assert {"お客様 20件", "見本商事01・担当者01", "何があったか", "考えられる見方"} <= {
        await one.evaluate("one => document.getElementById(one.getAttribute('aria-labelledby')).innerText")
        for one in await regions.all()
    }


async def test_everything_that_can_be_done_has_a_name_and_a_visible_focus(case):
    assert [] == await case.evaluate(UNNAMED)

    await case.keyboard.press("Escape")
    await case.reload()
    await expect(row(case, 1)).to_be_visible()
    names, outlines = [], set()
    while True:
        await case.keyboard.press("Tab")
        name, outline = await case.evaluate(STOP)
        if name == "body":
            break
        names.append(name)
        outlines.add(outline)

    assert {"solid 3px"} == outlines
    assert names[:7] == [
        "お客様の一覧へ移動",
        "自分の担当",
        "チーム全体",
        "asked",
        "理由を調べる",
        "zone",
        "English",
    ]
    assert 1 == sum("見本商事" in name for name in names)  # one stop for the whole list: arrow keys go on from there


async def test_the_plot_is_a_table_for_who_does_not_see_it(case):
    days = timeline("a-0001")
    active = [one for one in days["days"] if one["counted"]]
    rows = case.get_by_role("table", name="1日ごとの動きとお知らせ").get_by_role("row")
    heads = case.get_by_role("columnheader")

    assert ["日付", "閲覧", "うち注目ページ", "購入", "お知らせ"] == await heads.all_inner_texts()
    assert {str(one["counted"]) for one in active} <= set(await case.locator("td.n:nth-child(2)").all_inner_texts())
    assert len(active) <= await rows.count() - 1 <= len(active) + 4
    assert f"閲覧{sum(one['counted'] for one in active)}件" in await case.locator("figure svg[role=img]").get_attribute(
        "aria-label"
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_all_text_stands_out_from_its_ground(case, theme):
    await case.emulate_media(color_scheme=theme, reduced_motion="reduce")
    await case.get_by_role("button", name="数字の表で見る").click()

    assert [True, []] == await case.evaluate(FAINT)
    assert ["0s"] == await case.evaluate(
        "[...new Set([...document.querySelectorAll('*')].map(one => getComputedStyle(one).transitionDuration))]"
    )


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "desktop"])
async def test_both_languages_fit_and_are_whole(case, size):
    await case.set_viewport_size(size)
    for language in ("ja", "en"):
        widths = await case.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert (language, size["width"], size["width"]) == (await case.locator("html").get_attribute("lang"), *widths)
        if size is PHONE:
            await case.locator(".back").click()
            assert 40 <= (await case.locator("#show, nav button").nth(0).bounding_box())["height"]
            assert size["width"] == await case.evaluate("document.documentElement.scrollWidth")
        if language == "ja":
            await case.get_by_role("button", name="English").click()
            assert "language" == await case.evaluate("document.activeElement.id")
            await row(case, 1).click()
            await expect(case.locator("figure svg[role=img]")).to_be_visible()
    await row(case, 1).click()
    await expect(case.locator("figure svg[role=img]")).to_be_visible()
    said = [line for line in (await case.locator("body").inner_text()).splitlines() if JAPANESE.search(line)]

    assert [] == [line for line in said if not any(theirs in line for theirs in THEIRS) and HOSTILE[-10:] not in line]


async def test_times_are_told_in_the_zone_that_is_chosen(page):
    async with Desk(cards(), me={**ME, "timezone": "Asia/Tokyo"}).serve() as url:
        await opened(page, url)
        moment = row(page, 1).locator("time")
        told = [await moment.get_attribute("title")]
        await page.get_by_label("時刻の表示").select_option("Europe/Berlin")
        told.append(await moment.get_attribute("title"))
        hours = [int(one.split()[-1].split(":")[0]) for one in told]

        assert (hours[0] - hours[1]) % 24 in (7, 8)  # in summer, in winter
        assert "前" in await moment.inner_text()
