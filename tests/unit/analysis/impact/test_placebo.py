"""Inference with few treated units."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy.stats import binomtest, ttest_ind

from pipelines.analysis.impact.contrasts import Contrasts
from pipelines.analysis.impact.placebo import estimate, infer
from tests.unit.analysis.impact.made import make_contrasts

few = hypothesis_settings(max_examples=15)


def draw(seed: int, n: int = 11) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, n)


@given(seed=st.integers(0, 1_000))
def test_one_union_against_equal_others_is_the_t_test_of_two_samples(seed: int) -> None:
    change = draw(seed, 8)
    found = infer(make_contrasts(change, 1), 0.95)
    assert found is not None
    assert not found.is_by_placebo  # eight ways to choose one of eight are too few
    expected = ttest_ind(change[:1], change[1:])
    bounds = expected.confidence_interval(0.95)
    assert np.isclose(found.estimate, change[0] - change[1:].mean())
    assert np.allclose([found.low, found.high], [bounds.low, bounds.high])
    assert np.isclose(found.p_value, expected.pvalue)


@pytest.mark.parametrize("seed", range(5))
def test_the_p_value_is_the_share_of_choices_that_show_as_much(seed: int) -> None:
    change = draw(seed, 9)
    found = infer(make_contrasts(change, 3), 0.95)
    assert found is not None
    assert found.is_by_placebo
    differences = []
    for chosen in combinations(range(9), 3):
        inside = np.isin(np.arange(9), chosen)
        differences.append(abs(change[inside].mean() - change[~inside].mean()))
    shown = np.array(differences) >= abs(found.estimate) - 1e-9
    assert np.isclose(found.p_value, shown.mean())


@given(seed=st.integers(0, 1_000))
@few
def test_the_interval_ends_where_an_effect_begins_to_surprise(seed: int) -> None:
    change = draw(seed)
    found = infer(make_contrasts(change, 4), 0.95)
    assert found is not None
    for end, side in ((found.low, -1), (found.high, 1)):
        for step, surprises in ((-1e-3, False), (1e-3, True)):
            moved = change.copy()
            moved[:4] -= end + side * step
            tested = infer(make_contrasts(moved, 4), 0.95)
            assert tested is not None
            assert (tested.p_value <= 0.05) == surprises


@given(seed=st.integers(0, 1_000), effect=st.floats(-9, 9), times=st.floats(0.1, 50))
@few
def test_an_effect_moves_the_answer_and_a_unit_scales_it(
    seed: int, effect: float, times: float
) -> None:
    change, chance = draw(seed), np.full(11, 0.3)
    plain = infer(make_contrasts(change, 4, chance), 0.95)
    moved = infer(
        make_contrasts(times * (change + effect * (np.arange(11) < 4)), 4, times**2 * chance), 0.95
    )
    assert plain is not None
    assert moved is not None
    before = np.array([plain.estimate, plain.low, plain.high]) + effect
    after = np.array([moved.estimate, moved.low, moved.high])
    assert np.allclose(after, times * before, atol=1e-4 * times)


def test_without_an_effect_p_values_are_uniform() -> None:
    rng = np.random.default_rng(1)
    sizes = rng.uniform(0.2, 3, 11)
    surprises = {0.05: 0, 0.5: 0}
    draws = 400
    for _ in range(draws):
        found = infer(make_contrasts(rng.normal(0, np.sqrt(1 + sizes)), 4, sizes), 0.95)
        assert found is not None
        for level in surprises:
            surprises[level] += found.p_value <= level
    for level, count in surprises.items():
        assert binomtest(count, draws, level).pvalue > 0.01


def test_a_small_union_weighs_less() -> None:
    change = np.array([2.0, 0.0, *draw(5, 9) * 0.01])
    chance = np.array([9.0, 0.01, *[0.01] * 9])
    equal, known = (make_contrasts(change, 2, each) for each in (None, chance))
    of_equal, of_known = estimate(equal), estimate(known)
    assert of_equal is not None
    assert of_known is not None
    assert abs(of_equal - 1) < 0.1
    assert abs(of_known) < 0.1


def test_the_slope_on_doses_is_found_and_its_placebos_are_other_orders_of_the_doses() -> None:
    rng = np.random.default_rng(2)
    dose = np.arange(30.0) % 4
    change = 0.5 * dose + rng.normal(0, 0.2, 30)
    found = infer(
        Contrasts(np.arange(30), np.ones(30, dtype=bool), dose, change, np.full(30, 0.01)), 0.95
    )
    assert found is not None
    assert found.low < 0.5 < found.high
    assert found.p_value < 0.01
    assert found.assignments is None


@pytest.mark.parametrize("change", [np.zeros(3), np.zeros(0)])
def test_too_few_units_give_no_answer(change: np.ndarray) -> None:
    assert infer(make_contrasts(change, 1), 0.95) is None
    assert estimate(make_contrasts(change, 1)) is None


def test_units_without_controls_give_no_answer() -> None:
    assert infer(make_contrasts(draw(1), 11), 0.95) is None
