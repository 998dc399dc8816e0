"""The frame of every page in a real browser: links, choices, files, the wall."""

from __future__ import annotations

import csv
from pathlib import Path

import fastexcel
from playwright.sync_api import Page, expect

from tests.browser.pages import PATIENCE, visit

BARS = ".st-key-chart-classes .bars .point path"


def count_loads(page: Page) -> list[str]:
    """Every document that the page loads from now on."""
    loads: list[str] = []
    page.on("domcontentloaded", lambda: loads.append(page.url))
    return loads


def test_links_are_followed_without_loading_anew_and_the_way_back_leads_back(
    page: Page, dashboard_address: str
) -> None:
    visit(page, f"{dashboard_address}/?period=2025")
    loads = count_loads(page)
    page.locator(".mc-table a", has_text="Cấp xã").first.click()
    page.wait_for_url("**level=commune**", timeout=PATIENCE)
    expect(page.locator(".mc-total")).to_have_count(1, timeout=PATIENCE)
    page.locator(".mc-nav a", has_text="Cải cách").click()
    expect(page.locator(".mc-score-name")).to_contain_text("Năm 2025", timeout=PATIENCE)
    assert page.url == f"{dashboard_address}/score766?period=2025&level=commune"
    page.go_back()
    expect(page.locator(".mc-tiles").first).to_be_visible(timeout=PATIENCE)
    assert page.url == f"{dashboard_address}/?period=2025&level=commune"
    assert loads == []


def test_a_bar_leads_to_its_month_and_stays_there(page: Page, dashboard_address: str) -> None:
    visit(page, f"{dashboard_address}/?period=2025")
    page.locator(BARS).first.wait_for(timeout=PATIENCE)
    bar = page.locator(BARS).nth(10)
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**period=2024-11**", timeout=PATIENCE)
    expect(page.locator(".mc-period b")).to_have_text("01/11/2024 – 30/11/2024", timeout=PATIENCE)
    page.go_back()
    expect(page.locator(".mc-period b")).to_have_text("01/01/2025 – 31/12/2025", timeout=PATIENCE)
    page.wait_for_timeout(1_000)
    assert page.url == f"{dashboard_address}/?period=2025"


def test_months_of_ones_own_and_a_field_are_chosen_and_taken_back(
    page: Page, dashboard_address: str
) -> None:
    visit(page, dashboard_address)
    page.get_by_text("Tự chọn", exact=True).click()
    page.wait_for_url("**period=*..*", timeout=PATIENCE)
    page.get_by_text("Lọc thêm").click()
    page.locator('[data-testid="stPopoverBody"] input').first.click()
    page.get_by_role("option").nth(1).click()
    page.wait_for_url("**field=*", timeout=PATIENCE)
    chip = page.locator(".mc-chips a")
    expect(chip).to_have_count(1, timeout=PATIENCE)
    page.keyboard.press("Escape")
    chip.click()
    expect(chip).to_have_count(0, timeout=PATIENCE)
    assert "field" not in page.url
    assert ".." in page.url


def test_the_keyboard_gets_past_the_navigation(page: Page, dashboard_address: str) -> None:
    visit(page, dashboard_address)
    skip = page.locator(".mc-skip")
    page.keyboard.press("Tab")
    if skip.evaluate("link => link !== document.activeElement"):
        page.keyboard.press("Tab")  # the first stop is Streamlit's own scrolling pane
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_be_focused()


def test_what_is_seen_can_be_taken_along(
    page: Page, dashboard_address: str, tmp_path: Path
) -> None:
    visit(page, f"{dashboard_address}/?period=2025&channel=2")
    files = {}
    for form in ("XLSX", "CSV"):
        with page.expect_download(timeout=PATIENCE) as taken:
            page.get_by_role("button", name=f"Tải về {form}").click()
        files[form] = tmp_path / f"file.{form.lower()}"
        taken.value.save_as(files[form])
    book = fastexcel.read_excel(files["XLSX"])
    table, source, _ = (book.load_sheet(name).to_polars() for name in book.sheet_names)
    total = table.row(-1, named=True)
    tile = page.locator('[data-metric="received"] .mc-value').inner_text()
    assert total["Hồ sơ tiếp nhận"] == int(tile.replace(".", ""))
    said = {row[0]: row[1] for row in source.iter_rows()}
    assert said["Kỳ số liệu"] == "01/01/2025 – 31/12/2025"
    assert said["Hình thức nộp"] == "Trực tuyến"
    assert said["Bản số liệu"] in page.locator(".mc-header").inner_text()
    with files["CSV"].open(encoding="utf-8-sig", newline="") as stream:
        assert len(list(csv.reader(stream))) == table.height + 1


def test_a_chart_can_be_taken_along_as_a_picture(page: Page, dashboard_address: str) -> None:
    visit(page, dashboard_address)
    page.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=PATIENCE)
    for form in ("png", "svg"):
        with page.expect_download(timeout=PATIENCE) as taken:
            page.locator(f'.st-key-chart-trend button[data-image="{form}"]').click()
        assert taken.value.suggested_filename == f"motcua-trend.{form}"
        content = taken.value.path().read_bytes()
        assert content.startswith({"png": b"\x89PNG", "svg": b"<svg"}[form])


def test_the_wall_turns_by_itself_until_a_key_is_pressed(
    page: Page, dashboard_address: str
) -> None:
    visit(page, dashboard_address)
    page.goto(f"{dashboard_address}/?wall=1&seconds=5&period=2025")
    expect(page.locator(".mc-tiles").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".mc-nav")).to_have_count(0)
    page.wait_for_url("**/score766?period=2025&wall=1&seconds=5", timeout=PATIENCE)
    page.keyboard.press("a")
    expect(page.locator(".mc-nav")).to_have_count(1, timeout=PATIENCE)
    assert page.url == f"{dashboard_address}/score766?period=2025"


def test_a_phone_has_one_menu(page: Page, dashboard_address: str) -> None:
    visit(page, f"{dashboard_address}/?period=2025", 390)
    expect(page.locator(".mc-nav")).not_to_be_visible()
    page.locator(".mc-menu summary").click()
    page.locator(".mc-menu a", has_text="Điểm 766").click()
    expect(page.locator(".mc-score-name")).to_contain_text("Năm 2025", timeout=PATIENCE)
    expect(page.locator(".mc-menu nav")).not_to_be_visible()
