"""The page "published and computed" in both languages, and what its table writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.published import ask_published
from dashboard.reader import SnapshotReader
from pipelines.serving.snapshot import current_snapshot


@pytest.fixture(scope="module")
def reader(published_home: Path) -> SnapshotReader:
    return SnapshotReader(current_snapshot(published_home / "serving").file)


def draw(file: str, code: str) -> None:
    """The page alone, as a script of its own."""
    from pathlib import Path

    from dashboard.i18n import Language
    from dashboard.reader import SnapshotReader
    from dashboard.views.published import show_published

    show_published(SnapshotReader(Path(file)), Language(code))


def html_of(published_home: Path, code: str) -> str:
    file = str(current_snapshot(published_home / "serving").file)
    page = AppTest.from_function(draw, args=(file, code), default_timeout=60).run()
    assert not page.exception
    return "".join(str(element.value) for element in page.get("html"))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            "vi",
            [
                "Số công bố và số tính được",
                "91,96\u00a0%",
                "81,4\u00a0%",
                "Chưa kiểm chứng",
                "1.100.000",
            ],
        ),
        ("en", ["Published and computed figures", "91.96%", "81.4%", "Unverified", "1,100,000"]),
    ],
)
def test_the_page_writes_every_published_figure(
    published_home: Path, reader: SnapshotReader, code: str, words: list[str]
) -> None:
    html = html_of(published_home, code)
    assert [word for word in words if word not in html] == []
    assert html.count('<th scope="row">') == len(reader.published)
    assert html.count("Báo Hà Giang") >= len(reader.published)
    assert "nan" not in html.lower().replace("finan", "")


def test_the_unverified_share_is_shown_as_reported_with_nothing_beside_it(
    published_home: Path,
) -> None:
    html = html_of(published_home, "en")
    row = next(part for part in html.split("<tr>") if "Unverified" in part)
    assert "mc-unsure" in row
    assert " pp" not in row
    assert row.count("%") == 1


def test_what_is_not_computed_yet_is_shown_with_its_source(
    published_home: Path, reader: SnapshotReader
) -> None:
    html = html_of(published_home, "vi")
    waiting = [f for f in reader.published if f.basis == "not_computed"]
    assert html.count("<span>Chưa tính</span>") == len(waiting) > 0
    for figure in waiting:
        assert figure.label_vi in html


def test_a_log_of_another_place_is_not_read_against_the_province(
    reader: SnapshotReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dataclasses

    elsewhere = dataclasses.replace(reader.about, province_vi=None)
    monkeypatch.setattr(reader, "about", elsewhere)
    compared = ask_published(reader)
    assert {c.reason for c in compared} == {"other_place"}
    assert {c.value for c in compared} == {None}
