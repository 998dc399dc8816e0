"""Classes of a map: few limits that are round numbers, the same for every map they serve."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from statistics import quantiles

_STEPS = (0.05, 0.02, 0.01, 0.005, 0.002, 0.001)  # of a share: from 5 points to a tenth


def class_limits(values: Sequence[float], *, is_share: bool, classes: int = 5) -> tuple[float, ...]:
    """Limits between at most `classes` classes of about equal number, rounded.

    Shares are rounded to the coarsest step that keeps the classes apart, counts to two figures.
    Fewer limits come back where the values do not differ enough; none for less than two values.
    """
    if len(values) < 2:
        return ()
    cuts = quantiles(values, n=classes, method="inclusive")
    if not is_share:
        return tuple(sorted({_two_figures(cut) for cut in cuts if cut > 0}))
    rounded: tuple[float, ...] = ()
    for step in _STEPS:
        rounded = tuple(sorted({round(round(cut / step) * step, 4) for cut in cuts}))
        if len(rounded) == len(cuts):
            break
    return tuple(limit for limit in rounded if min(values) < limit <= max(values))


def class_of(value: float, limits: Sequence[float]) -> int:
    """The number of a value's class; a value on a limit belongs to the class above."""
    return bisect_right(limits, value)


def _two_figures(value: float) -> float:
    return float(f"{value:.2g}") if value >= 10 else float(round(value))
