"""Before and after on the union alone: a description, and the only figure without a comparison."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from pipelines.analysis.impact.arrays import (
    Booleans,
    Floats,
    reach_of_normal,
    reach_of_t,
    tail_of_t,
)
from pipelines.analysis.impact.quantiles import Quantiles


@dataclass(frozen=True)
class Side:
    """One side of the change: what was counted, over how much; None over nothing."""

    numerator: float | None
    denominator: int
    value: float | None


@dataclass(frozen=True)
class BeforeAfter:
    """Both sides and their difference; None where a side is empty."""

    before: Side
    after: Side
    estimate: float | None
    low: float | None
    high: float | None
    p_value: float | None


def compare_sides(
    numerator: Floats, denominator: Floats, is_after: Booleans, level: float, *, is_share: bool
) -> BeforeAfter:
    """A ratio of sums on either side, with months as the unit of chance.

    The error is that of a ratio whose clusters are months (linearised), so that a month's ups
    and downs count; that of a share is never below chance alone (Agresti & Caffo 2000), by
    Welch's t. Entries are months.
    """
    sides = [_side(numerator[part], denominator[part]) for part in (~is_after, is_after)]
    before, after = sides
    if before.value is None or after.value is None:
        return BeforeAfter(before, after, None, None, None, None)
    estimate = after.value - before.value
    errors = [
        _variance(numerator[part], denominator[part], side, is_share=is_share)
        for part, side in zip((~is_after, is_after), sides, strict=True)
    ]
    variance = sum(error for error, _ in errors)
    if not variance > 0:
        return BeforeAfter(before, after, estimate, None, None, None)
    freedom = variance**2 / sum(error**2 / max(months - 1, 1) for error, months in errors)
    reach = reach_of_t(level, freedom) * math.sqrt(variance)
    p_value = tail_of_t(estimate, math.sqrt(variance), freedom)
    return BeforeAfter(before, after, estimate, estimate - reach, estimate + reach, p_value)


def compare_quantiles(
    quantiles: Quantiles,
    keys: list[str],
    spans: tuple[tuple[date, date], tuple[date, date]],
    quantile: float,
    level: float,
) -> BeforeAfter:
    """A quantile on either side of the change, with the interval of the difference.

    Each side's interval lies between two order statistics (exact for any distribution); that of
    the difference recovers the variances from them (MOVER: Zou & Donner 2008).
    """
    sides: list[Side] = []
    limits: list[tuple[float, float]] = []
    for first_on, last_on in spans:
        n, _ = quantiles(keys, first_on, last_on, [quantile])
        if n == 0:
            sides.append(Side(None, 0, None))
            continue
        reach = reach_of_normal(level) * math.sqrt(quantile * (1 - quantile) / n)
        levels = [quantile, max(quantile - reach, 0.0), min(quantile + reach, 1.0)]
        n, (value, low, high) = quantiles(keys, first_on, last_on, levels)
        sides.append(Side(None, n, value))
        limits.append((low, high))
    before, after = sides
    if before.value is None or after.value is None:
        return BeforeAfter(before, after, None, None, None, None)
    estimate = after.value - before.value
    (low_before, high_before), (low_after, high_after) = limits
    low = estimate - math.hypot(after.value - low_after, high_before - before.value)
    high = estimate + math.hypot(high_after - after.value, before.value - low_before)
    return BeforeAfter(before, after, estimate, low, high, None)


def _side(numerator: Floats, denominator: Floats) -> Side:
    total = float(denominator.sum())
    if total <= 0:
        return Side(None, 0, None)
    summed = float(numerator.sum())
    return Side(summed, round(total), summed / total)


def _variance(
    numerator: Floats, denominator: Floats, side: Side, *, is_share: bool
) -> tuple[float, int]:
    """Of the ratio, and the number of months it rests on."""
    if side.value is None or side.numerator is None:
        return 0.0, 0
    known = denominator > 0
    months, total = int(known.sum()), float(denominator.sum())
    left = numerator[known] - side.value * denominator[known]
    scatter = months / (months - 1) * float(left @ left) / total**2 if months > 1 else 0.0
    if is_share:
        near = (side.numerator + 1) / (total + 2)
        scatter = max(scatter, near * (1 - near) / (total + 2))
    return scatter, months
