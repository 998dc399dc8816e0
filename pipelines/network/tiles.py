"""The schematic map: a square tile for every commune of before 07/2025, roughly where it lies.

`data/maps/unit_tiles.csv` holds column and row of a grid from the north-west. The places are drawn
for reading, no survey: neighbours stay near each other, districts and the communes that went
into one unit hold together. A unit of a later time covers the tiles of those it took in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import polars as pl

from pipelines.network.shapes import Point, Ring, Shape

Cell = tuple[int, int]
"""Column and row of a tile; rows run south."""


@cache
def read_tiles(file: Path) -> Mapping[str, Cell]:
    """Tiles by unit key of the communes that are there since ever."""
    rows = pl.read_csv(file, schema_overrides={"unit_code": pl.String})
    return {f"{code}@": (column, row) for code, column, row in rows.iter_rows()}


def tile_shapes(tiles: Mapping[str, Cell], owners: Mapping[str, str]) -> dict[str, Shape]:
    """The shape of every owner: the outline of the tiles of the communes that are its own.

    `owners` names the unit in force for a commune's key; a commune without a tile is left out.
    """
    cells: dict[str, list[Cell]] = defaultdict(list)
    for commune, owner in owners.items():
        if commune in tiles:
            cells[owner].append(tiles[commune])
    return {owner: outline(own) for owner, own in cells.items()}


def outline(cells: Iterable[Cell]) -> Shape:
    """The rings around tiles, with a point at every corner of a tile; y runs north."""
    own = set(cells)
    edges: dict[Point, list[Point]] = defaultdict(list)
    for column, row in own:
        corners = ((0, 0), (1, 0), (1, -1), (0, -1))
        ring = [(float(column + x), float(y - row)) for x, y in corners]
        beside = ((0, -1), (1, 0), (0, 1), (-1, 0))
        for number, (x, y) in enumerate(beside):
            if (column + x, row + y) not in own:
                edges[ring[number]].append(ring[(number + 1) % 4])
    return Shape(tuple(_rings(edges)), _middle_of_widest(own))


def _middle_of_widest(cells: set[Cell]) -> Point:
    """The middle of the longest run of tiles in a row, the northernmost: a name has room there."""
    runs = {(column, row): 1 for column, row in cells if (column - 1, row) not in cells}
    for column, row in runs:
        while (column + runs[column, row], row) in cells:
            runs[column, row] += 1
    column, row = min(runs, key=lambda start: (-runs[start], start[1], start[0]))
    return column + runs[column, row] / 2, -row - 0.5


def _rings(edges: dict[Point, list[Point]]) -> Iterable[Ring]:
    """Follow the edges until each is used; every ring ends where it began."""
    while edges:
        start = next(iter(edges))
        ring = [start]
        here = start
        while here != start or len(ring) == 1:
            ends = edges[here]
            following = ends.pop()
            if not ends:
                del edges[here]
            ring.append(following)
            here = following
        yield tuple(ring)
