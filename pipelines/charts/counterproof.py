"""What one would see if nothing had happened: months around the change, and placebo changes."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from pipelines.charts.theme import PALETTE, Palette, quiet_layout


def months_around(
    months: Sequence[int],
    estimates: Sequence[float],
    lows: Sequence[float | None],
    highs: Sequence[float | None],
    texts: Sequence[str],
    *,
    suffix: str,
    separators: str = ",.",
    height: int = 250,
    palette: Palette = PALETTE,
) -> go.Figure:
    """The difference from the comparison by months since the change; before it, it should be 0."""
    figure = go.Figure(layout=quiet_layout(height=height, separators=separators, palette=palette))
    for is_after, colour in ((False, palette.ink_faint), (True, palette.lacquer)):
        own = [n for n, month in enumerate(months) if (month >= 0) == is_after]
        figure.add_scatter(  # pyright: ignore[reportUnknownMemberType]
            x=[months[n] for n in own],
            y=[estimates[n] for n in own],
            mode="markers",
            showlegend=False,
            marker={"size": 6, "color": colour, "symbol": "circle" if is_after else "circle-open"},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [_reach(highs[n], estimates[n]) for n in own],
                "arrayminus": [_reach(estimates[n], lows[n]) for n in own],
                "color": colour,
                "thickness": 1.2,
                "width": 0,
            },
            customdata=[texts[n] for n in own],
            hovertemplate="%{customdata}<extra></extra>",
        )
    _finish(figure, suffix, palette)
    figure.add_shape(  # pyright: ignore[reportUnknownMemberType]
        type="line", x0=-0.5, x1=-0.5, y0=0, y1=1, yref="paper",
        line={"color": palette.ink, "width": 1.2, "dash": "dot"},
    )  # fmt: skip
    figure.update_xaxes(dtick=6, tick0=0)  # pyright: ignore[reportUnknownMemberType]
    return figure


def placebo_strip(
    placebos: Sequence[float],
    texts: Sequence[str],
    estimate: float,
    *,
    found: str,
    suffix: str,
    separators: str = ",.",
    height: int = 250,
    palette: Palette = PALETTE,
) -> go.Figure:
    """Effects "found" where nothing was changed, stacked as dots, and the real one marked."""
    figure = go.Figure(layout=quiet_layout(height=height, separators=separators, palette=palette))
    x, y = _stack([*placebos], estimate)
    figure.add_scatter(  # pyright: ignore[reportUnknownMemberType]
        x=x,
        y=y,
        mode="markers",
        showlegend=False,
        marker={"size": 8, "color": palette.grey, "line": {"width": 0}},
        customdata=list(texts),
        hovertemplate="%{customdata}<extra></extra>",
    )
    _finish(figure, "", palette)
    figure.add_shape(  # pyright: ignore[reportUnknownMemberType]
        type="line", x0=estimate, x1=estimate, y0=0, y1=1, yref="paper",
        line={"color": palette.lacquer, "width": 2.4},
    )  # fmt: skip
    is_right = bool(placebos) and estimate > sum(placebos) / len(placebos)
    figure.add_annotation(  # pyright: ignore[reportUnknownMemberType]
        x=estimate, y=1, yref="paper", yanchor="top", text=found, showarrow=False,
        xanchor="right" if is_right else "left", xshift=-6 if is_right else 6,
        font={"size": 12, "color": palette.lacquer},
    )  # fmt: skip
    figure.update_layout(hovermode="closest")  # pyright: ignore[reportUnknownMemberType]
    figure.update_xaxes(ticksuffix=suffix)  # pyright: ignore[reportUnknownMemberType]
    figure.update_yaxes(  # pyright: ignore[reportUnknownMemberType]
        visible=False, range=[0, max(8.0, max(y, default=0) + 2)]
    )
    return figure


def _finish(figure: go.Figure, suffix: str, palette: Palette) -> None:
    figure.update_layout(  # pyright: ignore[reportUnknownMemberType]
        margin={"l": 8, "r": 12, "t": 12, "b": 8}
    )
    figure.update_yaxes(  # pyright: ignore[reportUnknownMemberType]
        ticksuffix=suffix, tickformat=",.3~f", zeroline=True, zerolinecolor=palette.ink_soft,
        zerolinewidth=1.2,
    )  # fmt: skip
    figure.update_xaxes(tickformat=",.3~f")  # pyright: ignore[reportUnknownMemberType]


def _stack(values: list[float], estimate: float) -> tuple[list[float], list[float]]:
    """Dots at their value, one above the other where they fall into one of forty bins."""
    if not values:
        return [], []
    low, high = min(*values, estimate), max(*values, estimate)
    width = (high - low) / 40 or 1.0
    heights: dict[int, int] = {}
    y: list[float] = []
    for value in values:
        place = round((value - low) / width)
        heights[place] = heights.get(place, 0) + 1
        y.append(float(heights[place]))
    return values, y


def _reach(high: float | None, low: float | None) -> float | None:
    return None if high is None or low is None else high - low
