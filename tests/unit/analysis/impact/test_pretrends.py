"""The months before a change."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_ind

from pipelines.analysis.impact.pretrends import check_pretrend, hotelling, placebo_dates
from tests.unit.analysis.impact.made import draw_monthly


def test_a_trend_of_the_merged_alone_is_seen() -> None:
    found = check_pretrend(draw_monthly(1, drift=-0.05, before=42), 0.95)
    assert found is not None
    assert not found.passes
    assert found.placebo.estimate < 0


def test_what_comes_after_the_change_does_not_enter() -> None:
    plain, moved = (check_pretrend(draw_monthly(2, effect=each), 0.95) for each in (0.0, 5.0))
    assert plain is not None
    assert moved is not None
    assert plain.passes
    assert (plain.p_value_leads, plain.placebo.estimate) == pytest.approx(
        (moved.p_value_leads, moved.placebo.estimate)
    )


def test_parallel_units_are_flagged_no_more_often_than_asked() -> None:
    found = [check_pretrend(draw_monthly(seed), 0.95) for seed in range(60)]
    assert all(each is not None for each in found)
    flagged = sum(not each.passes for each in found if each is not None)
    assert flagged <= 8  # 3 are expected, more than 8 in one run of a thousand


@pytest.mark.parametrize(("before", "treated", "rows"), [(7, 4, 11), (24, 1, 3), (24, 11, 11)])
def test_too_little_to_look_at_is_no_answer(before: int, treated: int, rows: int) -> None:
    assert check_pretrend(draw_monthly(1, before=before, treated=treated, rows=rows), 0.95) is None


def test_one_lead_is_the_t_test_of_two_samples() -> None:
    lead = np.random.default_rng(1).normal(0, 1, (9, 1))
    dose = (np.arange(9) < 3).astype(np.float64)
    expected = ttest_ind(lead[:3, 0], lead[3:, 0]).pvalue
    assert hotelling(lead, dose, np.ones(9)) == pytest.approx(expected)


def test_leads_of_any_shape_are_seen_jointly() -> None:
    rng = np.random.default_rng(4)
    dose = (np.arange(11) < 4).astype(np.float64)
    leads = rng.normal(0, 0.2, (11, 3))
    bent = leads + np.outer(dose, [0.8, -0.8, 0.8])
    straight, seen = (hotelling(each, dose, np.ones(11)) for each in (leads, bent))
    assert straight is not None
    assert seen is not None
    assert seen < 0.01 < straight


def test_more_leads_than_units_can_tell_are_not_tested() -> None:
    assert hotelling(np.ones((4, 3)), np.array([1.0, 0, 0, 0]), np.ones(4)) is None


def test_every_earlier_date_has_its_placebo() -> None:
    found = placebo_dates(draw_monthly(3, before=20))
    assert [k for k, _ in found] == list(range(-14, -5))
    assert max(abs(effect) for _, effect in found) < 1
