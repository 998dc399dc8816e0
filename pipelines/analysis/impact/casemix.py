"""Case mix standardised by procedure: what a month would show with the procedures of all months.

A shop whose applicants bring other procedures than before changes its averages without working
differently. Cells of one union, month and procedure are mostly empty, so classical direct
standardisation has nothing to weigh. The same is done by a model with a level for every union
and month and one for every procedure (weighted least squares): the level of a union and month,
plus the procedures' levels at the standard mix, is its directly standardised value.
"""

from __future__ import annotations

import numpy as np

from pipelines.analysis.impact.arrays import Booleans, Floats, Integers, sum_by

RARE = 30
_ROUNDS = 200
_CLOSE = 1e-9


def standardise(
    cell: Integers,
    procedure: Integers,
    numerator: Floats,
    denominator: Floats,
    is_standard: Booleans,
    cells: int,
) -> Floats:
    """The standardised value of each of `cells` cells (union × month); nan over nothing.

    One entry a cell and procedure, denominators above zero. `is_standard` marks the entries
    whose pooled mix is the standard. Procedures with fewer than `RARE` dossiers in all count as
    one. Solved by turns between the two sets of levels, which ends at the least squares.
    """
    value = np.full(cells, np.nan)
    if cell.size == 0:
        return value
    procedure = _pool_rare(procedure, denominator)
    procedures = int(procedure.max()) + 1
    by_cell = sum_by(cell, denominator, cells)
    by_procedure = sum_by(procedure, denominator, procedures)
    mix = sum_by(procedure, denominator * is_standard, procedures)
    mix = mix / mix.sum() if mix.sum() > 0 else by_procedure / by_procedure.sum()
    is_known = by_cell > 0
    in_cell, of_procedure = np.maximum(by_cell, 1), np.maximum(by_procedure, 1)
    level_of_procedure = np.zeros(procedures)
    spread = float(np.ptp(numerator / denominator)) or 1.0
    level = np.zeros(cells)
    for _ in range(_ROUNDS):
        left = numerator - denominator * level_of_procedure[procedure]
        level = sum_by(cell, left, cells) / in_cell
        left = numerator - denominator * level[cell]
        renewed = sum_by(procedure, left, procedures) / of_procedure
        renewed = renewed - renewed @ mix
        moved = np.abs(renewed - level_of_procedure).max()
        level_of_procedure = renewed
        if moved <= _CLOSE * spread:
            break
    left = numerator - denominator * level_of_procedure[procedure]
    level = sum_by(cell, left, cells) / in_cell
    value[is_known] = level[is_known]
    return value


def _pool_rare(procedure: Integers, denominator: Floats) -> Integers:
    """Number the procedures from 1; those with few dossiers share number 0."""
    known, place = np.unique(procedure, return_inverse=True)
    total = sum_by(place, denominator, known.size)
    is_usual = total >= RARE
    number = np.where(is_usual, np.cumsum(is_usual), 0)
    return number[place].astype(np.int64)
