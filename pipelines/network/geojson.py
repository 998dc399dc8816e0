"""A province's own map: GeoJSON polygons of communes, read in place of the schematic tiles.

A FeatureCollection of Polygons and MultiPolygons in degrees. Every feature has a property `code`,
the unit's official code. Codes are used again, so a file says of which day its units are:
`"valid_on": "2025-06-30"` beside `features`; without it they are those in force today.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import polars as pl

from pipelines.network.shapes import Point, Ring, Shape
from pipelines.network.units import in_force

LARGEST = 20_000_000  # bytes of a file that a page can still show
_PLACES = 3  # of a degree: about 100 m, finer than a picture shows


class GeoJsonError(ValueError):
    """A map that cannot be drawn; one line that names file, feature and rule."""


def read_maps(files: Iterable[Path], units: pl.DataFrame, today: date) -> dict[str, Shape]:
    """Shapes by unit key of all files.

    `units` has unit_key, unit_code, unit_valid_from, unit_valid_to, level. Raises `GeoJsonError`
    for a file that is no such map, names a code that is no commune on its day, or names one twice.
    """
    shapes: dict[str, Shape] = {}
    for file in files:
        valid_on, rings = _read(file, *_find(file))
        known = _communes_on(units, valid_on or today)
        for code, own in rings.items():
            key = known.get(code)
            if key is None:
                raise GeoJsonError(
                    f"{file.name}: {code} is no commune's code on {valid_on or today:%Y-%m-%d}"
                    " (the file's valid_on, else today)"
                )
            if key in shapes:
                raise GeoJsonError(f"{file.name}: {code} is drawn in another file too")
            shapes[key] = Shape(own, _centre(own))
    return shapes


@lru_cache(maxsize=8)
def _read(
    file: Path, _changed_at: int, size: int
) -> tuple[date | None, Mapping[str, tuple[Ring, ...]]]:
    """The day of a file and its rings by code, once per state of the file."""
    if size > LARGEST:
        raise GeoJsonError(
            f"{file.name}: larger than {LARGEST // 1_000_000} MB: simplify the outlines"
        )
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise GeoJsonError(f"{file.name}: no readable JSON") from error
    if not isinstance(content, dict) or not isinstance(
        features := cast("dict[str, Any]", content).get("features"), list
    ):
        raise GeoJsonError(f"{file.name}: no FeatureCollection")
    rings: dict[str, tuple[Ring, ...]] = {}
    for number, feature in enumerate(cast("list[Any]", features), start=1):
        code, own = _read_feature(feature, f"{file.name}: feature {number}")
        if code in rings:
            raise GeoJsonError(f"{file.name}: feature {number}: {code} is drawn twice")
        rings[code] = own
    return _read_day(cast("dict[str, Any]", content), file), _flatten(rings)


def _read_day(content: dict[str, Any], file: Path) -> date | None:
    told = content.get("valid_on")
    if told is None:
        return None
    try:
        return date.fromisoformat(told)
    except (TypeError, ValueError) as error:
        raise GeoJsonError(f"{file.name}: valid_on is no date like 2025-06-30") from error


def _read_feature(feature: Any, where: str) -> tuple[str, tuple[Ring, ...]]:
    try:
        code = feature["properties"]["code"]
        kind, coordinates = feature["geometry"]["type"], feature["geometry"]["coordinates"]
    except (KeyError, TypeError) as error:
        raise GeoJsonError(f"{where}: property code or geometry is missing") from error
    if not isinstance(code, str) or not code:
        raise GeoJsonError(f"{where}: property code is no text (00691 is not 691)")
    if kind not in ("Polygon", "MultiPolygon"):
        raise GeoJsonError(f"{where}: geometry is no Polygon or MultiPolygon")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    try:
        rings = tuple(_ring(points) for polygon in polygons for points in polygon)
    except (TypeError, ValueError, IndexError) as error:
        raise GeoJsonError(f"{where}: coordinates are no pairs of degrees") from error
    if not rings:
        raise GeoJsonError(f"{where}: geometry has no ring")
    return code, rings


def _ring(points: Iterable[Any]) -> Ring:
    """A closed ring in degrees, without points that a picture cannot tell apart."""
    rounded: list[Point] = []
    for longitude, latitude, *_ in points:
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            raise ValueError
        point = (round(float(longitude), _PLACES), round(float(latitude), _PLACES))
        if not rounded or point != rounded[-1]:
            rounded.append(point)
    if len(rounded) < 2:
        rounded *= 2
    return (*rounded, rounded[0]) if rounded[-1] != rounded[0] else tuple(rounded)


def _flatten(rings: Mapping[str, tuple[Ring, ...]]) -> dict[str, tuple[Ring, ...]]:
    """Degrees as a flat picture: longitudes are shortened as at the middle latitude."""
    latitudes = [y for own in rings.values() for ring in own for _, y in ring]
    if not latitudes:
        return dict(rings)
    narrow = math.cos(math.radians((min(latitudes) + max(latitudes)) / 2))
    return {
        code: tuple(tuple((x * narrow, y) for x, y in ring) for ring in own)
        for code, own in rings.items()
    }


def _centre(rings: tuple[Ring, ...]) -> Point:
    """The middle of the corners of the longest ring."""
    longest = max(rings, key=len)[:-1]
    return (
        sum(x for x, _ in longest) / len(longest),
        sum(y for _, y in longest) / len(longest),
    )


def _communes_on(units: pl.DataFrame, day: date) -> dict[str, str]:
    communes = units.filter(pl.col("level") == "commune", in_force(day))
    return dict(communes.select("unit_code", "unit_key").iter_rows())


def _find(file: Path) -> tuple[int, int]:
    """When the file changed, and its size in bytes."""
    try:
        found = file.stat()
    except OSError as error:
        raise GeoJsonError(f"{file.name}: no such file") from error
    return found.st_mtime_ns, found.st_size


def list_maps(told: Path | None, home: Path) -> Iterator[Path]:
    """The files to read: the one that is told, else those of the home's folder `geo`."""
    if told is not None:
        yield told.expanduser()
    else:
        yield from sorted((home / "geo").glob("*.geojson"))
