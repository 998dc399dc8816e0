"""The network as a map: units filled by class, blocks outlined and named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import plotly.graph_objects as go

from pipelines.charts.theme import PALETTE, Palette, quiet_layout

_Rings = Sequence[Sequence[tuple[float, float]]]


@dataclass(frozen=True)
class MapUnit:
    """A unit: its rings, a point in it, the number of its colour, what the pointer shows.

    `colour` is None where there is nothing to read: the unit is hatched. A marked unit carries a
    small sign at its point.
    """

    rings: _Rings
    centre: tuple[float, float]
    colour: int | None
    text: str
    is_marked: bool = False


@dataclass(frozen=True)
class MapBlock:
    """An area that is outlined and named on the map."""

    rings: _Rings
    centre: tuple[float, float]
    name: str


def unit_map(
    units: Sequence[MapUnit],
    blocks: Sequence[MapBlock],
    colours: Sequence[str],
    *,
    palette: Palette = PALETTE,
) -> go.Figure:
    """Draw the units with `colours` by their number, then the outlines of `blocks` above them.

    The figure has no height of its own: it fills the room that it is given.
    """
    figure = go.Figure(layout=quiet_layout(height=None, separators=",.", palette=palette))
    for number in (None, *range(len(colours))):
        own = [unit for unit in units if unit.colour == number]
        if own:
            _fill(figure, own, None if number is None else colours[number], palette)
    x, y = _path(chain.from_iterable(block.rings for block in blocks))
    figure.add_scatter(  # pyright: ignore[reportUnknownMemberType]
        x=x, y=y, mode="lines", hoverinfo="skip", line={"color": palette.ink, "width": 1.4},
    )  # fmt: skip
    _point(figure, units, palette)
    figure.update_layout(  # pyright: ignore[reportUnknownMemberType]
        showlegend=False,
        hovermode="closest",
        hoverdistance=40,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        annotations=[_name(block, palette) for block in blocks if block.name],
    )
    axis = {"visible": False, "fixedrange": True, "constrain": "domain"}
    left, right, bottom, top = _bounds(units)
    figure.update_xaxes(  # pyright: ignore[reportUnknownMemberType]
        {**axis, "range": [left, right]}
    )
    figure.update_yaxes(  # pyright: ignore[reportUnknownMemberType]
        {**axis, "range": [bottom, top], "scaleanchor": "x", "scaleratio": 1}
    )
    return figure


def _bounds(units: Sequence[MapUnit]) -> tuple[float, float, float, float]:
    """Ends of both axes, with a hundredth of room for the lines."""
    points = [point for unit in units for ring in unit.rings for point in ring] or [(0.0, 0.0)]
    x, y = [point[0] for point in points], [point[1] for point in points]
    room = max(max(x) - min(x), max(y) - min(y)) * 0.01
    return min(x) - room, max(x) + room, min(y) - room, max(y) + room


def _fill(figure: go.Figure, units: Sequence[MapUnit], colour: str | None, own: Palette) -> None:
    x, y = _path(chain.from_iterable(unit.rings for unit in units))
    hatched = {"shape": "/", "size": 5, "solidity": 0.18, "fgcolor": own.grey, "bgcolor": own.wash}
    figure.add_scatter(  # pyright: ignore[reportUnknownMemberType]
        x=x,
        y=y,
        mode="lines",
        fill="toself",
        fillcolor=colour or own.wash,
        fillpattern=hatched if colour is None else None,
        line={"color": own.card, "width": 1.2},
        hoverinfo="skip",
    )


def _point(figure: go.Figure, units: Sequence[MapUnit], palette: Palette) -> None:
    """Invisible points to show the texts, and the signs of marked units."""
    marked = [unit for unit in units if unit.is_marked]
    figure.add_scatter(  # pyright: ignore[reportUnknownMemberType]
        x=[unit.centre[0] for unit in marked],
        y=[unit.centre[1] for unit in marked],
        mode="markers",
        hoverinfo="skip",
        marker={
            "symbol": "diamond", "size": 8, "color": palette.card,
            "line": {"color": palette.ink, "width": 1.4},
        },
    )  # fmt: skip
    figure.add_scatter(  # pyright: ignore[reportUnknownMemberType]
        x=[unit.centre[0] for unit in units],
        y=[unit.centre[1] for unit in units],
        mode="markers",
        marker={"size": 14, "opacity": 0},
        customdata=[unit.text for unit in units],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _name(block: MapBlock, palette: Palette) -> dict[str, object]:
    return {
        "x": block.centre[0],
        "y": block.centre[1],
        "text": f"<b>{block.name}</b>",
        "showarrow": False,
        "font": {"size": 11, "color": palette.ink},
        "bgcolor": palette.card,
        "opacity": 0.86,
        "borderpad": 1,
    }


def _path(rings: Iterable[Sequence[tuple[float, float]]]) -> tuple[list[float | None], ...]:
    """All rings as one line, broken between them."""
    x: list[float | None] = []
    y: list[float | None] = []
    for ring in rings:
        x += [point[0] for point in ring] + [None]
        y += [point[1] for point in ring] + [None]
    return x, y
