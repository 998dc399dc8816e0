"""Which unit became which, as bands from the left to the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from pipelines.charts.ramps import mix
from pipelines.charts.theme import FONT_FAMILY, PALETTE, Palette, quiet_layout

_THIN = 0.07  # width of a band that carries nothing, so that it is still seen
_ROW, _PAD, _EDGE = 30, 14, 12  # pixels: for a unit, between two, above and below all

KINDS = ("unit_merger", "unit_split", "unit_abolished", "shop_merger")


@dataclass(frozen=True)
class FlowNode:
    """A unit, or a counter, with its name and what the pointer shows."""

    key: str
    name: str
    text: str


@dataclass(frozen=True)
class FlowBand:
    """A handing over: `kind` gives its colour, `size` its width, `text` is for the pointer."""

    from_key: str
    to_key: str
    kind: str
    size: float
    text: str


def flow_picture(
    nodes: Sequence[FlowNode],
    bands: Sequence[FlowBand],
    *,
    palette: Palette = PALETTE,
) -> go.Figure:
    """Draw the bands; nodes appear from top to bottom in the order given, on either side."""
    place = {node.key: number for number, node in enumerate(nodes)}
    colours = band_colours(palette)
    sizes = [max(band.size, _THIN) for band in bands]
    left = _weights(bands, sizes, side="from")
    right = _weights(bands, sizes, side="to")
    rows = max(sum(1 for node in nodes if node.key not in side) for side in (left, right))
    height = max(180, _ROW * rows)
    column, row = _places(nodes, bands, left, right, height)
    layout = quiet_layout(height=height + 2 * _EDGE, separators=",.", palette=palette)
    margin = {"l": 2, "r": 2, "t": _EDGE, "b": _EDGE}
    figure = go.Figure(layout={**layout, "margin": margin})
    figure.add_sankey(  # pyright: ignore[reportUnknownMemberType]
        arrangement="snap",
        node={
            "label": [node.name for node in nodes],
            "customdata": [node.text for node in nodes],
            "hovertemplate": "%{customdata}<extra></extra>",
            "x": column,
            "y": row,
            "pad": _PAD,
            "thickness": 10,
            "color": palette.ink_soft,
            "line": {"width": 0},
        },
        link={
            "source": [place[band.from_key] for band in bands],
            "target": [place[band.to_key] for band in bands],
            "value": sizes,
            "color": [colours[band.kind] for band in bands],
            "customdata": [band.text for band in bands],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
        textfont={"family": FONT_FAMILY, "size": 12.5, "color": palette.ink},
    )
    return figure


def band_colours(palette: Palette = PALETTE) -> dict[str, str]:
    """The colour of every kind of change, also for the legend beside the picture."""
    tints = (
        (palette.teal_mid, 0.42),
        (palette.sand, 0.85),
        (palette.grey, 0.42),
        (palette.lacquer, 0.38),
    )
    return {
        kind: mix(palette.card, colour, share)
        for kind, (colour, share) in zip(KINDS, tints, strict=True)
    }


def _weights(bands: Sequence[FlowBand], sizes: Sequence[float], side: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for band, size in zip(bands, sizes, strict=True):
        key = band.from_key if side == "from" else band.to_key
        weights[key] = weights.get(key, 0) + size
    return weights


def _places(
    nodes: Sequence[FlowNode],
    bands: Sequence[FlowBand],
    left: Mapping[str, float],
    right: Mapping[str, float],
    height: int,
) -> tuple[list[float], list[float]]:
    """Columns 0, a half (handed over to and handing on) or 1; middles of nodes from 0 to 1.

    A column with fewer nodes than the others has more room between them.
    """
    column = {
        node.key: 0.001 if node.key not in right else 0.5 if node.key in left else 0.999
        for node in nodes
    }
    sides = {
        side: {
            node.key: max(left.get(node.key, 0), right.get(node.key, 0))
            for node in nodes
            if column[node.key] == side
        }
        for side in sorted(set(column.values()))
    }
    scale = min((height - (len(own) - 1) * _PAD) / sum(own.values()) for own in sides.values())
    middle: dict[str, float] = {}
    for own in sides.values():
        room = (height - sum(own.values()) * scale) / max(len(own) - 1, 1)
        before = 0.0
        for key, weight in own.items():
            middle[key] = min(max((before + weight * scale / 2) / height, 0.001), 0.999)
            before += weight * scale + room
    between = sides.get(0.5, {})
    for key in between:  # beside what it takes over
        middle[key] = max(middle[band.from_key] for band in bands if band.to_key == key)
    return [column[node.key] for node in nodes], [middle[node.key] for node in nodes]
