"""The schematic map: every commune has its place, and what went together hangs together."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipelines.network.changes import read_changes
from pipelines.network.shapes import Ring, colour_apart, find_neighbours
from pipelines.network.tiles import Cell, outline, read_tiles, tile_shapes
from pipelines.network.units import read_units, unit_key
from pipelines.settings import settings

TILES = read_tiles(settings().tiles_file)
UNITS = read_units(settings().reference_dir).with_columns(unit_key=unit_key())
BEFORE = UNITS.filter(pl.col("level") == "commune", pl.col("unit_valid_from").is_null())
GRID = st.tuples(st.integers(0, 5), st.integers(0, 5))


def successors() -> dict[str, str]:
    """The one unit that each commune went to first in the list; a split one has two."""
    heirs: dict[str, str] = {}
    for change in read_changes(settings().reference_dir):
        if change.kind in ("unit_merger", "unit_split") and change.from_key in TILES:
            heirs.setdefault(change.from_key, change.to_key)
    return heirs


def pieces(cells: set[Cell]) -> int:
    """In how many parts tiles lie that touch along a side."""
    left, found = set(cells), 0
    while left:
        found += 1
        edge = [left.pop()]
        while edge:
            column, row = edge.pop()
            for near in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                beside = (column + near[0], row + near[1])
                if beside in left:
                    left.remove(beside)
                    edge.append(beside)
    return found


def area(ring: Ring) -> float:
    pairs = itertools.pairwise(ring)
    return sum(x * v - u * y for (x, y), (u, v) in pairs) / 2


def test_every_commune_of_before_has_one_tile_of_its_own() -> None:
    assert set(TILES) == set(BEFORE["unit_key"].to_list())
    assert len(set(TILES.values())) == len(TILES) == 193


def test_what_went_into_one_unit_lies_in_one_piece() -> None:
    cells: dict[str, set[Cell]] = defaultdict(set)
    rows = pl.read_csv(settings().reference_dir / "unit_changes.csv", infer_schema=False)
    default = rows.filter(
        pl.col("kind").is_in(["unit_merger", "unit_split"]), pl.col("is_default") == "true"
    )
    for former, latter in default.select("from_code", "to_code").iter_rows():
        if f"{former}@" in TILES:
            cells[latter].add(TILES[f"{former}@"])
    assert len(cells) == 73
    assert {code: n for code, own in cells.items() if (n := pieces(own)) > 1} == {}


def test_every_district_lies_in_one_piece() -> None:
    cells: dict[str, set[Cell]] = defaultdict(set)
    for key, district in BEFORE.select("unit_key", "parent_code").iter_rows():
        cells[district].add(TILES[key])
    assert len(cells) == 11
    assert {code: n for code, own in cells.items() if (n := pieces(own)) > 1} == {}


def test_the_districts_lie_as_on_the_map() -> None:
    """Columns run east, rows south."""
    where: dict[str, tuple[float, float]] = {}
    for (district,), group in BEFORE.group_by("parent_code"):
        own = [TILES[key] for key in group["unit_key"]]
        where[str(district)] = (
            sum(column for column, _ in own) / len(own),
            sum(row for _, row in own) / len(own),
        )
    xin_man, hoang_su_phi, vi_xuyen, bac_me = (where[c][0] for c in ("033", "032", "030", "031"))
    assert xin_man < hoang_su_phi < vi_xuyen < bac_me
    dong_van, quan_ba, ha_giang, bac_quang = (where[c][1] for c in ("026", "029", "024", "034"))
    assert dong_van < quan_ba < ha_giang < bac_quang
    assert where["027"][0] > where["026"][0] > where["028"][0] > where["029"][0]


@given(st.sets(GRID, min_size=1))
def test_an_outline_holds_the_tiles_and_nothing_else(cells: set[Cell]) -> None:
    shape = outline(cells)
    assert all(ring[0] == ring[-1] for ring in shape.rings)
    # holes run the other way round
    assert abs(sum(area(ring) for ring in shape.rings)) == len(cells)
    x, y = shape.centre
    assert (int(x - 1e-9), round(-y - 0.5)) in cells


def test_neighbours_share_a_side_not_a_corner() -> None:
    shapes = tile_shapes(
        {"a@": (0, 0), "b@": (1, 0), "c@": (1, 1)}, {"a@": "a@", "b@": "b@", "c@": "c@"}
    )
    assert find_neighbours(shapes) == {"a@": {"b@"}, "b@": {"a@", "c@"}, "c@": {"b@"}}


def test_neighbours_of_the_new_map_differ_in_colour() -> None:
    neighbours = find_neighbours(tile_shapes(TILES, successors()))
    colours = colour_apart(neighbours, 6)
    assert set(colours.values()) == set(range(6))
    same = [(a, b) for a, own in neighbours.items() for b in own if colours[a] == colours[b]]
    assert same == []


def test_a_commune_without_a_tile_is_left_out() -> None:
    assert tile_shapes({"a@": (0, 0)}, {"a@": "a@", "new@2030-01-01": "new@2030-01-01"}).keys() == {
        "a@"
    }


def test_today_has_as_many_communes_as_the_page_draws() -> None:
    day = date(2025, 7, 1)
    now = UNITS.filter(pl.col("level") == "commune", pl.col("unit_valid_from") == day)
    assert tile_shapes(TILES, successors()).keys() == set(now["unit_key"].to_list())
