"""The page of definitions in both languages, and the scopes it offers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.filters import Filters
from dashboard.i18n import Language
from dashboard.periods import Period, whole_period
from dashboard.reader import SnapshotReader
from dashboard.scopes import WHOLE, list_scopes
from pipelines.serving.metrics import MetricQuery
from pipelines.serving.snapshot import current_snapshot


@pytest.fixture(scope="module")
def reader(published_home: Path) -> SnapshotReader:
    return SnapshotReader(current_snapshot(published_home / "serving").file)


def draw(file: str, code: str, address: dict[str, str]) -> None:
    """The page alone, as a script of its own."""
    from pathlib import Path

    import streamlit as st

    from dashboard.i18n import Language
    from dashboard.reader import SnapshotReader
    from dashboard.views.definitions import show_definitions

    st.query_params.update(address)
    show_definitions(SnapshotReader(Path(file)), Language(code))


def html_of(home: Path, code: str, period: str = "last_year", **address: str) -> str:
    file = str(current_snapshot(home / "serving").file)
    query = {"period": period, **address}
    page = AppTest.from_function(draw, args=(file, code, query), default_timeout=60).run()
    assert not page.exception
    return "".join(str(element.value) for element in page.get("html"))


@pytest.mark.parametrize("code", ["vi", "en"])
def test_every_definition_stands_on_the_page_with_rule_population_and_count(
    published_home: Path, reader: SnapshotReader, code: str
) -> None:
    html = html_of(published_home, code)
    year = {"date_from": date(2025, 1, 1), "date_to": date(2025, 12, 31)}
    for definition in reader.definitions.values():
        row = html.split(f'data-definition="{definition.id}"')[1].split("</tr>")[0]
        for words in ("label", "rule", "population"):
            assert getattr(definition, f"{words}_{code}") in row
        query = MetricQuery(("early_or_on_time_rate",), definition=definition.id, **year)
        share = reader.ask(query).row(0, named=True)
        numbers = Language(code).numbers
        assert numbers.percent(share["value"]) in row
        assert numbers.count(share["denominator"]) in row
    assert html.count("data-moves=") == len(reader.definitions) - 1
    assert "nan" not in html.lower().replace("finan", "")


def test_where_a_definition_says_nothing_of_a_period_the_page_says_so(published_home: Path) -> None:
    html = html_of(published_home, "vi", period="months12")
    assert 'data-definition="d766"' not in html
    assert "Chỉ tính cho trọn tháng, quý hoặc năm" in html


def test_a_level_and_a_unit_can_be_chosen(published_home: Path, reader: SnapshotReader) -> None:
    whole = html_of(published_home, "vi")
    commune = html_of(published_home, "vi", level="commune")
    unit = html_of(published_home, "vi", unit="08@2025-07-01")
    assert len({whole, commune, unit}) == 3


def test_the_scopes_of_a_period_are_the_units_in_force_in_it(reader: SnapshotReader) -> None:
    period = Period(date(2025, 8, 1), date(2025, 8, 31))
    scopes = list_scopes(
        Language("vi"), reader.about, Filters(period), has_levels=True, has_units=True
    )
    assert next(iter(scopes)) == WHOLE
    assert "district" not in scopes
    assert "08@2025-07-01" in scopes
    assert "02@" not in scopes
    assert len(set(scopes.values())) == len(scopes)


def test_the_scopes_on_todays_boundaries_are_its_units_and_areas_in_any_period(
    reader: SnapshotReader,
) -> None:
    period = Period(date(2024, 8, 1), date(2024, 8, 31))
    filters = Filters(period, boundaries="today")
    scopes = list_scopes(Language("vi"), reader.about, filters, has_levels=True, has_units=True)
    assert {"district", "08@2025-07-01", "area-02@2025-07-01", "area-024@2025-07-01"} <= set(scopes)
    assert not any(key.endswith("@") for key in scopes)


@pytest.mark.parametrize(
    ("name", "as_of", "last_on"),
    [
        ("month", date(2024, 2, 10), date(2024, 2, 29)),
        ("quarter", date(2026, 11, 2), date(2026, 12, 31)),
        ("year", date(2026, 6, 30), date(2026, 12, 31)),
        ("months12", date(2026, 6, 17), date(2026, 6, 17)),
        ("last_year", date(2026, 6, 17), date(2025, 12, 31)),
    ],
)
def test_a_period_begun_is_taken_whole(name: str, as_of: date, last_on: date) -> None:
    assert whole_period(name, as_of).last_on == last_on
