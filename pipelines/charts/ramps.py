"""Colours between two roles of the palette: steps of a scale, tints of kinds."""

from __future__ import annotations

from pipelines.charts.theme import Palette


def ramp(palette: Palette, colour: str, steps: int) -> tuple[str, ...]:
    """`steps` colours from a tint on the card to `colour`, each darker than the one before."""
    first, last = 0.14, 1.0
    if steps == 1:
        return (mix(palette.card, colour, last),)
    width = (last - first) / (steps - 1)
    return tuple(mix(palette.card, colour, first + width * step) for step in range(steps))


def kinds(palette: Palette) -> tuple[str, ...]:
    """Six tints for neighbours on a map; they differ in lightness too."""
    tints = (
        (palette.teal_mid, 0.7),
        (palette.sand, 0.6),
        (palette.lacquer, 0.3),
        (palette.grey, 0.66),
        (palette.teal, 0.17),
        (palette.ochre, 0.45),
    )
    return tuple(mix(palette.card, colour, share) for colour, share in tints)


def mix(ground: str, colour: str, share: float) -> str:
    """`share` 0-1 of one hex colour on another."""
    pairs = zip(_channels(ground), _channels(colour), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
