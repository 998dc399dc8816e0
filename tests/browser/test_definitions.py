"""The page of definitions in a real browser: widths, languages, the scope in the address."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

PATIENCE = 30_000  # milliseconds for a first page on a busy machine
WIDTHS = {1440: 900, 390: 844}


def visit(page: Page, address: str, width: int = 1440) -> None:
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    page.goto(address)
    expect(page.locator(".mc-footer")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_fits_and_nothing_is_cut(
    page: Page, dashboard_address: str, screenshot_dir: Path, width: int, lang: str
) -> None:
    visit(page, f"{dashboard_address}/definitions?lang={lang}", width)
    expect(page.locator('[data-testid="stException"]')).to_have_count(0)
    sizes = page.evaluate(
        """() => ({
            page: document.documentElement.scrollWidth,
            main: document.querySelector('[data-testid=stMain]').scrollWidth,
            window: innerWidth,
            cut: [...document.querySelectorAll('.mc-rules, .mc-rules :is(th, td), .mc-moves *, h1')]
                .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1)
                .map(e => e.innerText.slice(0, 40)),
        })"""
    )
    assert max(sizes["page"], sizes["main"]) <= sizes["window"]
    assert sizes["cut"] == []
    height = page.locator('[data-testid="stMainBlockContainer"]').evaluate("e => e.scrollHeight")
    page.set_viewport_size({"width": width, "height": height + 8})
    page.screenshot(path=screenshot_dir / f"definitions_{lang}_{width}.png")


def test_an_address_reopens_period_and_scope(page: Page, dashboard_address: str) -> None:
    visit(page, f"{dashboard_address}/definitions?period=last_year&scope=commune")
    expect(page.locator(".st-key-filters")).to_contain_text("Năm 2025")
    before = page.locator('[data-definition="ii06a"]').inner_text()
    page.get_by_text("Năm nay", exact=True).click()
    expect(page.locator(".st-key-filters")).to_contain_text("Năm 2026", timeout=PATIENCE)
    expect(page.locator('[data-definition="ii06a"]')).not_to_have_text(before)
    assert page.url.endswith("/definitions?scope=commune")
