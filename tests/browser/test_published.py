"""The page "published and computed" in a real browser: addresses, widths, languages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import PATIENCE, WIDTHS, measure, picture, visit

OpenDashboard = Callable[[Path], AbstractContextManager[str]]


def test_a_page_opens_by_its_own_address_on_a_fresh_process(
    page: Page, published_home: Path, open_dashboard: OpenDashboard
) -> None:
    with open_dashboard(published_home) as address:
        visit(page, f"{address}/published")
        expect(page.locator("h1")).to_have_text("Số công bố và số tính được")


def test_links_between_pages_keep_the_language(page: Page, dashboard_address: str) -> None:
    visit(page, f"{dashboard_address}/?lang=en")
    page.locator(".mc-nav").get_by_role("link", name="Data", exact=True).click()
    expect(page.locator("h1")).to_have_text("Published and computed figures", timeout=PATIENCE)
    assert page.url == f"{dashboard_address}/published?lang=en"
    page.locator(".mc-nav").get_by_role("link", name="Overview", exact=True).click()
    expect(page.locator("h1")).to_contain_text("administrative procedures", timeout=PATIENCE)
    assert "lang=en" in page.url
    page.get_by_text("VI", exact=True).click()
    expect(page.locator("h1")).to_contain_text("thủ tục hành chính", timeout=PATIENCE)
    assert "lang" not in page.url


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_fits_and_looks_right(
    page: Page, dashboard_address: str, screenshot_dir: Path, width: int, lang: str
) -> None:
    visit(page, f"{dashboard_address}/published?lang={lang}", width)
    sizes = measure(page, ".mc-cards, .mc-cards th, .mc-cards td, h1")
    assert sizes["page"] <= sizes["window"]
    assert sizes["main"] <= sizes["window"]
    assert sizes["cut"] == []
    assert sizes["lang"] == lang
    picture(page, screenshot_dir / f"published_{lang}_{width}.png", width)
