"""How sure a share is by its dossiers alone: Wilson's interval."""

from __future__ import annotations

import polars as pl
from scipy.special import ndtri

LEVEL = 0.95


def wilson(numerator: str, denominator: str, level: float = LEVEL) -> tuple[pl.Expr, pl.Expr]:
    """Lower and upper bound (0-1) of the share of two columns; null where there is nothing.

    Source: Wilson 1927. Never beyond 0 and 1, and honest where a share is near either.
    """
    z = float(ndtri((1 + level) / 2))
    x = pl.col(numerator).cast(pl.Float64)
    n = pl.when(pl.col(denominator) > 0).then(pl.col(denominator).cast(pl.Float64))
    middle = (x + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * (x * (n - x) / n + z**2 / 4).sqrt()
    return (middle - half).clip(0.0, 1.0), (middle + half).clip(0.0, 1.0)
