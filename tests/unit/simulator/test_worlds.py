"""Worlds with a known effect."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from pipelines.simulator.worlds import KINDS, Noise, World, draw_world

DOSSIERS = 40_000
MERGED = ["00691@", "00721@", "00769@", "01021@", "024@", "026@", "027@", "032@"]
SINCE = pl.col("month_on").is_between(date(2024, 7, 1), date(2025, 6, 1))


def draw(kind: str, seed: int = 3) -> World:
    return draw_world(seed, KINDS[kind], DOSSIERS)


def days(world: World, *chosen: pl.Expr) -> float:
    """Mean working days of some cells, a day having 480 minutes."""
    sums = world.panel.filter(*chosen).select(pl.col("working_minutes_sum", "timed_n").sum())
    minutes, timed = sums.row(0)
    return minutes / 480 / timed


def test_a_seed_gives_the_same_world_and_another_gives_another() -> None:
    one, again, other = draw("planted"), draw("planted"), draw("planted", seed=4)
    order = ["month_on", "unit_key", "procedure_code"]
    assert one.panel.sort(order).equals(again.panel.sort(order))
    assert not one.panel.sort(order).equals(other.panel.sort(order))


def test_a_world_has_the_size_asked_for_and_its_counts_add_up() -> None:
    panel = draw("none").panel
    assert panel["received_n"].sum() == pytest.approx(DOSSIERS, rel=0.05)
    parts = pl.sum_horizontal("early_n", "on_time_n", "late_n", "no_due_date_n")
    assert panel.select((parts == pl.col("resolved_n")).all()).item()
    assert panel.select((pl.col("online_n") <= pl.col("received_n")).all()).item()
    assert panel.select(
        pl.struct("month_on", "unit_key", "procedure_code").is_unique().all()
    ).item()


def test_ended_units_receive_nothing_and_folded_shops_neither() -> None:
    panel = draw("none").panel.filter(pl.col("received_n") > 0)
    ended = pl.col("unit_key").str.ends_with("@")
    assert panel.filter(ended)["month_on"].max() == date(2025, 6, 1)
    folded = panel.filter(pl.col("unit_key").is_in(MERGED[:4]))
    assert folded["month_on"].max() == date(2024, 6, 1)


def test_the_effect_is_planted_in_merged_units_from_the_merger_on_and_nowhere_else() -> None:
    none, planted = draw("none"), draw("planted")
    merged = pl.col("unit_key").is_in(MERGED)
    shift = days(planted, merged, SINCE) - days(none, merged, SINCE)
    assert shift == pytest.approx(planted.truth["working_days_mean"], abs=0.05)
    assert planted.truth["working_days_mean"] == pytest.approx(-0.78, abs=0.03)
    assert planted.truth["online_rate"] == pytest.approx(0.03, abs=0.002)
    assert days(planted, ~merged) == pytest.approx(days(none, ~merged))
    before = pl.col("month_on") < date(2024, 7, 1)
    assert days(planted, merged, before) == pytest.approx(days(none, merged, before))
    assert none.truth == {"working_days_mean": 0, "online_rate": 0}


def test_a_common_shock_is_everywhere_and_no_effect() -> None:
    none, shock = draw("none"), draw("common_shock")
    merged = pl.col("unit_key").is_in(MERGED)
    for chosen in (merged, ~merged):
        assert days(shock, chosen, SINCE) - days(none, chosen, SINCE) == pytest.approx(
            -0.78, abs=0.1
        )
    assert shock.truth["working_days_mean"] == 0


def test_a_trend_of_the_merged_alone_runs_before_the_merger_too() -> None:
    none, drift = draw("none"), draw("treated_trend")
    merged = pl.col("unit_key").is_in(MERGED)
    early = pl.col("month_on") < date(2022, 1, 1)
    assert days(drift, merged, early) - days(none, merged, early) > 0.5
    assert days(drift, ~merged) == pytest.approx(days(none, ~merged))


def test_noise_scales_with_the_factor_asked_for() -> None:
    noise = Noise()
    assert np.allclose(noise.times(2).month, np.array(noise.month) * 2)
    assert noise.times(2).everywhere == noise.everywhere
