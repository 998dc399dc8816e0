"""Before and after on the union."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.analysis.impact.pooled import compare_quantiles, compare_sides

AFTER = np.arange(6) >= 3


def test_a_side_is_a_ratio_of_sums_and_not_a_mean_of_ratios() -> None:
    numerator, denominator = (
        np.array([1.0, 0, 9, 10, 10, 10]),
        np.array([10.0, 10, 80, 50, 50, 100]),
    )
    found = compare_sides(numerator, denominator, AFTER, 0.95, is_share=True)
    assert (found.before.value, found.before.numerator, found.before.denominator) == (0.1, 10, 100)
    assert (found.after.value, found.after.denominator) == (0.15, 200)
    assert found.estimate == pytest.approx(0.05)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.05 < found.high


def test_restless_months_make_a_wide_interval() -> None:
    denominator = np.full(6, 100.0)
    calm, restless = (
        compare_sides(np.array(months) * 1.0, denominator, AFTER, 0.95, is_share=True)
        for months in ([10, 10, 10, 20, 20, 20], [0, 10, 20, 10, 20, 30])
    )
    assert calm.estimate == restless.estimate == pytest.approx(0.1)
    assert calm.high is not None
    assert restless.high is not None
    assert restless.high > calm.high


def test_a_share_of_none_is_not_known_without_error() -> None:
    found = compare_sides(np.zeros(6), np.full(6, 40.0), AFTER, 0.95, is_share=True)
    assert found.estimate == 0
    assert found.low is not None
    assert found.low < 0


def test_over_nothing_there_is_no_value() -> None:
    found = compare_sides(np.ones(6), np.where(AFTER, 0.0, 1.0), AFTER, 0.95, is_share=False)
    assert (found.after.value, found.estimate, found.low) == (None, None, None)


@given(times=st.floats(0.1, 50), seed=st.integers(0, 99))
def test_the_interval_scales_with_the_unit(times: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    numerator, denominator = rng.normal(500, 50, 6), rng.uniform(50, 150, 6)
    one, other = (
        compare_sides(each, denominator, AFTER, 0.95, is_share=False)
        for each in (numerator, numerator * times)
    )
    assert one.low is not None
    assert other.low == pytest.approx(times * one.low)


BEFORE_SPAN, AFTER_SPAN = (
    (date(2022, 7, 1), date(2024, 6, 30)),
    (date(2024, 7, 1), date(2025, 6, 30)),
)


class Dossiers:
    """Quantiles of days by the first day of a stretch."""

    def __init__(self, days: dict[date, np.ndarray]) -> None:
        self.days = days

    def __call__(
        self, unit_keys: Sequence[str], first_on: date, last_on: date, levels: Sequence[float]
    ) -> tuple[int, list[float]]:
        days = self.days[first_on]
        return days.size, [float(each) for each in np.quantile(days, levels)] if days.size else []


def test_the_interval_of_a_quantile_covers_its_true_difference() -> None:
    rng = np.random.default_rng(6)
    covered = 0
    for _ in range(200):
        asked = Dossiers(
            {BEFORE_SPAN[0]: rng.gamma(2, 2, 300), AFTER_SPAN[0]: rng.gamma(2, 2, 200)}
        )
        found = compare_quantiles(asked, ["a@"], (BEFORE_SPAN, AFTER_SPAN), 0.9, 0.95)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0 <= found.high
    assert 180 <= covered <= 200


def test_a_side_without_dossiers_has_no_quantile() -> None:
    asked = Dossiers({BEFORE_SPAN[0]: np.array([]), AFTER_SPAN[0]: np.arange(50.0)})
    found = compare_quantiles(asked, ["a@"], (BEFORE_SPAN, AFTER_SPAN), 0.5, 0.95)
    assert (found.before.denominator, found.after.value, found.estimate) == (0, 24.5, None)
