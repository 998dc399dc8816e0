"""Case mix standardised by procedure."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.analysis.impact.casemix import standardise

MONTHS = 6
QUICK, SLOW = 2.0, 12.0


def cells(quick: list[int], slow: list[int]) -> tuple[np.ndarray, ...]:
    """Cell, procedure and dossiers of months with so many quick and slow ones."""
    cell = np.repeat(np.arange(len(quick)), 2)
    procedure = np.tile([0, 1], len(quick))
    denominator = np.column_stack([quick, slow]).ravel().astype(np.float64)
    return cell, procedure, denominator


def test_other_procedures_alone_change_nothing() -> None:
    cell, procedure, denominator = cells([90, 80, 60, 40, 20, 10], [10, 20, 40, 60, 80, 90])
    days = np.where(procedure == 0, QUICK, SLOW)
    raw = np.bincount(cell, days * denominator) / np.bincount(cell, denominator)
    assert np.ptp(raw) > 7  # without standardisation the shop seems to become slow
    value = standardise(cell, procedure, days * denominator, denominator,
                        np.ones(cell.size, dtype=bool), MONTHS)  # fmt: skip
    assert np.allclose(value, (QUICK + SLOW) / 2)


def test_what_does_change_is_seen_at_the_standard_mix() -> None:
    cell, procedure, denominator = cells([90, 80, 60, 40, 20, 10], [10, 20, 40, 60, 80, 90])
    days = np.where(procedure == 0, QUICK, SLOW) - 0.8 * (cell >= 3)
    standard = cell < 3  # the mix of the first half: 230 of 300 quick
    value = standardise(cell, procedure, days * denominator, denominator, standard, MONTHS)
    before = (230 * QUICK + 70 * SLOW) / 300
    assert np.allclose(value, [before] * 3 + [before - 0.8] * 3)


def test_a_month_without_dossiers_has_no_value() -> None:
    value = standardise(np.array([0]), np.array([0]), np.array([3.0]), np.array([40.0]),
                        np.array([True]), 2)  # fmt: skip
    assert np.array_equal(value, [3 / 40, np.nan], equal_nan=True)


@given(seed=st.integers(0, 1_000), added=st.floats(-5, 5), times=st.floats(0.1, 9))
def test_values_move_with_what_is_added_to_every_dossier_and_scale_with_its_unit(
    seed: int, added: float, times: float
) -> None:
    rng = np.random.default_rng(seed)
    cell, procedure = np.divmod(np.arange(8 * 5), 5)
    denominator = rng.integers(1, 60, cell.size).astype(np.float64)
    numerator = denominator * rng.normal(5, 2, cell.size)
    standard = rng.random(cell.size) < 0.6
    value = standardise(cell, procedure, numerator, denominator, standard, 8)
    moved = standardise(cell, procedure, times * numerator + added * denominator, denominator,
                        standard, 8)  # fmt: skip
    assert np.allclose(moved, times * value + added, atol=1e-6)


def test_rare_procedures_count_as_one() -> None:
    cell = np.repeat(np.arange(2), 20)
    procedure = np.tile(np.arange(20), 2)
    value = standardise(cell, procedure, np.where(cell == 1, 2.0, 1.0), np.ones(40),
                        np.ones(40, dtype=bool), 2)  # fmt: skip
    assert np.allclose(value, [1, 2])
