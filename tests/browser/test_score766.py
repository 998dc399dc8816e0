"""The page of the score in a real browser: widths, languages, choices in the address."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import PATIENCE, measure, picture, visit


@pytest.fixture
def address(dashboard_address: str) -> str:
    return f"{dashboard_address}/score766"


@pytest.mark.parametrize(("lang", "width"), [("vi", 1440), ("en", 1440), ("vi", 390), ("en", 390)])
def test_the_page_fits_and_looks_right(
    page: Page, address: str, screenshot_dir: Path, width: int, lang: str
) -> None:
    visit(page, f"{address}?lang={lang}&grain=year&period=2025", width)
    sizes = measure(page, ".mc-cards, .mc-cards th, .mc-cards td, h1")
    assert sizes["page"] <= sizes["window"]
    assert sizes["main"] <= sizes["window"]
    assert sizes["cut"] == []
    assert sizes["lang"] == lang
    picture(page, screenshot_dir / f"score766_{lang}_{width}.png", width)


def test_what_is_chosen_stands_in_the_address(page: Page, address: str) -> None:
    visit(page, address)
    page.get_by_text("Năm", exact=True).click()
    page.wait_for_url("**grain=year**", timeout=PATIENCE)
    expect(page.locator(".mc-score-name")).to_contain_text("Năm 2025", timeout=PATIENCE)
    page.get_by_text("Điểm cao trước", exact=True).click()
    page.wait_for_url("**sort=high**", timeout=PATIENCE)
    total = page.locator(".mc-score-points b").inner_text()
    page.reload()
    expect(page.locator(".mc-score-name")).to_contain_text("Năm 2025", timeout=PATIENCE)
    expect(page.locator(".mc-score-points b")).to_have_text(total)
