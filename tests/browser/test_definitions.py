"""The page of definitions in a real browser: widths, languages, the scope in the address."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import PATIENCE, WIDTHS, measure, picture, visit


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_fits_and_nothing_is_cut(
    page: Page, dashboard_address: str, screenshot_dir: Path, width: int, lang: str
) -> None:
    visit(page, f"{dashboard_address}/definitions?lang={lang}", width)
    sizes = measure(page, ".mc-rules, .mc-rules :is(th, td), .mc-moves *, h1", above=1)
    assert max(sizes["page"], sizes["main"]) <= sizes["window"]
    assert sizes["cut"] == []
    picture(page, screenshot_dir / f"definitions_{lang}_{width}.png", width)


def test_an_address_reopens_period_and_scope(page: Page, dashboard_address: str) -> None:
    visit(page, f"{dashboard_address}/definitions?period=last_year&scope=commune")
    expect(page.locator(".st-key-filters")).to_contain_text("Năm 2025")
    before = page.locator('[data-definition="ii06a"]').inner_text()
    page.get_by_text("Năm nay", exact=True).click()
    expect(page.locator(".st-key-filters")).to_contain_text("Năm 2026", timeout=PATIENCE)
    expect(page.locator('[data-definition="ii06a"]')).not_to_have_text(before)
    assert page.url.endswith("/definitions?scope=commune")
