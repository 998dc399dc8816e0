"""The kinds of arrays that estimates work on, and the few functions of scipy behind a type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import scipy.optimize
import scipy.stats
from scipy.sparse import coo_array, csgraph

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

_stats = cast("Any", scipy.stats)
_optimize = cast("Any", scipy.optimize)
_csgraph = cast("Any", csgraph)


def reach_of_t(level: float, freedom: float) -> float:
    """How many errors an interval of a level reaches to either side, by Student's t."""
    return float(_stats.t.ppf((1 + level) / 2, freedom))


def reach_of_normal(level: float) -> float:
    """The same of the normal distribution."""
    return float(_stats.norm.ppf((1 + level) / 2))


def tail_of_t(estimate: float, error: float, freedom: float) -> float:
    """The two-sided p-value of an estimate, by Student's t; without any error 0, of nothing 1."""
    if error > 0:
        return float(2 * _stats.t.sf(abs(estimate) / error, freedom))
    return 1.0 if estimate == 0 else 0.0


def tail_of_f(statistic: float, above: int, below: int) -> float:
    """The p-value of Fisher's F."""
    return float(_stats.f.sf(statistic, above, below))


def solve_nonnegative(design: Floats, target: Floats) -> Floats:
    """Least squares with coefficients of zero or more."""
    return cast("Floats", _optimize.nnls(design, target)[0])


def solve(matrix: Floats, target: Floats) -> Floats:
    """The solution of a system of linear equations."""
    return cast("Floats", np.linalg.solve(matrix, target))


def find_root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that changes sign between two points is zero."""
    return float(_optimize.brentq(function, low, high))


def sum_by(place: Integers, amount: Floats, size: int) -> Floats:
    """The sum of the amounts that fall on each of `size` places."""
    return np.bincount(place, amount, size).astype(np.float64)


def tie(one: Integers, other: Integers, size: int) -> Integers:
    """The number of the connected part that each of `size` points lies in, given its links."""
    links = coo_array((np.ones(one.size), (one, other)), shape=(size, size))
    parts = _csgraph.connected_components(links, directed=False)[1]
    return cast("Integers", parts.astype(np.int64))
