"""A real browser, started once for a module; skipped with a reason where there is none."""

import shutil

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser():
    """Yield the browser."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on the PATH: the page is only tried in a real browser")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM)
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser):
    """Yield a tab of desktop width whose faults, of the page or against its policy, fail the test."""
    faults = []
    size = {"width": 1280, "height": 800}
    context = await browser.new_context(viewport=size, timezone_id="Europe/Berlin", locale="ja-JP")
    opened = await context.new_page()
    opened.on("pageerror", lambda fault: faults.append(str(fault)))
    opened.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    yield opened
    await context.close()
    assert [] == faults
