"""Fixed effects by two packages."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from pipelines.analysis.impact.monthly import Monthly, Rows
from pipelines.analysis.impact.regressions import (
    fit_did,
    fit_event_study,
    second_opinion,
    to_frame,
)
from tests.unit.analysis.impact.made import draw_monthly, make_monthly


def test_a_plain_effect_is_found_exactly() -> None:
    value = np.add.outer(np.arange(6.0), np.sin(np.arange(12.0)))
    value[:2, 8:] -= 0.8
    fitted = fit_did(make_monthly(value, 2, 8), 0.95)
    assert fitted is not None
    assert np.isclose(fitted.estimate, -0.8)
    months = fit_event_study(make_monthly(value, 2, 8), 0.95)
    assert [month.month_k for month in months] == list(range(-8, 4))
    assert np.allclose([month.estimate for month in months], [0] * 8 + [-0.8] * 4)


@pytest.mark.parametrize("seed", range(3))
def test_both_packages_agree_with_uneven_weights_and_empty_months(seed: int) -> None:
    monthly = with_gaps(draw_monthly(seed, effect=0.4))
    fitted = fit_did(monthly, 0.95)
    assert fitted is not None
    assert fitted.second_opinion is not None
    assert abs(fitted.estimate - fitted.second_opinion) < 1e-6


def test_both_packages_agree_on_changes_of_several_days() -> None:
    one, other = draw_monthly(7, effect=0.4), draw_monthly(8, effect=0.4)
    rows = Rows(
        tuple(f"union {number}" for number in range(11)),
        np.repeat([0, 1], 11), np.tile(np.arange(11), 2),
        np.concatenate([one.rows.is_treated, other.rows.is_treated]),
        np.concatenate([one.rows.dose, other.rows.dose]),
    )  # fmt: skip
    stacked = Monthly(
        rows, one.ks, *(np.concatenate([getattr(one, name), getattr(other, name)])
                        for name in ("numerator", "denominator", "value")),
    )  # fmt: skip
    fitted = fit_did(stacked, 0.95)
    assert fitted is not None
    assert fitted.second_opinion is not None
    assert abs(fitted.estimate - fitted.second_opinion) < 1e-6


def test_both_packages_agree_on_every_month_of_the_event_study() -> None:
    import diff_diff

    monthly = with_gaps(draw_monthly(4, effect=0.4))
    frame = to_frame(monthly).to_pandas()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = diff_diff.TwoWayFixedEffects(cluster="union").fit(
            frame, outcome="value", treatment="dose", time="k", unit="row", event_study=True,
            reference_period=-1, post_periods=list(range(12)),
            survey_design=diff_diff.SurveyDesign(weights="weight"),
        ).to_dataframe()  # fmt: skip
    theirs = dict(zip(other["event_time"], other["att"], strict=True))
    for month in fit_event_study(monthly, 0.95):
        assert abs(month.estimate - theirs.get(month.month_k, 0.0)) < 1e-6


def test_a_single_merged_union_has_an_estimate_but_no_clustered_interval() -> None:
    fitted = fit_did(draw_monthly(1, effect=0.4, treated=1), 0.95)
    assert fitted is not None
    assert (fitted.low, fitted.high, fitted.p_value) == (None, None, None)
    assert abs(fitted.estimate - 0.4) < 0.3


def test_doses_other_than_zero_and_one_have_no_second_opinion() -> None:
    monthly = draw_monthly(1)
    rows = monthly.rows
    doses = Rows(rows.labels, rows.stack, rows.union, rows.is_treated, np.arange(11.0) % 4)
    dosed = Monthly(doses, monthly.ks, monthly.numerator, monthly.denominator,
                    monthly.value + np.outer(doses.dose * 0.3, monthly.ks >= 0))  # fmt: skip
    fitted = fit_did(dosed, 0.95)
    assert fitted is not None
    assert fitted.second_opinion is None
    assert second_opinion(dosed) is None
    assert abs(fitted.estimate - 0.3) < 0.1


def test_fewer_than_four_unions_are_no_regression() -> None:
    assert fit_did(draw_monthly(1, rows=3, treated=1), 0.95) is None
    assert fit_event_study(draw_monthly(1, rows=3, treated=1), 0.95) == []


def with_gaps(monthly: Monthly) -> Monthly:
    counted = monthly.denominator.copy()
    counted[2, 5] = counted[8, 30] = counted[10, 0] = 0
    value = np.where(counted > 0, monthly.value, np.nan)
    return Monthly(monthly.rows, monthly.ks, np.nan_to_num(value) * counted, counted, value)
