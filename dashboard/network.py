"""The network of a day as a picture: the communes in force, their shapes, their districts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from dashboard.reader import SnapshotReader
from pipelines.network.geojson import GeoJsonError, list_maps, read_maps
from pipelines.network.shapes import Point, Shape
from pipelines.network.tiles import read_tiles, tile_shapes
from pipelines.network.units import in_force
from pipelines.settings import settings

_BOUNDARIES = ("unit_merger", "unit_split", "unit_abolished")
_MOVES_SHOP = "shop_merger"


@dataclass(frozen=True)
class District:
    """A district, or the area that followed it; `shape` without rings is a name alone."""

    name: str
    shape: Shape


@dataclass(frozen=True)
class Network:
    """The communes of a day: shapes and names by unit key, and the districts around them.

    `split` are communes of which a part went, or was to go, elsewhere; `folded` those whose
    counter had moved to another unit by that day. A schematic network is made of tiles.
    """

    day: date
    shapes: Mapping[str, Shape]
    names: Mapping[str, str]
    districts: tuple[District, ...]
    split: frozenset[str]
    folded: frozenset[str]
    is_schematic: bool


def network_on(reader: SnapshotReader, day: date, maps: Mapping[str, Shape]) -> Network:
    """The network of a day, drawn from the province's own maps where they show all of it."""
    communes = communes_on(reader.about.units, day)
    keys = communes["unit_key"].to_list()
    changes = reader.unit_changes
    splits = changes.filter(pl.col("kind") == "unit_split")
    moved = changes.filter(pl.col("kind") == _MOVES_SHOP, pl.col("effective_on") <= day)
    drawn = _from_maps(maps, keys, changes, day)
    if drawn is None:
        tiles = read_tiles(settings().tiles_file)
        heirs = follow(changes, tiles, day)
        shapes = tile_shapes(tiles, heirs)
        of_unit: dict[str, str] = dict(communes.select("unit_key", "district_code").iter_rows())
        areas = {tile: of_unit[key] for tile, key in heirs.items() if key in of_unit}
        outlines = tile_shapes(tiles, areas)
    else:
        shapes = drawn
        outlines = _name_places(drawn, communes)
    names = dict(reader.about.units.select("unit_code", "unit_name_vi").iter_rows())
    return Network(
        day,
        {key: shape for key, shape in shapes.items() if key in set(keys)},
        dict(communes.select("unit_key", "unit_name_vi").iter_rows()),
        tuple(District(short_district(names[code]), shape) for code, shape in outlines.items()),
        frozenset(splits["from_key"].to_list()) & frozenset(keys),
        frozenset(moved["from_key"].to_list()) & frozenset(keys),
        is_schematic=drawn is None,
    )


def own_maps(reader: SnapshotReader) -> Mapping[str, Shape]:
    """The shapes of the province's own maps, none without such files. Raises `GeoJsonError`."""
    files = tuple(list_maps(settings().geojson, settings().root))
    return read_maps(files, reader.about.units, reader.about.as_of)


def try_own_maps(reader: SnapshotReader) -> tuple[Mapping[str, Shape], str | None]:
    """As `own_maps`; what is wrong with a file is the second, and then nothing is drawn of it."""
    try:
        return own_maps(reader), None
    except GeoJsonError as error:
        return {}, str(error)


def follow(changes: pl.DataFrame, keys: Iterable[str], day: date) -> dict[str, str]:
    """The unit in force on a day for each of these: its default successors, one after another."""
    steps = changes.filter(
        pl.col("kind").is_in(_BOUNDARIES), pl.col("effective_on") <= day, pl.col("is_default")
    )
    heir: dict[str, str] = dict(steps.select("from_key", "to_key").iter_rows())
    followed: dict[str, str] = {}
    for key in keys:
        here = key
        while here in heir:
            here = heir[here]
        followed[key] = here
    return followed


def communes_on(units: pl.DataFrame, day: date) -> pl.DataFrame:
    """The communes in force on a day, in the order of their codes."""
    return units.filter(pl.col("level") == "commune", in_force(day)).sort("unit_code")


def short_district(name: str) -> str:
    """A district's name as a map has room for: `Đồng Văn`, `TP Hà Giang`."""
    plain = name.removeprefix("Khu vực ").removesuffix(" (cũ)").removeprefix("Huyện ")
    return plain.replace("Thành phố ", "TP ")


def _from_maps(
    maps: Mapping[str, Shape], keys: list[str], changes: pl.DataFrame, day: date
) -> dict[str, Shape] | None:
    """Shapes of own maps: each unit's, else those of the units it took in; None if one lacks."""
    if not maps:
        return None
    parts: dict[str, list[Shape]] = defaultdict(list)
    for former, heir in follow(changes, maps, day).items():
        if former != heir:
            parts[heir].append(maps[former])
    shapes: dict[str, Shape] = {}
    for key in keys:
        own = [maps[key]] if key in maps else parts.get(key, [])
        if not own:
            return None
        rings = tuple(ring for shape in own for ring in shape.rings)
        shapes[key] = Shape(rings, _middle([shape.centre for shape in own]))
    return shapes


def _name_places(shapes: Mapping[str, Shape], communes: pl.DataFrame) -> dict[str, Shape]:
    """Where the names of districts stand on a map that has no outlines for them."""
    points: dict[str, list[Point]] = defaultdict(list)
    for key, code in communes.select("unit_key", "district_code").iter_rows():
        points[code].append(shapes[key].centre)
    return {code: Shape((), _middle(own)) for code, own in points.items()}


def _middle(points: list[Point]) -> Point:
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)
