"""Synthetic control."""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl
import pytest

from pipelines.analysis.impact.monthly import Monthly
from pipelines.analysis.impact.synthetic import fit_synthetic, pool_fans
from tests.unit.analysis.impact.made import draw_monthly, make_monthly


def mixed(effect: float = -0.8) -> Monthly:
    """A treated row that runs as a third of one control and two thirds of another, lower by 9."""
    rng = np.random.default_rng(1)
    value = rng.normal(5, 1, (6, 36))
    value[0] = value[2] / 3 + value[4] * 2 / 3 - 9
    value[0, 24:] += effect
    return make_monthly(value, 1, 24)


def after(monthly: Monthly) -> np.ndarray:
    return monthly.is_after * 1.0


def test_the_mix_is_found_and_the_gap_after_is_the_effect() -> None:
    fan = fit_synthetic(mixed(), 0, after(mixed()))
    assert fan is not None
    assert np.allclose(fan.treated[:24], 0, atol=1e-3)
    assert fan.estimate == pytest.approx(-0.8, abs=1e-2)
    assert fan.p_value == pytest.approx(1 / 6)  # the most that six units can say
    assert sorted(fan.controls) == [1, 2, 3, 4, 5]
    assert np.allclose(fan.synthetic + fan.treated, mixed().value[0])


def test_it_is_the_mix_that_diff_diff_finds() -> None:
    import diff_diff

    monthly = draw_monthly(5, treated=1, rows=8, effect=0.5)
    left = monthly.value - monthly.value[:, :24].mean(axis=1, keepdims=True)
    frame = pl.DataFrame(
        {
            "unit": np.repeat(np.arange(8), 36),
            "time": np.tile(np.arange(36), 8),
            "value": left.ravel(),
        }
    ).with_columns(exposed=((pl.col("unit") == 0) & (pl.col("time") >= 24)).cast(pl.Int64))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = diff_diff.SyntheticControl(
            v_method="custom", custom_v=np.ones(24), standardize="none"
        ).fit(frame.to_pandas(), "value", "exposed", "unit", "time", pre_period_outcomes="all")
    fan = fit_synthetic(monthly, 0, after(monthly))
    assert fan is not None
    assert fan.estimate == pytest.approx(other.att, abs=1e-3)


def test_a_month_without_dossiers_leaves_a_control_out() -> None:
    monthly = mixed()
    value = monthly.value.copy()
    value[1, 3] = np.nan
    gapped = Monthly(monthly.rows, monthly.ks, monthly.numerator, monthly.denominator, value)
    fan = fit_synthetic(gapped, 0, after(gapped))
    assert fan is not None
    assert 1 not in fan.controls
    value[0, 3] = np.nan
    assert fit_synthetic(gapped, 0, after(gapped)) is None


def test_several_unions_are_held_against_every_choice_of_as_many_controls() -> None:
    monthly = draw_monthly(9, effect=-2, treated=3, rows=9)
    fans = [fit_synthetic(monthly, row, after(monthly)) for row in range(3)]
    estimate, p_value = pool_fans([fan for fan in fans if fan is not None], after(monthly))
    assert estimate == pytest.approx(-2, abs=0.4)
    assert p_value == pytest.approx(1 / 21)  # 20 choices of three of six, and the true one
