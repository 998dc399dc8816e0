"""The monthly line of one metric with its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import plotly.graph_objects as go

from pipelines.charts.theme import PALETTE, Palette, month_axis, quiet_layout


@dataclass(frozen=True)
class TargetSpan:
    """A target in the unit of the line, in force between two days."""

    first_on: date
    last_on: date
    value: float


def monthly_line(
    months: Sequence[date],
    values: Sequence[float | None],
    texts: Sequence[str],
    *,
    name: str,
    links: Sequence[str] | None = None,
    targets: Sequence[TargetSpan] = (),
    target_name: str = "",
    suffix: str = "",
    ceiling: float | None = None,
    separators: str = ",.",
    height: int = 340,
    palette: Palette = PALETTE,
) -> go.Figure:
    """Draw one value per month; a month without a value leaves a gap.

    `months`, `values`, `texts` (what the pointer shows) and `links` (what a click opens) have one
    length. `suffix` follows
    the numbers of the axis; the axis never passes `ceiling`.
    """
    figure = go.Figure(layout=quiet_layout(height=height, separators=separators, palette=palette))
    figure.add_scatter(  # pyright: ignore[reportUnknownMemberType]
        x=list(months),
        y=list(values),
        name=name,
        mode="lines+markers",
        line={"color": palette.lacquer, "width": 2.5},
        marker={"size": 6, "color": palette.lacquer},
        text=list(texts),
        customdata=links,
        hovertemplate="%{text}<extra></extra>",
        connectgaps=False,
        cliponaxis=False,
    )
    for span in targets:
        figure.add_scatter(  # pyright: ignore[reportUnknownMemberType]
            x=[span.first_on, span.last_on],
            y=[span.value, span.value],
            name=target_name,
            mode="lines",
            line={"color": palette.teal, "width": 1.8, "dash": "dash"},
            hoverinfo="skip",
            showlegend=span is targets[0],
        )
    figure.update_xaxes(month_axis(len(months)))  # pyright: ignore[reportUnknownMemberType]
    figure.update_yaxes(  # pyright: ignore[reportUnknownMemberType]
        ticksuffix=suffix,
        range=_axis_range([*values, *(span.value for span in targets)], ceiling),
        tickformat=",.4~f",
    )
    return figure


def _axis_range(values: Sequence[float | None], ceiling: float | None) -> list[float] | None:
    """A counting axis starts at nothing; a share shows its own range, with room, up to 100."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    if ceiling is None:
        return [0, max(known) * 1.08 or 1]
    room = max((max(known) - min(known)) * 0.15, ceiling * 0.01)
    return [max(0, min(known) - room), min(ceiling * 1.004, max(known) + room)]
