"""One number a union: the mean after less the mean before, and how exact its size lets it be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.analysis.impact.arrays import Booleans, Floats, Integers, solve_nonnegative, sum_by
from pipelines.analysis.impact.monthly import Monthly


@dataclass(frozen=True)
class Contrasts:
    """One entry a union that has months on both sides.

    `union` numbers the unions, `dose` is 0 for controls, `change` is after less before,
    `chance` the variance of `change` that comes of few dossiers alone.
    """

    union: Integers
    is_treated: Booleans
    dose: Floats
    change: Floats
    chance: Floats


def contrast(monthly: Monthly, is_after: Booleans) -> Contrasts:
    """Collapse every union's months to one change, before serial correlation can mislead.

    Bertrand, Duflo & Mullainathan (2004), Donald & Lang (2007). All unions weigh months alike,
    by the dossiers of all, so that what happens everywhere in a month falls out of the
    comparison; in a month in which a union has none, what happened elsewhere stands in. A union
    that stands in several stacks counts once, with the mean of its changes weighted by the
    treated unions of the stacks.
    """
    left = monthly.value - _elsewhere(monthly)
    weight = np.where(np.isnan(left), 0.0, monthly.denominator.sum(axis=0))
    before, chance_before = _mean(left[:, ~is_after], weight[:, ~is_after],
                                  monthly.denominator[:, ~is_after])  # fmt: skip
    after, chance_after = _mean(left[:, is_after], weight[:, is_after],
                                monthly.denominator[:, is_after])  # fmt: skip
    change = after - before
    chance = _chance_of_one(left, monthly.denominator, is_after) * (chance_before + chance_after)
    return _one_a_union(monthly, change, chance)


def _elsewhere(monthly: Monthly) -> Floats:
    """What happened in a month to all controls of the stack (to all unions where none is)."""
    rows = monthly.rows
    result = np.zeros_like(monthly.value)
    for stack in np.unique(rows.stack):
        here = rows.stack == stack
        among = here & ~rows.is_treated if (here & ~rows.is_treated).any() else here
        value = monthly.value[among]
        weight = np.where(np.isnan(value), 0.0, monthly.denominator[among])
        level = _weighted(value, weight, axis=1)
        result[here] = _weighted(value - level[:, None], weight, axis=0)
    return result


def _weighted(value: Floats, weight: Floats, axis: int) -> Floats:
    """Weighted mean along an axis; 0 where nothing weighs."""
    total = weight.sum(axis=axis)
    summed = (np.nan_to_num(value) * weight).sum(axis=axis)
    return np.where(total > 0, summed / np.where(total > 0, total, 1), 0.0)


def _mean(value: Floats, weight: Floats, denominator: Floats) -> tuple[Floats, Floats]:
    """The weighted mean of each row, and its variance where one dossier has variance 1."""
    total = weight.sum(axis=1, keepdims=True)
    share = weight / np.where(total > 0, total, 1)
    mean = np.where(total[:, 0] > 0, (np.nan_to_num(value) * share).sum(axis=1), np.nan)
    chance = (share**2 / np.where(denominator > 0, denominator, 1)).sum(axis=1)
    return mean, chance


def _chance_of_one(left: Floats, denominator: Floats, is_after: Booleans) -> float:
    """The variance of one dossier: how much more small months scatter than large ones.

    Squared residuals about each union's level before and after, on a constant and the inverse
    of the number of dossiers, neither below zero (the idea of Ferman & Pinto 2019).
    """
    parts: list[Floats] = []
    for side in (~is_after, is_after):
        weight = np.where(np.isnan(left[:, side]), 0.0, denominator[:, side])
        level = _weighted(left[:, side], weight, axis=1)
        months = np.maximum((weight > 0).sum(axis=1, keepdims=True), 2)
        parts.append((left[:, side] - level[:, None]) ** 2 * months / (months - 1))
    squared = np.concatenate(parts, axis=1)
    counted = np.concatenate([denominator[:, ~is_after], denominator[:, is_after]], axis=1)
    known = ~np.isnan(squared) & (counted > 0)
    if not known.any():
        return 0.0
    design = np.column_stack([np.ones(int(known.sum())), 1 / counted[known]])
    # every month's squared residual weighs by how well it is known, about its own square
    scale = 1 / (np.median(counted[known]) ** -1 + design[:, 1])
    solved = solve_nonnegative(design * scale[:, None], squared[known] * scale)
    return float(solved[1])


def _one_a_union(monthly: Monthly, change: Floats, chance: Floats) -> Contrasts:
    rows = monthly.rows
    stacks = int(rows.stack.max(initial=0)) + 1
    treated_in = np.bincount(rows.stack[rows.is_treated], minlength=stacks).astype(np.float64)
    weight = np.where(np.isnan(change), 0.0, np.where(rows.is_treated, 1.0, treated_in[rows.stack]))
    unions = len(rows.labels)
    total = sum_by(rows.union, weight, unions)
    known = np.flatnonzero(total > 0)
    mean = sum_by(rows.union, weight * np.nan_to_num(change), unions)[known] / total[known]
    mean_chance = sum_by(rows.union, weight * chance, unions)[known] / total[known]
    first = np.array([int(np.flatnonzero(rows.union == union)[0]) for union in known], dtype=int)
    return Contrasts(known, rows.is_treated[first], rows.dose[first], mean, mean_chance)
