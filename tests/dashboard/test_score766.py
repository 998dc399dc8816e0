"""The page of the score: what it writes is what the score says, in both languages."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.i18n import Language
from dashboard.reader import SnapshotReader
from dashboard.score import ask_units, ask_whole, last_whole, periods_of, sort_units
from pipelines.serving.calendar_periods import parse_period
from pipelines.serving.snapshot import current_snapshot


@pytest.fixture(scope="module")
def reader(published_home: Path) -> SnapshotReader:
    return SnapshotReader(current_snapshot(published_home / "serving").file)


def draw(file: str, code: str, place: str | None) -> None:
    """The page alone, as a script of its own."""
    from dataclasses import replace
    from pathlib import Path

    from dashboard.i18n import Language
    from dashboard.reader import SnapshotReader
    from dashboard.views.score766 import show_score766

    reader = SnapshotReader(Path(file))
    reader.about = replace(reader.about, province_vi=place)
    show_score766(reader, Language(code))


def html_of(home: Path, code: str, place: str | None = "Tỉnh Tuyên Quang", **query: str) -> str:
    file = str(current_snapshot(home / "serving").file)
    page = AppTest.from_function(draw, args=(file, code, place), default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return "".join(str(element.value) for element in page.get("html"))


@pytest.mark.parametrize("code", ["vi", "en"])
@pytest.mark.parametrize("name", ["2025-03", "2025Q1", "2025"])
def test_the_page_writes_the_score(
    published_home: Path, reader: SnapshotReader, code: str, name: str
) -> None:
    period = parse_period(name)
    html = unescape(html_of(published_home, code, grain=period.grain, period=name))
    score, numbers = ask_whole(reader, period), Language(code).numbers
    (total,) = re.findall(r'mc-score-points"><b[^>]*>([^<]+)</b>', html)
    assert total == numbers.score(score.points)
    for one in score.items:
        label = one.item.label_vi if code == "vi" else one.item.label_en
        assert f"<span>{label}</span>" in html
        if one.exact is not None:
            assert f">{numbers.score(one.points)}</b> / " in html
            assert numbers.percent(float(one.ratio or 0)) in html
        elif one.status == "no_feed":
            assert ((one.item.needs_vi if code == "vi" else one.item.needs_en) or "") in html
    assert "nan" not in html.lower().replace("finan", "")


def test_one_unit_is_shown_by_its_address(published_home: Path, reader: SnapshotReader) -> None:
    period = parse_period("2025")
    units = {unit.key: unit for unit in ask_units(reader, period)}
    old, new = units["00691@"], units["00691@2025-07-01"]
    assert old.name != new.name
    html = html_of(published_home, "vi", grain="year", period="2025", unit=new.key)
    assert f'mc-score-name">{new.name} · ' in unescape(html)
    assert "từ 01/07/2025" in html


@pytest.mark.parametrize(
    "query",
    [
        {"unit": "'; drop table meta; --"},
        {"period": "2030", "grain": "decade"},
        {"grain": "month", "period": "2025Q1"},
        {"sort": "rank", "level": "galaxy"},
    ],
    ids=["unit", "future", "other grain", "unknown words"],
)
def test_every_address_opens(published_home: Path, query: dict[str, str]) -> None:
    assert "mc-score-points" in html_of(published_home, "vi", **query)


def test_the_first_period_shown_is_over(reader: SnapshotReader) -> None:
    as_of = reader.about.as_of
    for grain in ("month", "quarter", "year"):
        periods = periods_of(reader, grain)
        assert last_whole(periods, as_of).last_on <= as_of
        assert min(p.last_on for p in periods) >= min(
            item.valid_from for item in reader.score_parameters.items
        )


def test_only_like_is_ordered_beside_like(reader: SnapshotReader) -> None:
    units = ask_units(reader, parse_period("2025"))
    ordered = sort_units(units, "high")
    kinds = [(u.score.exact is None, u.is_small, -u.score.measurable_points) for u in ordered]
    assert kinds == sorted(kinds)
    assert {True, False} == {u.is_small for u in units}
    fair = [u.score.exact or 0 for u in ordered if not u.is_small and u.score.exact is not None]
    assert fair == sorted(fair, reverse=True)
    assert sort_units(units, "name") == list(units)


def test_a_log_of_another_place_has_no_score(published_home: Path) -> None:
    html = html_of(published_home, "en", None)
    assert "Data of another place: no score of Decision 766." in html
    assert "mc-score-points" not in html


def test_a_snapshot_without_items_says_so(
    reader: SnapshotReader, published_home: Path, tmp_path: Path
) -> None:
    import shutil

    import duckdb

    shutil.copytree(published_home / "serving", tmp_path / "serving")
    with duckdb.connect(current_snapshot(tmp_path / "serving").file) as connection:
        connection.execute("drop table dim_score_item")
    assert "Bản số liệu này chưa kèm các nội dung chấm điểm." in html_of(tmp_path, "vi")


def test_points_on_few_dossiers_are_greyed(reader: SnapshotReader, published_home: Path) -> None:
    units = ask_units(reader, parse_period("2025-03"))
    small = next(u for u in units if u.is_small and u.level == "commune")
    html = html_of(published_home, "vi", grain="month", period="2025-03", unit=small.key)
    assert 'mc-score-points"><b class="mc-small">' in html
    assert "chỉ để tham khảo, không so sánh" in html


def test_on_todays_boundaries_the_areas_stand_among_the_districts(
    published_home: Path, reader: SnapshotReader
) -> None:
    html = html_of(published_home, "vi", period="2024Q1", boundaries="today", level="district")
    areas = [name for name in reader.about.units["unit_name_vi"] if name.startswith("Khu vực")]
    assert len(areas) > 10
    assert all(name in html for name in areas)
    assert "Huyện Vị Xuyên</" not in html
