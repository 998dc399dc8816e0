"""The overview in a real browser: figures, widths, addresses, a newer snapshot."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, expect

from dashboard.figures import DIGITAL, HEADLINES, TIMELINESS, VOLUME
from dashboard.numbers import Numbers
from dashboard.periods import find_period
from pipelines.serving.metrics import MetricLayer, MetricQuery
from pipelines.serving.snapshot import current_snapshot, point_to
from tests.browser import pages
from tests.browser.pages import PATIENCE, WIDTHS

OpenDashboard = Callable[[Path], AbstractContextManager[str]]
VI = Numbers("vi")


def visit(page: Page, address: str, width: int = 1440) -> None:
    pages.visit(page, address, width)
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=PATIENCE)


def told(home: Path, period_name: str) -> dict[str, str]:
    """What the metric layer answers, as the page must write it."""
    layer = MetricLayer.open(current_snapshot(home / "serving").file)
    period = find_period(period_name, layer.as_of)
    rows = layer.query(MetricQuery(HEADLINES, date_from=period.first_on, date_to=period.last_on))
    layer.close()
    return {
        metric: VI.percent(value) if metric.endswith("_rate") else VI.count(value)
        for metric, value in rows.select("metric", "value").iter_rows()
    }


def shown(page: Page) -> dict[str, str]:
    tiles = page.locator(".mc-tile").all()
    return {
        tile.get_attribute("data-metric") or "": tile.locator(".mc-value").inner_text()
        for tile in tiles
    }


@pytest.mark.parametrize("period", ["year", "quarter", "last_year"])
def test_headline_figures_are_the_metric_layers(
    page: Page, dashboard_address: str, published_home: Path, period: str
) -> None:
    visit(page, f"{dashboard_address}/?period={period}")
    figures = shown(page)
    assert set(figures) == {*TIMELINESS, *VOLUME, *DIGITAL}
    assert figures == told(published_home, period)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_fits_and_looks_right(
    page: Page, dashboard_address: str, screenshot_dir: Path, width: int
) -> None:
    visit(page, dashboard_address, width)
    expect(page.locator('[data-testid="stException"]')).to_have_count(0)
    expect(page.locator('[data-testid="stToolbar"]')).not_to_be_visible()
    sizes = page.evaluate(
        """() => {
            const main = document.querySelector('[data-testid=stMain]');
            const cut = [...document.querySelectorAll('.mc-tile, .mc-value, .mc-header h1')]
                .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)
                .map(e => e.className || e.tagName);
            return {
                page: document.documentElement.scrollWidth, main: main.scrollWidth,
                window: innerWidth, cut, lang: document.documentElement.lang,
                hasFont: document.fonts.check('600 16px "Be Vietnam Pro"'),
                font: getComputedStyle(document.querySelector('.mc-value')).fontFamily,
            };
        }"""
    )
    assert sizes["page"] <= sizes["window"]
    assert sizes["main"] <= sizes["window"]
    assert sizes["cut"] == []
    assert sizes["lang"] == "vi"
    assert sizes["hasFont"]
    assert "Be Vietnam Pro" in sizes["font"]
    # the charts redraw on a new size
    pages.picture(page, screenshot_dir / f"overview_{width}.png", width, redraw=800)


def test_the_top_says_how_far_to_trust(page: Page, dashboard_address: str) -> None:
    visit(page, dashboard_address)
    header = page.locator(".mc-header")
    expect(header).to_contain_text("địa bàn Hà Giang cũ (73 xã, phường)")
    expect(header).to_contain_text("Số liệu đến ngày")
    expect(header).to_contain_text("theo biểu II.06a, so theo ngày")
    expect(page.locator(".mc-banner")).to_contain_text("DỮ LIỆU TỔNG HỢP")
    expect(page.locator(".mc-health")).to_contain_text("bộ phận một cửa chưa gửi số liệu mới")


def test_what_is_chosen_stands_in_the_address(page: Page, dashboard_address: str) -> None:
    visit(page, dashboard_address)
    page.get_by_role("radio", name="Quý này").or_(page.get_by_text("Quý này")).first.click()
    page.wait_for_url("**period=quarter**", timeout=PATIENCE)
    page.get_by_text("EN", exact=True).click()
    expect(page.locator("h1")).to_contain_text("administrative procedures", timeout=PATIENCE)
    chosen = page.locator(".mc-period b").inner_text()
    page.reload()
    expect(page.locator(".mc-period b")).to_have_text(chosen, timeout=PATIENCE)
    expect(page.locator("html")).to_have_attribute("lang", "en", timeout=PATIENCE)


def test_a_newer_snapshot_appears_without_a_restart(
    page: Page, published_home: Path, tmp_path: Path, open_dashboard: OpenDashboard
) -> None:
    shutil.copytree(published_home / "serving", tmp_path / "serving")
    with open_dashboard(tmp_path) as address:
        visit(page, address)
        before = shown(page)
        assert before == told(tmp_path, "year")
        publish_doubled(tmp_path)
        tile = page.locator('[data-metric="received"] .mc-value')
        expect(tile).not_to_have_text(before["received"], timeout=PATIENCE)
        expect(page.locator(".mc-header")).to_contain_text("motcua-newer")
        assert shown(page) == told(tmp_path, "year")


def publish_doubled(home: Path) -> None:
    """Another version in which twice as many dossiers were received."""
    old = current_snapshot(home / "serving")
    new = old.file.with_name("motcua-newer.duckdb")
    shutil.copyfile(old.file, new)
    with duckdb.connect(new) as connection:
        connection.execute("update met_received set received_n = 2 * received_n")
        connection.execute("update meta set value = 'motcua-newer' where key = 'version'")
    point_to(home / "serving", "motcua-newer")
    assert json.loads((home / "serving" / "CURRENT.json").read_text())["version"] == "motcua-newer"


def test_an_empty_house_says_what_to_run(
    page: Page, tmp_path: Path, published_home: Path, open_dashboard: OpenDashboard
) -> None:
    with open_dashboard(tmp_path) as address:
        page.goto(address)
        expect(page.locator(".mc-empty")).to_contain_text("motcua demo", timeout=PATIENCE)
        shutil.copytree(published_home / "serving", tmp_path / "serving")
        expect(page.locator(".mc-footer")).to_be_visible(timeout=PATIENCE)
