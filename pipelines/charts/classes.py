"""Resolved dossiers by deadline class, month by month, with the late ones once more below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import plotly.graph_objects as go

from pipelines.charts.theme import PALETTE, Palette, month_axis, quiet_layout

_LATE = "late"


@dataclass(frozen=True)
class ClassSeries:
    """One class: its metric id, its name and its counts, one per month (null: not known)."""

    metric: str
    name: str
    counts: Sequence[int | None]


def class_stack(
    months: Sequence[date],
    classes: Sequence[ClassSeries],
    *,
    late_title: str,
    links: Sequence[str] | None = None,
    separators: str = ",.",
    height: int = 340,
    palette: Palette = PALETTE,
) -> go.Figure:
    """Stack the counts of `classes` per month, in the order given, the first at the bottom.

    The late ones, too few to be seen in the stack, stand below it on an axis of their own,
    titled `late_title`. `links` are what a click on a month opens. A class that never occurs is
    left out of the legend.
    """
    colours = {
        "early": palette.teal_mid,
        "on_time": palette.sand,
        _LATE: palette.lacquer,
        "no_due_date": palette.grey,
    }
    figure = go.Figure(layout=quiet_layout(height=height, separators=separators, palette=palette))
    for series in classes:
        rows = [("y", any(series.counts))]
        if series.metric == _LATE:
            rows.append(("y2", False))
        for axis, has_legend in rows:
            figure.add_bar(  # pyright: ignore[reportUnknownMemberType]
                x=list(months),
                y=list(series.counts),
                customdata=links,
                yaxis=axis,
                name=series.name,
                showlegend=has_legend,
                marker={"color": colours[series.metric], "line": {"width": 0}},
                hovertemplate="%{y:,} " + series.name.lower() + "<extra></extra>",
                hoverinfo="skip" if axis == "y2" else None,
            )
    below: dict[str, object] = dict(figure.layout.yaxis.to_plotly_json())  # pyright: ignore
    figure.update_layout(  # pyright: ignore[reportUnknownMemberType]
        barmode="stack",
        bargap=0.28,
        legend_traceorder="normal",
        yaxis={"domain": [0.36, 1], "tickformat": ",d", "rangemode": "tozero"},
        yaxis2={
            **below,
            "domain": [0, 0.2],
            "tickformat": ",d",
            "rangemode": "tozero",
            "nticks": 3,
        },
        xaxis={**month_axis(len(months)), "anchor": "y2"},
        annotations=[
            {
                "text": late_title,
                "xref": "paper",
                "yref": "paper",
                "x": 0,
                "y": 0.215,
                "xanchor": "left",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 12, "color": palette.lacquer},
            }
        ],
    )
    return figure
