"""One change a union."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.analysis.impact.contrasts import contrast
from pipelines.analysis.impact.monthly import Monthly, Rows
from tests.unit.analysis.impact.made import draw_monthly, make_monthly


def changes(monthly: Monthly) -> np.ndarray:
    return contrast(monthly, monthly.is_after).change


def effect(monthly: Monthly) -> float:
    found = contrast(monthly, monthly.is_after)
    return float(found.change[found.is_treated].mean() - found.change[~found.is_treated].mean())


def test_the_change_of_a_union_is_its_mean_after_less_its_mean_before() -> None:
    value = np.array([[1.0, 3, 6, 8], [1, 1, 1, 1], [2, 2, 3, 3]])
    found = changes(make_monthly(value, 1, 2))
    assert np.allclose(found - found[1], [5, 0, 1])


@given(seed=st.integers(0, 500), shock=st.floats(-20, 20), month=st.integers(0, 35))
def test_what_happens_everywhere_in_a_month_changes_no_comparison(
    seed: int, shock: float, month: int
) -> None:
    monthly = draw_monthly(seed)
    value = monthly.value.copy()
    value[:, month] += shock
    shocked = Monthly(monthly.rows, monthly.ks, monthly.numerator, monthly.denominator, value)
    assert np.isclose(effect(shocked), effect(monthly), atol=1e-9)


@given(seed=st.integers(0, 500), times=st.floats(0.01, 100))
def test_changes_scale_with_the_unit_of_the_outcome(seed: int, times: float) -> None:
    monthly = draw_monthly(seed)
    scaled = Monthly(monthly.rows, monthly.ks, monthly.numerator, monthly.denominator,
                     monthly.value * times)  # fmt: skip
    assert np.allclose(changes(scaled), times * changes(monthly))
    one, other = (contrast(each, each.is_after).chance for each in (monthly, scaled))
    assert np.allclose(other, times**2 * one)


def test_a_month_without_dossiers_is_not_taken_for_a_month_like_the_others() -> None:
    season = np.array([0.0, 10, 0, 10])  # the second month of each pair is slow everywhere
    value = np.tile(season, (4, 1))
    counted = np.full(value.shape, 50.0)
    counted[0, 1] = 0
    found = changes(make_monthly(value, 1, 2, counted))
    assert np.allclose(found, found[1])
    raw = np.nanmean(np.where(counted > 0, value, np.nan)[0, 2:]) - value[0, 0]
    assert raw == 5  # the plain mean would call the season an effect


def test_few_dossiers_scatter_more_and_are_known_to() -> None:
    rng = np.random.default_rng(3)
    counted = np.repeat([[20.0], [2000.0]], 12, axis=0).repeat(36, axis=1)
    value = rng.normal(0, 1, counted.shape) * 3 / np.sqrt(counted)
    found = contrast(make_monthly(value, 4, 24, counted), np.arange(36) >= 24)
    assert np.allclose(found.chance[0] / found.chance[-1], 100)
    assert np.isclose(found.chance[0], 9 / 20 * (1 / 24 + 1 / 12), rtol=0.25)


def test_a_union_that_stands_in_two_stacks_counts_once() -> None:
    rows = Rows(("a", "b", "c"), np.array([0, 0, 1, 1]), np.array([0, 2, 1, 2]),
                np.array([True, False, True, False]), np.array([1.0, 0, 1, 0]))  # fmt: skip
    value = np.array([[1.0, 4], [1, 2], [5, 5], [1, 1]])
    counted = np.full((4, 2), 80.0)
    found = contrast(Monthly(rows, np.array([-1, 0]), value * counted, counted, value),
                     np.array([False, True]))  # fmt: skip
    assert found.union.tolist() == [0, 1, 2]
    # against its own stack's control: 3 - 1 and 0 - 0
    assert np.allclose(found.change - found.change[2], [2, 0, 0])
