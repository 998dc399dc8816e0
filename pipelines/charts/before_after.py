"""Lines before and after a change: the units it concerns beside what they are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import plotly.graph_objects as go

from pipelines.charts.theme import PALETTE, Palette, month_axis, quiet_layout


@dataclass(frozen=True)
class ComparedLine:
    """One line: `role` is treated, controls, synthetic or counterfactual.

    `values` and `texts` (what the pointer shows) are one per month; a null leaves a gap. Points
    of `few` months rest on few dossiers and are hollow.
    """

    role: str
    name: str
    months: Sequence[date]
    values: Sequence[float | None]
    texts: Sequence[str]
    few: Sequence[bool]


def before_after(
    lines: Sequence[ComparedLine],
    changed_on: date,
    *,
    changed: str,
    suffix: str = "",
    separators: str = ",.",
    height: int = 360,
    palette: Palette = PALETTE,
) -> go.Figure:
    """Draw the lines with an upright mark, named `changed`, on the day of the change."""
    figure = go.Figure(layout=quiet_layout(height=height, separators=separators, palette=palette))
    looks = {
        "treated": (palette.lacquer, 2.6, "solid"),
        "controls": (palette.grey, 2.2, "solid"),
        "synthetic": (palette.ochre, 2.0, "dot"),
        "counterfactual": (palette.teal, 2.0, "dash"),
    }
    for line in sorted(lines, key=lambda each: list(looks).index(each.role), reverse=True):
        colour, width, dash = looks[line.role]
        is_led = line.role == "treated"
        figure.add_scatter(  # pyright: ignore[reportUnknownMemberType]
            x=list(line.months),
            y=list(line.values),
            name=line.name,
            mode="lines+markers" if is_led else "lines",
            line={"color": colour, "width": width, "dash": dash},
            marker={
                "size": 6,
                "color": [palette.card if few else colour for few in line.few],
                "line": {"color": colour, "width": 1.4},
            },
            customdata=list(line.texts),
            hovertemplate="%{customdata}<extra></extra>",
            connectgaps=False,
        )
    figure.update_layout(legend_traceorder="reversed")  # pyright: ignore[reportUnknownMemberType]
    months = [month for line in lines for month in line.months]
    figure.add_shape(  # pyright: ignore[reportUnknownMemberType]
        type="line", x0=changed_on, x1=changed_on, y0=0, y1=1, yref="paper",
        line={"color": palette.ink, "width": 1.2, "dash": "dot"},
    )  # fmt: skip
    is_late = bool(months) and changed_on - min(months) > max(months) - changed_on
    figure.add_annotation(  # pyright: ignore[reportUnknownMemberType]
        x=changed_on, y=1, yref="paper", yanchor="top", text=changed, showarrow=False,
        xanchor="right" if is_late else "left", xshift=-6 if is_late else 6,
        font={"size": 12, "color": palette.ink}, bgcolor=palette.card, opacity=0.9,
    )  # fmt: skip
    figure.update_xaxes(  # pyright: ignore[reportUnknownMemberType]
        month_axis(len(set(months)))
    )
    figure.update_yaxes(  # pyright: ignore[reportUnknownMemberType]
        ticksuffix=suffix, tickformat=",.4~f", nticks=7
    )
    return figure
