"""Shapes of units on a picture of the network, whatever they were made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

Point = tuple[float, float]
Ring = tuple[Point, ...]
"""Points around an area, the last equal to the first; x runs east, y north."""


@dataclass(frozen=True)
class Shape:
    """The rings of a unit, and a point inside it that stands for it."""

    rings: tuple[Ring, ...]
    centre: Point


def find_neighbours(shapes: Mapping[str, Shape]) -> dict[str, set[str]]:
    """Which units touch: those that share at least two points of their rings."""
    owners: dict[Point, set[str]] = defaultdict(set)
    for key, shape in shapes.items():
        for ring in shape.rings:
            for point in ring:
                owners[point].add(key)
    shared: dict[tuple[str, str], int] = defaultdict(int)
    for keys in owners.values():
        for one in keys:
            for other in keys - {one}:
                shared[one, other] += 1
    neighbours: dict[str, set[str]] = {key: set() for key in shapes}
    for (one, other), points in shared.items():
        if points > 1:
            neighbours[one].add(other)
    return neighbours


def colour_apart(neighbours: Mapping[str, set[str]], colours: int) -> dict[str, int]:
    """A colour number from 0 for every unit, so that neighbours differ where that is possible.

    Units with the most neighbours choose first; of the colours that none of theirs has they take
    the one used least.
    """
    chosen: dict[str, int] = {}
    used = [0] * colours
    for key in sorted(neighbours, key=lambda unit: (-len(neighbours[unit]), unit)):
        taken = {chosen[other] for other in neighbours[key] if other in chosen}
        free = [colour for colour in range(colours) if colour not in taken] or range(colours)
        chosen[key] = min(free, key=lambda colour: (used[colour], colour))
        used[chosen[key]] += 1
    return chosen
