"""Every page as people see it: light and dark, wide and narrow, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from dashboard.i18n import LANGUAGES
from dashboard.links import FIRST_PAGE
from dashboard.views import PAGES
from tests.browser.pages import WIDTHS, measure, picture, visit

pytestmark = pytest.mark.long


@pytest.mark.parametrize("path", [entry.path for entry in PAGES])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_fits_and_has_its_picture(
    page: Page,
    dashboard_address: str,
    screenshot_dir: Path,
    path: str,
    scheme: str,
    width: int,
    lang: str,
) -> None:
    page.emulate_media(color_scheme=scheme)  # pyright: ignore[reportArgumentType]
    address = "" if path == FIRST_PAGE else path
    visit(page, f"{dashboard_address}/{address}?lang={lang}", width)
    sizes = measure(page, "h1, .mc-tile, .mc-value")
    picture(page, screenshot_dir / f"{path}_{lang}_{width}_{scheme}.png", width, redraw=800)
    assert max(sizes["page"], sizes["main"]) <= sizes["window"]
    assert sizes["cut"] == []
    assert sizes["lang"] == lang
