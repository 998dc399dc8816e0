"""The page of mergers: what it draws and writes is what the snapshot says, in both languages."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.i18n import Language
from dashboard.mergers import (
    SUCCESSOR,
    ask_communes,
    changes_of,
    first_shown,
    months_shown,
    span_of,
)
from dashboard.network import communes_on, follow, network_on, own_maps, short_district
from dashboard.reader import SnapshotReader
from pipelines.serving.metrics import MetricQuery
from pipelines.serving.snapshot import current_snapshot
from tests.dashboard.impact_tables import EFFECTS, REASON, SENTENCES, TABLES, add_impacts

LAST_OF_OLD = date(2025, 6, 30)
Change = Callable[[Path], None]


def copy_home(source: Path, target: Path, change: Change) -> Path:
    """A home with the same snapshot, changed."""
    shutil.copytree(source / "serving", target / "serving")
    change(current_snapshot(target / "serving").file)
    return target


@pytest.fixture(scope="module")
def home(published_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published home with effects that are known."""
    return copy_home(published_home, tmp_path_factory.mktemp("mergers"), add_impacts)


@pytest.fixture(scope="module")
def reader(home: Path) -> SnapshotReader:
    return SnapshotReader(current_snapshot(home / "serving").file)


def draw(file: str, code: str, place: str | None) -> None:
    """The page alone, as a script of its own."""
    from dataclasses import replace
    from pathlib import Path

    from dashboard.i18n import Language
    from dashboard.reader import SnapshotReader
    from dashboard.views.mergers import show_mergers

    reader = SnapshotReader(Path(file))
    reader.about = replace(reader.about, province_vi=place)
    show_mergers(reader, Language(code))


def open_page(home: Path, code: str = "vi", place: str | None = "Tỉnh", **query: str) -> AppTest:
    file = str(current_snapshot(home / "serving").file)
    page = AppTest.from_function(draw, args=(file, code, place), default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def html_of(page: AppTest) -> str:
    html = unescape("".join(str(element.value) for element in page.get("html")))
    assert "nan" not in html.lower().replace("finan", "")
    return html


def charts_of(page: AppTest) -> dict[str, dict[str, Any]]:
    """The figures drawn, by the last part of their key."""
    return {
        str(element.proto.id).rpartition("-")[2]: json.loads(element.proto.spec)
        for element in page.get("plotly_chart")
    }


@pytest.mark.parametrize("code", ["vi", "en"])
def test_every_outcome_is_told_with_its_interval_and_its_sentence(home: Path, code: str) -> None:
    html, numbers = html_of(open_page(home, code)), Language(code).numbers
    for outcome, (unit, before, after, estimate, low, high, verdict) in EFFECTS.items():
        (row,) = re.findall(rf'<article data-outcome="{outcome}">.*?</article>', html)
        assert SENTENCES[verdict][code == "en"] in row
        write = numbers.percent if unit == "share" else numbers.quantity
        if unit != "count":
            assert write(before) in row
            assert write(after) in row
        if low is not None and high is not None:
            change = numbers.points if unit == "share" else numbers.quantity_change
            assert f"<b>{change(estimate)}" in row
            assert change(low) in row
            assert change(high) in row
            assert "<img" in row


def test_only_what_may_be_claimed_is_told_as_better(home: Path) -> None:
    html = html_of(open_page(home))
    for outcome, (*_, verdict) in EFFECTS.items():
        (row,) = re.findall(rf'<article data-outcome="{outcome}">.*?</article>', html)
        assert ("mc-good" in row) is (verdict == "better")


def test_the_top_counts_communes_and_shops_from_the_lists(home: Path) -> None:
    html = html_of(open_page(home))
    assert "193 → 73" in html
    assert "205 → 201 → 74" in html
    assert "3 đơn vị bị chia tách" in html
    assert "4 bộ phận gộp vào bộ phận của huyện" in html
    assert "(ngày giả định)" in html


@pytest.mark.parametrize("metric", [SUCCESSOR, "received", "late_rate"])
def test_the_maps_draw_every_commune_of_their_day(home: Path, metric: str) -> None:
    charts = charts_of(open_page(home, metric=metric, month="2024-03"))
    counts = {key: len(charts[f"drawn-{key}"]["data"][-1]["x"]) for key in ("then", "now")
              if f"drawn-{key}" in charts} or {
        key: len(spec["data"][-1]["x"]) for key, spec in charts.items() if key in ("then", "now")
    }  # fmt: skip
    assert counts == {"then": 193, "now": 73}


def test_the_slider_moves_the_left_map_across_the_reorganisation(home: Path) -> None:
    page = open_page(home)
    assert "Như lúc đó, tháng 06/2025" in html_of(page)
    page.select_slider(key="choose-month").set_value("2025-07").run()
    assert not page.exception
    assert "Như lúc đó, tháng 07/2025" in html_of(page)
    assert page.query_params["month"] == "2025-07"
    assert html_of(page).count("73 xã, phường, thị trấn · 74 bộ phận một cửa") == 2


@pytest.mark.parametrize("month", ["2021-12", "2025-06", "2025-07", "2026-06"])
def test_a_map_shows_the_metric_layers_figures(reader: SnapshotReader, month: str) -> None:
    span = span_of(month, reader.about.as_of)
    rows = reader.ask(
        MetricQuery(
            ("received",), by=("unit",), level="commune",
            date_from=span.first_on, date_to=span.last_on,
        )
    )  # fmt: skip
    shown = ask_communes(reader, "received", span, "as_was")
    assert sum(figure.numerator or 0 for figure in shown.values()) == rows["numerator"].sum()
    keys = set(communes_on(reader.about.units, span.last_on)["unit_key"].to_list())
    assert keys <= shown.keys()


def test_both_maps_of_a_month_hold_the_same_dossiers(reader: SnapshotReader) -> None:
    span = span_of("2025-11", reader.about.as_of)
    then, now = (
        sum(f.numerator or 0 for f in ask_communes(reader, "received", span, reading).values())
        for reading in ("as_was", "today")
    )
    assert then == now > 0
    today = set(communes_on(reader.about.units, reader.about.as_of)["unit_key"].to_list())
    assert ask_communes(reader, "received", span, "today").keys() <= today


def test_a_span_is_twelve_whole_months_up_to_the_data(reader: SnapshotReader) -> None:
    as_of = date(2026, 6, 12)
    assert span_of("2025-02", as_of).first_on == date(2024, 3, 1)
    assert span_of("2025-02", as_of).last_on == date(2025, 2, 28)
    assert span_of("2026-06", as_of).last_on == as_of
    months = months_shown(reader)
    assert first_shown(reader, months) == "2025-06"
    assert months[-1] == f"{reader.about.as_of:%Y-%m}"


def test_every_commune_of_before_goes_to_one_of_today(reader: SnapshotReader) -> None:
    before = communes_on(reader.about.units, LAST_OF_OLD)["unit_key"].to_list()
    heirs = follow(reader.unit_changes, before, reader.about.as_of)
    today = communes_on(reader.about.units, reader.about.as_of)["unit_key"].to_list()
    assert len(heirs) == 193
    assert set(heirs.values()) == set(today)
    assert follow(reader.unit_changes, before, LAST_OF_OLD) == {key: key for key in before}


def test_a_network_names_its_districts_and_marks_what_is_special(reader: SnapshotReader) -> None:
    then = network_on(reader, LAST_OF_OLD, {})
    assert len(then.districts) == 11
    assert {"TP Hà Giang", "Đồng Văn"} <= {district.name for district in then.districts}
    assert len(then.split) == 3
    assert then.folded == {"00691@", "00721@", "00769@", "01021@"}
    assert network_on(reader, date(2024, 6, 30), {}).folded == set()
    assert short_district("Khu vực Huyện Mèo Vạc (cũ)") == short_district("Huyện Mèo Vạc")


@pytest.mark.parametrize("district", ["all", "024", "030", "031"])
def test_the_table_holds_every_change_of_the_district(
    home: Path, reader: SnapshotReader, district: str
) -> None:
    html = html_of(open_page(home, district=district))
    (table,) = re.findall(r'<table class="mc-table mc-cards mc-of-6 mc-changes">.*?</table>', html)
    changes = changes_of(reader.unit_changes, district)
    assert table.count('<th scope="row"') == changes.height > 0
    for row in changes.head(20).iter_rows(named=True):
        assert f"{row['from_name_vi']} → {row['to_name_vi']}" in table
    if district == "all":
        assert changes.height == reader.unit_changes.height


def test_bands_go_from_every_unit_of_a_district(home: Path, reader: SnapshotReader) -> None:
    charts = charts_of(open_page(home, district="030"))
    (sankey,) = charts["flow"]["data"]
    labels = [str(label) for label in sankey["node"]["label"]]
    percent = Language("vi").numbers.percent
    shares = f"{percent(1, 0)} / {percent(0, 0)}"
    assert sum("◇" in label for label in labels) == 1
    assert any(label.startswith("Xã Việt Lâm") and shares in label for label in labels)
    communes = reader.about.units.filter(
        pl.col("level") == "commune", pl.col("district_code") == "030"
    )
    assert len(sankey["link"]["value"]) >= communes.height


def test_an_estimate_stands_beside_its_change(home: Path) -> None:
    html = html_of(open_page(home, district="024"))
    (row,) = re.findall(r"<tr><th[^>]*><span>Phường Trần Phú → Thành phố.*?</tr>", html)
    assert "<b>−0,81 ngày</b>" in row
    assert "<b>+3,02 điểm %</b>" in row


def test_placebos_and_the_months_before_are_read_in_words(home: Path) -> None:
    html = html_of(open_page(home))
    assert "Trước thay đổi, hai bên đi cùng nhau" in html
    assert "0 trong 80 phép thử" in html
    none = html_of(open_page(home, outcome="late_rate"))
    assert "Không có phép thử nào cho kết quả này." in none


def test_a_single_shop_is_set_against_its_synthetic_control(home: Path) -> None:
    charts = charts_of(open_page(home, impact="shop-00691"))
    others, treated = charts["fan"]["data"]
    assert len(treated["x"]) == 12
    assert list(others["y"]).count(None) == 2
    assert "fan" not in charts_of(open_page(home, impact="shop-mergers"))


@pytest.mark.parametrize("code", ["vi", "en"])
def test_an_impact_that_cannot_be_estimated_says_why(
    published_home: Path, tmp_path: Path, code: str
) -> None:
    home = copy_home(published_home, tmp_path, lambda f: add_impacts(f, status="too_few"))
    html = html_of(open_page(home, code))
    assert REASON[code == "en"] in html
    assert "data-outcome" not in html


def drop(*tables: str) -> Change:
    def change(file: Path) -> None:
        with duckdb.connect(file) as connection:
            for table in tables:
                connection.execute(f"drop table if exists {table}")

    return change


def test_a_snapshot_without_effects_shows_the_network_and_says_so(
    published_home: Path, tmp_path: Path
) -> None:
    page = open_page(copy_home(published_home, tmp_path, drop("imp_run", *TABLES)))
    html = html_of(page)
    assert "Bản số liệu này chưa kèm ước lượng tác động" in html
    assert "193 → 73" in html
    assert "mc-changes" in html


def test_a_snapshot_without_changes_says_what_to_do(published_home: Path, tmp_path: Path) -> None:
    home = copy_home(published_home, tmp_path, drop("dim_unit_change", "imp_run", *TABLES))
    html = html_of(open_page(home))
    assert "chưa kèm các thay đổi của mạng lưới: chạy motcua run" in html
    assert "mc-footer" in html


def test_a_log_of_another_place_has_no_mergers(home: Path) -> None:
    html = html_of(open_page(home, "en", None))
    assert "Data of another place: there is no list of changes of its units." in html


def keep_one_unit(file: Path) -> None:
    """Figures of one commune alone."""
    with duckdb.connect(file) as connection:
        tables = connection.execute(
            "select distinct table_name from duckdb_columns() where column_name = 'unit_key'"
            " and (table_name like 'met_%' or table_name like 'fct_%')"
        ).fetchall()
        views = {row[0] for row in connection.execute(
            "select view_name from duckdb_views() where not internal").fetchall()}  # fmt: skip
        for (table,) in tables:
            if table not in views:
                connection.execute(f"delete from {table} where unit_key <> '00700@'")


@pytest.mark.parametrize("metric", ["received", "early_or_on_time_rate"])
def test_figures_of_one_unit_leave_all_others_hatched(
    published_home: Path, tmp_path: Path, metric: str
) -> None:
    home = copy_home(published_home, tmp_path, keep_one_unit)
    page = open_page(home, metric=metric, month="2024-12")
    assert "mc-hatch" in html_of(page)


@pytest.mark.parametrize(
    "query",
    [
        {"month": "2099-13", "metric": "no_such"},
        {"month": "'; drop table meta; --"},
        {"impact": "shop-99999", "outcome": "<script>"},
        {"district": "<b>024</b>"},
    ],
    ids=["future", "statement", "unknown effect", "markup"],
)
def test_every_address_opens(home: Path, query: dict[str, str]) -> None:
    html = html_of(open_page(home, **query))
    assert "mc-changes" in html
    assert "<script>" not in html


def test_an_own_map_is_drawn_in_place_of_the_tiles(
    home: Path, reader: SnapshotReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = communes_on(reader.about.units, LAST_OF_OLD)["unit_code"].to_list()
    features = [
        {
            "properties": {"code": code},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[105 + n % 14 / 50 + x, 22 + n // 14 / 50 + y]
                     for x, y in ((0, 0), (0.02, 0), (0.02, 0.02), (0, 0.02), (0, 0))]
                ],
            },
        }
        for n, code in enumerate(codes)
    ]  # fmt: skip
    file = tmp_path / "own.geojson"
    file.write_text(json.dumps({"features": features, "valid_on": "2025-06-30"}))
    monkeypatch.setenv("MOTCUA_GEOJSON", str(file))
    maps = own_maps(reader)
    now = network_on(reader, reader.about.as_of, maps)
    assert len(maps) == 193
    assert len(now.shapes) == 73
    assert sum(len(shape.rings) for shape in now.shapes.values()) == 193
    assert "Sơ đồ ô vuông" not in html_of(open_page(home))
    file.write_text(json.dumps({"features": features[:9], "valid_on": "2025-06-30"}))
    assert "Sơ đồ ô vuông" in html_of(open_page(home))


def test_a_broken_own_map_is_told_and_the_tiles_are_drawn(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "own.geojson"
    file.write_text('{"features": [{"properties": {}}]}')
    monkeypatch.setenv("MOTCUA_GEOJSON", str(file))
    html = html_of(open_page(home))
    assert "own.geojson: feature 1: property code or geometry is missing" in html
    assert "Sơ đồ ô vuông" in html
