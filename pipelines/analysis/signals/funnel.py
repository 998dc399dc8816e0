"""Funnel plots: units of any size against limits that know their size and how units differ.

Source: Spiegelhalter, Funnel plots for comparing institutional performance (2005) and Handling
over-dispersion of performance indicators (2005): shares on the arcsine scale, z-scores winsorised
at a tenth, φ as their mean square, and where φ says that units differ by more than chance, a random
effect τ² added to each unit's variance. Never a rank.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import ndtri

from pipelines.analysis.signals.metrics import Direction
from pipelines.analysis.signals.panel import Counts

WINSORISED = 0.1
LEAST_UNITS = 10
"""Units below which there is no funnel: too few to know how units differ."""
_INNER, _OUTER = (float(ndtri((1 + level) / 2)) for level in (0.95, 0.998))


@dataclass(frozen=True)
class Spread:
    """The centre of a funnel (0-1), φ (1 = chance alone) and τ² on the arcsine scale."""

    centre: float
    phi: float
    tau_squared: float


def find_spread(numerator: Counts, denominator: Counts) -> Spread:
    """How units with dossiers differ; needs `LEAST_UNITS` of them, else ValueError."""
    if numerator.size < LEAST_UNITS:
        raise ValueError(f"{numerator.size} units are too few for a funnel")
    centre = float(numerator.sum() / denominator.sum())
    variance = 1 / (4 * denominator)
    z = (_arcsine(numerator / denominator) - _arcsine(np.array(centre))) / np.sqrt(variance)
    low, high = np.quantile(z, [WINSORISED, 1 - WINSORISED])
    phi = float(np.mean(np.clip(z, low, high) ** 2))
    weight = 1 / variance
    total = weight.sum()
    size = z.size
    tau_squared = (size * phi - (size - 1)) / (total - (weight**2).sum() / total)
    return Spread(centre, phi, max(float(tau_squared), 0.0))


def limits(spread: Spread, denominator: Counts, z: float) -> tuple[Counts, Counts]:
    """Lower and upper limit (0-1) for units of a size, so many standard deviations away."""
    middle = _arcsine(np.array(spread.centre))
    half = z * np.sqrt(1 / (4 * denominator) + spread.tau_squared)
    edge = np.pi / 2
    return (
        np.sin(np.clip(middle - half, 0, edge)) ** 2,
        np.sin(np.clip(middle + half, 0, edge)) ** 2,
    )


def draw_funnel(units: pl.DataFrame, direction: Direction, least: int) -> pl.DataFrame:
    """The units of one metric, period and level with their limits and a verdict.

    `units`: numerator, denominator, and what else stays. Adds value, centre, phi, lower_95,
    upper_95, lower_998, upper_998, is_grey (fewer than `least` dossiers) and verdict: better or
    worse outside the 99.8 % limits, as_expected within, null where grey or where units are too few.
    """
    n = units["denominator"].cast(pl.Float64).to_numpy()
    x = units["numerator"].cast(pl.Float64).to_numpy()
    seen = n >= max(least, 1)
    columns = ("centre", "phi", "lower_95", "upper_95", "lower_998", "upper_998")
    whole = units.with_columns(
        value=pl.when(pl.col("denominator") > 0).then(pl.col("numerator") / pl.col("denominator")),
        is_grey=pl.Series(~seen),
    )
    if seen.sum() < LEAST_UNITS:
        absent = (pl.lit(None, dtype=pl.Float64).alias(name) for name in columns)
        return whole.with_columns(*absent, verdict=pl.lit(None, dtype=pl.String))
    spread = find_spread(x[seen], n[seen])
    sized = np.maximum(n, 1)
    inner, outer = limits(spread, sized, _INNER), limits(spread, sized, _OUTER)
    values = (
        np.full(n.size, spread.centre), np.full(n.size, spread.phi), *inner, *outer,
    )  # fmt: skip
    better = "below" if direction == "down" else "above"
    side = (
        pl.when(pl.col("value") < pl.col("lower_998"))
        .then(pl.lit("below"))
        .when(pl.col("value") > pl.col("upper_998"))
        .then(pl.lit("above"))
    )
    return (
        whole.with_columns(
            pl.Series(name, column) for name, column in zip(columns, values, strict=True)
        )
        .with_columns(side=side)
        .with_columns(
            verdict=pl.when("is_grey")
            .then(pl.lit(None, dtype=pl.String))
            .when(pl.col("side").is_null())
            .then(pl.lit("as_expected"))
            .when(pl.col("side") == better)
            .then(pl.lit("better"))
            .otherwise(pl.lit("worse"))
        )
        .drop("side")
    )


def _arcsine(share: Counts) -> Counts:
    return np.arcsin(np.sqrt(np.clip(share, 0.0, 1.0)))
