"""Funnels with a known spread, and intervals of shares."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from pipelines.analysis.signals.funnel import draw_funnel, find_spread, limits
from pipelines.analysis.signals.intervals import wilson


def units(numerators: list[int], denominators: list[int]) -> pl.DataFrame:
    return pl.DataFrame({"numerator": numerators, "denominator": denominators})


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_that_of_scipy(counts: tuple[int, int]) -> None:
    x, n = counts
    lower, upper = wilson("numerator", "denominator")
    ours = units([x], [n]).select(lower=lower, upper=upper).row(0)
    theirs = binomtest(x, n).proportion_ci(method="wilson")
    assert ours == pytest.approx((theirs.low, theirs.high))


def test_nothing_over_nothing_has_no_interval() -> None:
    lower, _ = wilson("numerator", "denominator")
    assert units([0], [0]).select(lower).item() is None


def test_phi_is_the_mean_square_of_winsorised_scores() -> None:
    # on the arcsine scale units lie half a radian's hundredths off, all of one size
    offsets = np.array([-3.0, -2, -1, -1, 0, 0, 1, 1, 2, 3]) / 100
    n = np.full(10, 10_000.0)
    middle = np.arcsin(np.sqrt(0.5))
    x = np.sin(middle + offsets) ** 2 * n
    spread = find_spread(x, n)
    scores = offsets * 2 * np.sqrt(n)
    low, high = np.quantile(scores, [0.1, 0.9])
    phi = np.mean(np.clip(scores, low, high) ** 2)
    assert spread.centre == pytest.approx(0.5)
    assert spread.phi == pytest.approx(phi)
    # of equal weights: the variance beyond chance
    expected = (10 * phi - 9) / (10 - 1) / (4 * n[0])
    assert spread.tau_squared == pytest.approx(expected)


def test_units_that_differ_by_chance_alone_get_no_random_effect() -> None:
    rng = np.random.default_rng(3)
    n = rng.integers(50, 2_000, 5_000).astype(np.float64)
    spread = find_spread(rng.binomial(n.astype(int), 0.2).astype(np.float64), n)
    assert spread.phi == pytest.approx(0.68, abs=0.05)  # the square of a normal, winsorised
    assert spread.tau_squared == 0


def test_limits_narrow_with_size_and_widen_with_the_spread() -> None:
    n = np.array([50.0, 500, 5_000])
    alone = find_spread(np.full(12, 30.0), np.full(12, 100.0))
    lower, upper = limits(alone, n, 3.09)
    assert (np.diff(upper - lower) < 0).all()
    wider = limits(type(alone)(alone.centre, 4.0, 0.01), n, 3.09)
    assert (wider[1] > upper).all()


@pytest.mark.parametrize(
    ("direction", "late", "verdict"),
    [("down", 60, "worse"), ("up", 60, "better"), ("down", 20, "as_expected")],
)
def test_a_unit_far_outside_is_better_or_worse_by_the_direction(
    direction: str, late: int, verdict: str
) -> None:
    drawn = draw_funnel(units([late, *[20] * 29], [100] * 30), direction, 30)  # pyright: ignore[reportArgumentType]
    assert drawn["verdict"][0] == verdict
    assert set(drawn["verdict"][1:]) == {"as_expected"}


def test_a_small_unit_is_grey_and_no_part_of_the_funnel() -> None:
    few = units([29, *[2, 3, 4] * 4], [29, *[60] * 12])
    drawn = draw_funnel(few, "down", 30)
    assert drawn.row(0, named=True)["is_grey"]
    assert drawn["verdict"][0] is None
    assert drawn["centre"][0] == pytest.approx(36 / 720)


def test_few_units_have_no_funnel() -> None:
    drawn = draw_funnel(units([1] * 9, [100] * 9), "down", 30)
    assert drawn["verdict"].is_null().all()
    assert drawn["upper_998"].is_null().all()
    assert drawn["value"].to_list() == [0.01] * 9
