"""The page of the score in a real browser: widths, languages, choices in the address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

OpenDashboard = Callable[[Path], AbstractContextManager[str]]
PATIENCE = 30_000  # milliseconds for a first page on a busy machine
WIDTHS = {1440: 900, 390: 844}


@pytest.fixture(scope="module")
def address(published_home: Path, open_dashboard: OpenDashboard) -> Iterator[str]:
    with open_dashboard(published_home) as opened:
        yield f"{opened}/score766"


def visit(page: Page, address: str, width: int = 1440) -> None:
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    page.goto(address)
    expect(page.locator(".mc-footer")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize(("lang", "width"), [("vi", 1440), ("en", 1440), ("vi", 390), ("en", 390)])
def test_the_page_fits_and_looks_right(
    page: Page, address: str, screenshot_dir: Path, width: int, lang: str
) -> None:
    visit(page, f"{address}?lang={lang}&grain=year&period=2025", width)
    expect(page.locator('[data-testid="stException"]')).to_have_count(0)
    sizes = page.evaluate(
        """() => ({
            page: document.documentElement.scrollWidth,
            main: document.querySelector('[data-testid=stMain]').scrollWidth,
            window: innerWidth, lang: document.documentElement.lang,
            cut: [...document.querySelectorAll('.mc-cards, .mc-cards th, .mc-cards td, h1')]
                .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)
                .map(e => e.innerText.slice(0, 40)),
        })"""
    )
    assert sizes["page"] <= sizes["window"]
    assert sizes["main"] <= sizes["window"]
    assert sizes["cut"] == []
    assert sizes["lang"] == lang
    height = page.locator('[data-testid="stMainBlockContainer"]').evaluate("e => e.scrollHeight")
    page.set_viewport_size({"width": width, "height": height + 8})
    page.screenshot(path=screenshot_dir / f"score766_{lang}_{width}.png")


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
