"""An estimate with its interval as one calm line: zero, the range, the dot; an SVG document."""

from __future__ import annotations

from pipelines.charts.theme import PALETTE, Palette

_WIDTH, _HEIGHT, _EDGE = 300.0, 30.0, 8.0


def interval_line(
    estimate: float,
    low: float,
    high: float,
    *,
    reach: float,
    colour: str,
    is_sure: bool,
    is_estimate: bool = True,
    palette: Palette = PALETTE,
) -> str:
    """An SVG on a scale from -`reach` to `reach`, zero in the middle.

    The dot is full where something may be claimed (`is_sure`), else hollow; an end beyond the
    scale is drawn as an arrow. What is no estimate of an effect has a thin, broken line.
    """
    look = 'stroke-width="3"' if is_estimate else 'stroke-width="1.6" stroke-dasharray="4 3"'
    middle = _HEIGHT / 2
    left, right, dot = (_x(value, reach) for value in (low, high, estimate))
    ends = "".join(
        _arrow(end, middle, outward, colour)
        if beyond
        else f'<path d="M{end:.1f} {middle - 5:g}v10" stroke="{colour}" stroke-width="2"/>'
        for end, beyond, outward in (
            (left, low < -reach, -1),
            (right, high > reach, 1),
        )
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}">'
        f'<path d="M{_EDGE:g} {middle:g}H{_WIDTH - _EDGE:g}" stroke="{palette.line}"/>'
        f'<path d="M{_WIDTH / 2:g} 1V{_HEIGHT - 1:g}" stroke="{palette.ink_soft}"'
        ' stroke-width="1.3" stroke-dasharray="2 2.5"/>'
        f'<path d="M{left:.1f} {middle:g}H{right:.1f}" stroke="{colour}" {look}/>{ends}'
        f'<circle cx="{dot:.1f}" cy="{middle:g}" r="5.5" stroke="{colour}" stroke-width="2.4"'
        f' fill="{colour if is_sure else palette.card}"/></svg>'
    )


def _x(value: float, reach: float) -> float:
    half = _WIDTH / 2 - _EDGE
    return _WIDTH / 2 + half * min(max(value / reach, -1), 1)


def _arrow(x: float, y: float, outward: int, colour: str) -> str:
    tip = x + 6 * outward
    return f'<path d="M{tip:.1f} {y:g}L{x:.1f} {y - 5:g}v10z" fill="{colour}"/>'
