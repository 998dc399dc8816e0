"""What the tests of every page do: open it, measure it, take its picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

PATIENCE = 30_000  # milliseconds for a first page on a busy machine
WIDTHS = {1440: 900, 390: 844}


def visit(page: Page, address: str, width: int = 1440) -> None:
    """Open an address and wait for the end of the page."""
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    page.goto(address)
    expect(page.locator(".mc-footer")).to_be_visible(timeout=PATIENCE)


def measure(page: Page, parts: str, above: int = 0) -> dict[str, Any]:
    """Widths in pixels, the page's language, and which parts wider than `above` are cut off."""
    expect(page.locator('[data-testid="stException"]')).to_have_count(0)
    return page.evaluate(
        """([parts, above]) => ({
            page: document.documentElement.scrollWidth,
            main: document.querySelector('[data-testid=stMain]').scrollWidth,
            window: innerWidth, lang: document.documentElement.lang,
            cut: [...document.querySelectorAll(parts)]
                .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > above)
                .map(e => e.innerText.slice(0, 40)),
        })""",
        [parts, above],
    )


def picture(page: Page, file: Path, width: int, redraw: int = 0) -> None:
    """The whole page as a picture; `redraw` milliseconds for charts to take the new size."""
    height = page.locator('[data-testid="stMainBlockContainer"]').evaluate("e => e.scrollHeight")
    page.set_viewport_size({"width": width, "height": height + 8})
    page.wait_for_timeout(redraw)
    page.screenshot(path=file)
