"""Interrupted time series."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.analysis.impact.interrupted import Interrupted, fit_interrupted

MONTHS = np.arange(24_282, 24_282 + 36)
AFTER = np.arange(36) >= 24


def course(step: float, slope: float = 0.0) -> np.ndarray:
    """A trend with seasons; from the change on a step and another slope."""
    since = np.where(AFTER, np.arange(36) - 24, 0)
    return 3 + 0.05 * np.arange(36) + np.cos(MONTHS % 12) + step * AFTER + slope * since


def fit(value: np.ndarray) -> Interrupted:
    found = fit_interrupted(MONTHS, value, np.full(36, 100.0), AFTER, 0.95)
    assert found is not None
    return found


def test_a_step_beside_trend_and_seasons_is_found() -> None:
    rng = np.random.default_rng(1)
    found = fit(course(-0.8) + rng.normal(0, 0.05, 36))
    assert found.low < -0.8 < found.high
    assert found.estimate == pytest.approx(-0.8, abs=0.15)
    assert np.abs(found.expected - course(0)).max() < 0.3


def test_trend_and_seasons_alone_are_no_effect() -> None:
    rng = np.random.default_rng(2)
    value = course(0) + rng.normal(0, 0.05, 36)
    assert value[AFTER].mean() - value[~AFTER].mean() > 0.8  # plain before and after would say so
    found = fit(value)
    assert found.low < 0 < found.high


def test_the_estimate_is_the_mean_distance_over_the_months_after() -> None:
    rng = np.random.default_rng(3)
    found = fit(course(0.2, slope=0.1) + rng.normal(0, 1e-4, 36))
    assert found.estimate == pytest.approx(0.2 + 0.1 * 5.5, abs=0.01)


def test_less_than_two_years_before_tell_no_season_from_a_trend() -> None:
    late = np.arange(36) >= 23
    assert fit_interrupted(MONTHS, course(0), np.full(36, 9.0), late, 0.95) is None
