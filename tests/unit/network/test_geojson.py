"""A province's own map: which unit a code means, and one line for whatever is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.network import geojson
from pipelines.network.geojson import GeoJsonError, list_maps, read_maps

TODAY = date(2026, 6, 30)
SQUARE = [[104.9, 22.8], [105.0, 22.8], [105.0, 22.9], [104.9, 22.9], [104.9, 22.8]]
UNITS = pl.DataFrame(
    {
        "unit_key": ["00691@", "00691@2025-07-01", "00694@2025-07-01", "024@"],
        "unit_code": ["00691", "00691", "00694", "024"],
        "unit_valid_from": [None, date(2025, 7, 1), date(2025, 7, 1), None],
        "unit_valid_to": [date(2025, 6, 30), None, None, date(2025, 6, 30)],
        "level": ["commune", "commune", "commune", "district"],
    }
)
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(*features: Any, name: str = "own.geojson", **more: Any) -> Path:
        file = tmp_path / name
        content = {"type": "FeatureCollection", **more, "features": list(features)}
        file.write_text(json.dumps(content), encoding="utf-8")
        return file

    return write


def feature(code: Any = "00691", kind: str = "Polygon", coordinates: Any = None) -> dict[str, Any]:
    drawn = [SQUARE] if coordinates is None else coordinates
    return {"properties": {"code": code}, "geometry": {"type": kind, "coordinates": drawn}}


def test_a_code_means_the_unit_of_the_files_day(write: Write) -> None:
    now = write(feature(), feature("00694"))
    then = write(feature(), name="then.geojson", valid_on="2025-06-30")
    assert read_maps([now], UNITS, TODAY).keys() == {"00691@2025-07-01", "00694@2025-07-01"}
    assert read_maps([then], UNITS, TODAY).keys() == {"00691@"}
    assert len(read_maps([now, then], UNITS, TODAY)) == 3


def test_every_part_and_hole_of_a_unit_is_a_ring(write: Write) -> None:
    file = write(feature(kind="MultiPolygon", coordinates=[[SQUARE], [SQUARE, SQUARE]]))
    (shape,) = read_maps([file], UNITS, TODAY).values()
    assert len(shape.rings) == 3
    assert all(ring[0] == ring[-1] for ring in shape.rings)
    assert 0 < shape.centre[0] < 105
    assert 22.8 < shape.centre[1] < 22.9


def test_points_too_near_to_be_seen_are_one(write: Write) -> None:
    fine = [[104.9 + n / 1e6, 22.8] for n in range(400)] + SQUARE[1:]
    (shape,) = read_maps([write(feature(coordinates=[fine]))], UNITS, TODAY).values()
    assert len(shape.rings[0]) < 10


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (feature("00700"), "00700 is no commune's code on 2026-06-30"),
        (feature("024"), "024 is no commune's code"),
        (feature(691), "feature 1: property code is no text"),
        (feature(""), "feature 1: property code is no text"),
        ({"properties": {}, "geometry": {}}, "feature 1: property code or geometry is missing"),
        ({"properties": None, "geometry": None}, "feature 1: property code or geometry is missing"),
        ("text", "feature 1: property code or geometry is missing"),
        (feature(kind="Point", coordinates=[1, 2]), "feature 1: geometry is no Polygon"),
        (feature(coordinates=[["a", "b"]]), "feature 1: coordinates are no pairs of degrees"),
        (feature(coordinates=[[[560000, 2500000]] * 4]), "feature 1: coordinates are no pairs"),
        (feature(coordinates=[[[104.9]]]), "feature 1: coordinates are no pairs of degrees"),
        (feature(coordinates=7), "feature 1: coordinates are no pairs of degrees"),
        (feature(coordinates=[]), "feature 1: geometry has no ring"),
    ],
)
def test_what_is_wrong_with_a_feature_is_told_in_one_line(
    write: Write, broken: Any, told: str
) -> None:
    with pytest.raises(GeoJsonError) as error:
        read_maps([write(broken)], UNITS, TODAY)
    assert str(error.value).startswith("own.geojson: ")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no json", "no readable JSON"),
        ("[]", "no FeatureCollection"),
        ('{"features": 3}', "no FeatureCollection"),
        ('{"features": [], "valid_on": "1/7/2025"}', "valid_on is no date"),
        ('{"features": [], "valid_on": 20250701}', "valid_on is no date"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_in_one_line(
    tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / "own.geojson"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(GeoJsonError, match=f"own.geojson: {told}"):
        read_maps([file], UNITS, TODAY)


def test_a_unit_is_drawn_once(write: Write) -> None:
    with pytest.raises(GeoJsonError, match="feature 2: 00691 is drawn twice"):
        read_maps([write(feature(), feature())], UNITS, TODAY)
    one, other = write(feature()), write(feature(), name="other.geojson")
    with pytest.raises(GeoJsonError, match=r"other\.geojson: 00691 is drawn in another file too"):
        read_maps([one, other], UNITS, TODAY)


def test_a_file_that_is_gone_or_too_large_is_told(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(GeoJsonError, match=r"gone\.geojson: no such file"):
        read_maps([tmp_path / "gone.geojson"], UNITS, TODAY)
    monkeypatch.setattr(geojson, "LARGEST", 100)
    with pytest.raises(GeoJsonError, match=r"own\.geojson: larger than"):
        read_maps([write(feature())], UNITS, TODAY)


def test_the_file_that_is_told_wins_over_those_of_the_home(tmp_path: Path) -> None:
    (tmp_path / "geo").mkdir()
    for name in ("b.geojson", "a.geojson", "notes.txt"):
        (tmp_path / "geo" / name).touch()
    assert [file.name for file in list_maps(None, tmp_path)] == ["a.geojson", "b.geojson"]
    assert list(list_maps(tmp_path / "own.geojson", tmp_path)) == [tmp_path / "own.geojson"]
    assert list(list_maps(None, tmp_path / "geo")) == []
