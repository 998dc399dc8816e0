"""How rare a count is: tails of the beta-binomial and of the negative binomial."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaincc, gammainc, gammaincc, gammaln

from pipelines.analysis.signals.panel import Counts

SUMMED_UP_TO = 5_000
"""Dossiers up to which the tail is summed term by term; beyond, the beta itself is as good."""
_LEAST_RHO = 1e-6


def share_tails(
    x: Counts, n: Counts, mean: Counts, rho: Counts
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """P(X ≤ x) and P(X ≥ x) of X of n with the share `mean`, `rho` = correlation within.

    Its variance is n·mean·(1 - mean)·(1 + (n - 1)·rho).
    """
    below, above = np.ones_like(mean), np.ones_like(mean)
    rho = np.clip(rho, _LEAST_RHO, 1 - _LEAST_RHO)
    small = n <= SUMMED_UP_TO
    for place in np.flatnonzero(small):
        masses = _masses(int(n[place]), mean[place], rho[place])
        split = round(x[place])
        below[place], above[place] = masses[: split + 1].sum(), masses[split:].sum()
    large = ~small
    if large.any():
        # a beta with the variance of the share itself
        spread = (1 + (n[large] - 1) * rho[large]) / n[large]
        size = np.maximum(1 / spread - 1, 1e-3)
        a, b = mean[large] * size, (1 - mean[large]) * size
        below[large] = betainc(a, b, np.clip((x[large] + 0.5) / n[large], 0, 1))
        above[large] = betaincc(a, b, np.clip((x[large] - 0.5) / n[large], 0, 1))
    return np.clip(below, 0, 1), np.clip(above, 0, 1)


def count_tails(
    x: Counts, mean: Counts, rho: Counts
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """P(X ≤ x) and P(X ≥ x) of a count with that mean and the variance mean·(1 + mean·rho)."""
    below, above = np.ones_like(mean), np.ones_like(mean)
    plain, mixed, some = rho <= _LEAST_RHO, rho > _LEAST_RHO, x > 0
    size = 1 / np.maximum(rho, _LEAST_RHO)
    chance = size / (size + mean)
    below[plain] = gammaincc(x[plain] + 1, mean[plain])
    below[mixed] = betainc(size[mixed], x[mixed] + 1, chance[mixed])
    above[plain & some] = gammainc(x[plain & some], mean[plain & some])
    at = mixed & some
    above[at] = betaincc(size[at], x[at], chance[at])
    return below, above


def _masses(n: int, mean: float, rho: float) -> npt.NDArray[np.float64]:
    """The probabilities of 0 … n under a beta-binomial."""
    size = 1 / rho - 1
    a, b = mean * size, (1 - mean) * size
    k = np.arange(n + 1, dtype=np.float64)
    logs = (
        gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
        + gammaln(k + a) + gammaln(n - k + b) - gammaln(n + size)
        + gammaln(size) - gammaln(a) - gammaln(b)
    )  # fmt: skip
    return np.exp(logs)
