"""A word-sized line: a year of months in the corner of a tile, as an SVG document."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.charts.theme import PALETTE, Palette

_WIDTH, _HEIGHT, _EDGE = 112.0, 36.0, 4.0


def sparkline(values: Sequence[float | None], palette: Palette = PALETTE) -> str | None:
    """An SVG with one point per value; a null breaks the line, the last known point is marked.

    None where fewer than two values are known.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    step = (_WIDTH - 2 * _EDGE) / (len(values) - 1)
    points = [
        None
        if value is None
        else (
            _EDGE + index * step,
            _HEIGHT - _EDGE - (value - low) / span * (_HEIGHT - 2 * _EDGE),
        )
        for index, value in enumerate(values)
    ]
    last = next(point for point in reversed(points) if point is not None)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}">'
        f'<path d="{_path(points)}" fill="none" stroke="{palette.ink_faint}" stroke-width="1.8"'
        ' stroke-linejoin="round" stroke-linecap="round"/>'
        f'<circle cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="3.2" fill="{palette.lacquer}"/></svg>'
    )


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    pieces: list[str] = []
    is_drawing = False
    for point in points:
        if point is not None:
            pieces.append(f"{'L' if is_drawing else 'M'}{point[0]:.1f} {point[1]:.1f}")
        is_drawing = point is not None
    return "".join(pieces)
