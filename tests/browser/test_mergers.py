"""The page of mergers in a real browser: widths, languages, themes, the slider by keyboard."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pipelines.serving.snapshot import current_snapshot
from tests.browser.pages import PATIENCE, measure, picture, visit
from tests.dashboard.impact_tables import add_impacts

OpenDashboard = Callable[[Path], AbstractContextManager[str]]
CHARTS = 6  # two maps, the months, the months around, the placebos, the bands


@pytest.fixture(scope="module")
def address(
    published_home: Path, tmp_path_factory: pytest.TempPathFactory, open_dashboard: OpenDashboard
) -> Iterator[str]:
    home = tmp_path_factory.mktemp("mergers-browser")
    shutil.copytree(published_home / "serving", home / "serving")
    add_impacts(current_snapshot(home / "serving").file)
    with open_dashboard(home) as opened:
        yield f"{opened}/mergers"


def await_charts(page: Page) -> None:
    expect(page.locator(".js-plotly-plot .main-svg:first-child")).to_have_count(
        CHARTS, timeout=PATIENCE
    )


@pytest.mark.parametrize(
    ("lang", "width", "theme"),
    [
        ("vi", 1440, "light"),
        ("en", 1440, "dark"),
        ("vi", 390, "dark"),
        ("en", 390, "light"),
    ],
)
def test_the_page_fits_and_looks_right(
    page: Page, address: str, screenshot_dir: Path, lang: str, width: int, theme: str
) -> None:
    page.emulate_media(color_scheme=theme)  # pyright: ignore[reportArgumentType]
    visit(page, f"{address}?lang={lang}&metric=received", width)
    await_charts(page)
    sizes = measure(page, ".mc-effects *, .mc-changes :is(th, td), .mc-legend span, h1", above=1)
    assert max(sizes["page"], sizes["main"]) <= sizes["window"]
    assert sizes["cut"] == []
    assert sizes["lang"] == lang
    unnamed = page.locator(".mc-effects img:not([alt]), .stPlotlyChart:not([aria-label])")
    assert unnamed.count() == 0
    picture(page, screenshot_dir / f"mergers_{lang}_{theme}_{width}.png", width, redraw=1500)


def test_the_slider_is_moved_by_keys_and_stands_in_the_address(page: Page, address: str) -> None:
    visit(page, f"{address}?month=2025-06")
    await_charts(page)
    then = page.locator("h3.mc-h3", has_text="Như lúc đó")
    expect(then).to_contain_text("193 xã, phường, thị trấn · 201 bộ phận một cửa")
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    expect(then).to_contain_text("tháng 07/2025", timeout=PATIENCE)
    expect(then).to_contain_text("73 xã, phường, thị trấn · 74 bộ phận một cửa")
    page.wait_for_url("**month=2025-07**", timeout=PATIENCE)
    page.reload()
    expect(then).to_contain_text("tháng 07/2025", timeout=PATIENCE)


def test_choosing_a_district_leaves_the_rest_of_the_page_alone(page: Page, address: str) -> None:
    visit(page, f"{address}?district=024")
    await_charts(page)
    table = page.locator(".mc-changes tbody")
    expect(table).to_contain_text("Phường Trần Phú → Thành phố Hà Giang")
    expect(table).not_to_contain_text("Xã Lũng Cú")
    expect(page.locator(".mc-effects article")).to_have_count(11)
