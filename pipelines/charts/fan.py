"""A unit's gap from what was made to resemble it, in a fan of the same gaps of all others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import plotly.graph_objects as go

from pipelines.charts.theme import PALETTE, Palette, month_axis, quiet_layout

_Line = Sequence[tuple[date, float]]


def placebo_fan(
    treated: _Line,
    others: Sequence[_Line],
    changed_on: date,
    *,
    names: tuple[str, str],
    separators: str = ",.",
    height: int = 250,
    palette: Palette = PALETTE,
) -> go.Figure:
    """Draw months and gaps: the unit that was changed above the grey lines of the others.

    `names` are those of the unit and of the others in the legend.
    """
    figure = go.Figure(layout=quiet_layout(height=height, separators=separators, palette=palette))
    x: list[date | None] = []
    y: list[float | None] = []
    for line in others:
        x += [month for month, _ in line] + [None]
        y += [gap for _, gap in line] + [None]
    figure.add_scatter(  # pyright: ignore[reportUnknownMemberType]
        x=x, y=y, name=names[1], mode="lines", hoverinfo="skip",
        line={"color": palette.grey, "width": 1},
    )  # fmt: skip
    figure.add_scatter(  # pyright: ignore[reportUnknownMemberType]
        x=[month for month, _ in treated],
        y=[gap for _, gap in treated],
        name=names[0],
        mode="lines",
        line={"color": palette.lacquer, "width": 2.4},
        hovertemplate="%{y:,.2f}<extra></extra>",
    )
    figure.add_shape(  # pyright: ignore[reportUnknownMemberType]
        type="line", x0=changed_on, x1=changed_on, y0=0, y1=1, yref="paper",
        line={"color": palette.ink, "width": 1.2, "dash": "dot"},
    )  # fmt: skip
    figure.update_layout(legend_traceorder="reversed")  # pyright: ignore[reportUnknownMemberType]
    figure.update_xaxes(month_axis(len(treated)))  # pyright: ignore[reportUnknownMemberType]
    figure.update_yaxes(  # pyright: ignore[reportUnknownMemberType]
        tickformat=",.3~f", zeroline=True, zerolinecolor=palette.ink_soft, zerolinewidth=1.2
    )
    return figure
