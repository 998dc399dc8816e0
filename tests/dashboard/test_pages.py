from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.figures import HEADLINES, ask_headlines, ask_headlines_before
from dashboard.filters import Filters
from dashboard.periods import PERIODS, Period, find_period
from dashboard.reader import SnapshotReader
from pipelines.serving.metrics import MetricLayer, MetricQuery
from pipelines.serving.snapshot import current_snapshot
from pipelines.settings import PROJECT_ROOT

APP = str(PROJECT_ROOT / "dashboard" / "app.py")


@pytest.fixture(scope="module")
def snapshot_file(published_home: Path) -> Path:
    return current_snapshot(published_home / "serving").file


@pytest.fixture(scope="module")
def reader(snapshot_file: Path) -> SnapshotReader:
    return SnapshotReader(snapshot_file)


def open_page(monkeypatch: pytest.MonkeyPatch, home: Path, **query: str) -> AppTest:
    monkeypatch.setenv("MOTCUA_HOME", str(home))
    page = AppTest.from_file(APP, default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    return page.run()


def html_of(page: AppTest) -> str:
    return "".join(str(element.value) for element in page.get("html"))


@pytest.mark.parametrize("period", [*PERIODS, "'; drop table meta; --", ""])
@pytest.mark.parametrize("lang", ["vi", "en", "xx"])
def test_every_address_opens(
    monkeypatch: pytest.MonkeyPatch, published_home: Path, period: str, lang: str
) -> None:
    page = open_page(monkeypatch, published_home, period=period, lang=lang, metric="no_such")
    assert not page.exception
    html = html_of(page)
    assert html.count('class="mc-value') == len(HEADLINES)
    assert ">nan" not in html.lower()


def test_without_a_snapshot_the_page_says_what_to_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = open_page(monkeypatch, tmp_path)
    assert not page.exception
    assert "motcua demo" in html_of(page)


@pytest.mark.parametrize("name", PERIODS)
def test_figures_are_those_of_the_metric_layer(
    reader: SnapshotReader, snapshot_file: Path, name: str
) -> None:
    period = find_period(name, reader.about.as_of)
    layer = MetricLayer.open(snapshot_file)
    rows = layer.query(MetricQuery(HEADLINES, date_from=period.first_on, date_to=period.last_on))
    layer.close()
    shown = ask_headlines(reader, Filters(period))
    told = {
        metric: (numerator, denominator, value)
        for metric, numerator, denominator, value in rows.select(
            "metric", "numerator", "denominator", "value"
        ).iter_rows()
    }
    assert {m: (f.numerator, f.denominator, f.value) for m, f in shown.items()} == told


def test_nothing_is_compared_with_a_time_before_the_data(reader: SnapshotReader) -> None:
    first = reader.data_from
    early = Period(first, first.replace(month=12, day=31))
    assert ask_headlines_before(reader, Filters(early)) == {}
    assert ask_headlines_before(reader, Filters(find_period("year", reader.about.as_of)))


def test_the_address_chooses_the_boundaries_and_the_totals_stay(
    monkeypatch: pytest.MonkeyPatch, published_home: Path
) -> None:
    was = html_of(open_page(monkeypatch, published_home, period="last_year"))
    page = open_page(monkeypatch, published_home, period="last_year", boundaries="today")
    assert not page.exception
    today = html_of(page)
    assert "Huyện, thành phố, gồm các xã trên địa bàn (đến 30/06/2025)" in was
    assert "Huyện, thành phố, gồm các xã" not in today
    assert "Khu vực huyện cũ, gồm các xã, phường trên địa bàn từ trước đến nay" in today
    total = '<tr class="mc-total">'
    assert was.count(total) == today.count(total) == 2
    assert [part.split("</tr>")[0] for part in was.split(total)[1:]] == [
        part.split("</tr>")[0] for part in today.split(total)[1:]
    ]
    assert "Địa giới hiện nay (từ 01/07/2025)" in today
