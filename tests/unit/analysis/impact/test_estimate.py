"""All changes of a small province, all outcomes, all estimators."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl
import pytest

from pipelines.analysis.impact import (
    IMPACT_SCHEMAS,
    ImpactParameters,
    Impacts,
    Quantiles,
    estimate_impacts,
)
from pipelines.analysis.impact.outcomes import COUNTS, RATIOS
from pipelines.simulator.worlds import KINDS, World, draw_world

AS_OF = date(2025, 12, 31)
OUTCOMES = {outcome.name for outcome in RATIOS} | {
    "received", "dossiers_per_shop_day", "working_days_median", "working_days_p90",
}  # fmt: skip


def quantiles(
    unit_keys: Sequence[str], first_on: date, last_on: date, levels: Sequence[float]
) -> tuple[int, list[float]]:
    """Quantiles of days that are spread evenly from 0 to 10, a day fewer since the merger."""
    return 200, [10 * level - (first_on >= date(2024, 7, 1)) for level in levels]


def estimate(
    world: World, as_of: date = AS_OF, asked: Quantiles = quantiles, **frames: pl.DataFrame
) -> Impacts:
    given = {"panel": world.panel, "changes": world.changes, "shops": world.shops} | frames
    return estimate_impacts(
        given["panel"], asked, given["changes"], world.units, given["shops"],
        as_of=as_of, parameters=ImpactParameters(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return draw_world(11, KINDS["planted"], 60_000)


@pytest.fixture(scope="module")
def impacts(world: World) -> Impacts:
    return estimate(world)


def only(world: World, *change_ids: str) -> pl.DataFrame:
    """Some of the mergers, and the end of the districts, so that the months are the same."""
    ends = pl.col("kind") == "unit_abolished"
    return world.changes.filter(pl.col("change_id").is_in(change_ids) | ends)


def tables(impacts: Impacts) -> dict[str, pl.DataFrame]:
    return {name: getattr(impacts, name.removeprefix("imp_")) for name in IMPACT_SCHEMAS}


def test_every_change_is_listed_the_mergers_also_together(impacts: Impacts) -> None:
    listed = impacts.change.select("impact_id", "kind", "unions_n", "controls_n", "status").rows()
    assert listed == [
        *((f"shop-{code}", "shop_merger", 1, 7, "ok")
          for code in ("00691", "00721", "00769", "01021")),
        ("shop-mergers", "shop_merger_group", 4, 7, "ok"),
        # of 73 new communes, four hold a unit whose shop was folded in these months
        ("network-2025-07-01", "network", 69, 0, "ok"),
    ]  # fmt: skip
    group = impacts.change.row(by_predicate=pl.col("impact_id") == "shop-mergers", named=True)
    assert (group["before_from"], group["before_to"]) == (date(2022, 7, 1), date(2024, 6, 1))
    assert (group["after_from"], group["after_to"]) == (date(2024, 7, 1), date(2025, 6, 1))


def test_each_impact_and_outcome_has_one_headline_with_a_sentence(impacts: Impacts) -> None:
    heads = impacts.effect.filter("is_headline")
    assert set(heads.select("impact_id", "outcome").rows()) == {
        (impact, outcome) for impact in impacts.change["impact_id"] for outcome in OUTCOMES
    }
    assert heads.select("impact_id", "outcome").is_unique().all()
    assert impacts.effect.select(pl.col("sentence_vi", "sentence_en").is_not_null().all()).row(
        0
    ) == (True, True)


def test_the_tables_have_the_columns_agreed(impacts: Impacts, world: World) -> None:
    empty = estimate(world, changes=world.changes.clear())
    for found in (impacts, empty):
        for name, frame in tables(found).items():
            assert frame.schema == IMPACT_SCHEMAS[name]
    assert all(frame.is_empty() for frame in tables(empty).values())


def test_the_planted_effect_is_within_the_interval_of_the_four_together(
    impacts: Impacts, world: World
) -> None:
    for outcome, truth in world.truth.items():
        head = impacts.effect.row(
            by_predicate=(pl.col("impact_id") == "shop-mergers")
            & (pl.col("outcome") == outcome)
            & pl.col("is_headline"),
            named=True,
        )
        assert head["estimator"] == "placebo"
        assert head["low"] < truth < head["high"]


def test_the_second_opinion_agrees_wherever_there_is_one(impacts: Impacts) -> None:
    asked = impacts.effect.filter(pl.col("second_opinion").is_not_null())
    assert asked["outcome"].n_unique() >= 6
    assert asked["estimator"].unique().to_list() == ["did"]
    apart = (asked["estimate"] - asked["second_opinion"]).abs()
    assert apart.max() < 1e-6  # pyright: ignore[reportOperatorIssue]


def test_shares_add_up_before_and_after(impacts: Impacts) -> None:
    pooled = impacts.effect.filter(
        pl.col("outcome").is_in(["early_rate", "on_time_rate", "late_rate"]),
        estimator="pooled", impact_id="shop-mergers",
    )  # fmt: skip
    assert pooled["after_denominator"].n_unique() == 1
    assert pooled["after_value"].sum() == pytest.approx(1)


def test_a_series_is_what_was_counted(impacts: Impacts, world: World) -> None:
    group = impacts.change.row(by_predicate=pl.col("impact_id") == "shop-mergers", named=True)
    counted = (
        world.panel.filter(pl.col("unit_key").is_in(group["treated_keys"]))
        .filter(pl.col("month_on") < date(2025, 7, 1))
        .group_by("month_on")
        .agg(
            numerator=pl.col("online_n").sum().cast(pl.Float64),
            denominator=pl.col("received_n").sum(),
        )
        .sort("month_on")
    )  # fmt: skip
    shown = impacts.series.filter(
        impact_id="shop-mergers", outcome="online_rate", series="treated"
    ).select("month_on", "numerator", "denominator")
    assert shown.equals(counted)


def test_the_counterfactual_lies_on_the_level_of_the_merged_before(impacts: Impacts) -> None:
    wide = impacts.series.filter(impact_id="shop-mergers", outcome="working_days_mean").pivot(
        "series", index="month_on", values="value"
    )
    before, after = (
        wide.filter(each).select((pl.col("treated") - pl.col("counterfactual")).mean()).item()
        for each in (
            pl.col("month_on").is_between(date(2022, 7, 1), date(2024, 6, 1)),
            pl.col("month_on") >= date(2024, 7, 1),
        )
    )
    assert abs(before) < 0.2
    assert after < -0.3


def test_a_reorganisation_is_told_by_dose_and_by_its_own_trend(impacts: Impacts) -> None:
    estimators = impacts.effect.filter(
        impact_id="network-2025-07-01", outcome="working_days_mean"
    ).select("estimator", "is_headline")
    assert set(estimators.rows()) == {
        ("dose", True), ("did", False), ("pooled", False), ("its", False),
    }  # fmt: skip


def test_the_same_frames_give_the_same_figures(world: World) -> None:
    shuffled = world.panel.sample(fraction=1.0, shuffle=True, seed=1)
    changes = only(world, "shop-00721")
    once, again = (
        tables(estimate(world, changes=changes, panel=panel)) for panel in (world.panel, shuffled)
    )
    for name, frame in once.items():
        assert not frame.is_empty(), name
        assert frame.equals(again[name]), name


def test_months_after_the_data_end_are_not_used(world: World) -> None:
    communes = pl.col("kind") == "unit_merger"
    changes = world.changes.filter((pl.col("change_id") == "shop-00721") | communes)
    early = estimate(world, date(2025, 3, 15), changes=changes)
    assert early.change.filter(impact_id="shop-00721")["after_to"].item() == date(2025, 2, 1)
    network = early.change.filter(kind="network").row(0, named=True)
    assert (network["status"], network["before_from"]) == ("too_early", None)
    assert network["reason_vi"].startswith("Chưa đủ số tháng")
    assert early.effect.filter(impact_id=network["impact_id"]).is_empty()


def test_a_moved_day_leaves_the_month_of_the_change_out(world: World) -> None:
    moved = only(world, "shop-00721", "shop-00769").with_columns(
        effective_on=pl.when(change_id="shop-00721")
        .then(date(2024, 8, 15))
        .otherwise("effective_on")
    )
    found = estimate(world, changes=moved)
    row = found.change.row(by_predicate=pl.col("impact_id") == "shop-00721", named=True)
    assert (row["before_to"], row["after_from"]) == (date(2024, 7, 1), date(2024, 9, 1))
    group = found.effect.filter(impact_id="shop-mergers", outcome="working_days_mean")
    assert group.filter("is_headline")["estimate"].item() == pytest.approx(-0.75, abs=0.5)
    assert group.filter(estimator="did")["second_opinion"].is_not_null().all()


def test_with_few_dossiers_nothing_is_estimated_and_the_reason_is_told() -> None:
    found = estimate(draw_world(1, KINDS["planted"], 500))
    asked = found.effect.filter(pl.col("outcome").is_in([outcome.name for outcome in RATIOS]))
    assert set(asked["status"]) <= {"too_few", "too_few_events", None}
    assert asked.filter(pl.col("verdict").is_in(["better", "worse"])).is_empty()
    assert asked.filter(pl.col("status").is_not_null())["estimate"].is_null().all()
    assert not asked.filter(pl.col("status").is_not_null()).is_empty()


def test_without_data_every_change_says_so(world: World) -> None:
    found = estimate(world, panel=world.panel.clear())
    assert set(found.change["status"]) == {"no_data"}
    assert found.effect.is_empty()


def test_an_outcome_that_fails_stops_no_other(world: World) -> None:
    def broken(*_: object) -> tuple[int, list[float]]:
        raise ZeroDivisionError

    found = estimate(world, asked=broken, changes=only(world, "shop-00721"))
    failed = found.effect.filter(status="failed")
    assert set(failed["outcome"]) == {"working_days_median", "working_days_p90"}
    assert failed["sentence_en"].str.contains("ZeroDivisionError").all()
    assert found.effect.filter(pl.col("outcome") == "online_rate")["status"].is_null().all()


def test_quantiles_are_those_asked_for_with_an_interval(impacts: Impacts) -> None:
    median = impacts.effect.row(
        by_predicate=(pl.col("impact_id") == "shop-mergers")
        & (pl.col("outcome") == "working_days_median"),
        named=True,
    )
    assert (median["before_value"], median["after_value"], median["estimate"]) == (5, 4, -1)
    assert median["low"] < -1 < median["high"]
    assert median["verdict"] == "descriptive"


def test_a_cost_is_told_only_where_every_shop_has_one(impacts: Impacts, world: World) -> None:
    assert "cost_per_dossier" not in impacts.effect["outcome"]
    costs = world.shops.with_columns(cost=pl.lit(1e6))
    changes = only(world, "shop-00721")
    told = estimate(world, shops=costs, changes=changes).effect
    one = told.row(by_predicate=pl.col("outcome") == "cost_per_dossier", named=True)
    # two shops before, one after
    assert one["before_numerator"] == 24 * 2 * 1e6
    assert one["after_numerator"] == 12 * 1e6
    missing = costs.with_columns(
        cost=pl.when((pl.col("unit_key") == "026@") & (pl.col("month_on") == date(2024, 1, 1)))
        .then(None)
        .otherwise("cost")
    )
    untold = estimate(world, shops=missing, changes=changes)
    assert "cost_per_dossier" not in untold.effect["outcome"]


def test_the_panel_needs_the_counts_named(world: World) -> None:
    assert set(COUNTS) <= set(world.panel.columns)
