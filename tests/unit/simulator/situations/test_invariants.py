"""Whatever is planted, the plan stays one that a province could have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipelines.simulator.course import EVENTS, ONLINE, RESOLVED, WITHDRAWN
from pipelines.simulator.plan import NO_RESULT
from pipelines.simulator.situations import merge_planted
from pipelines.simulator.situations.parse import KEYS
from pipelines.simulator.truth import true_rows

from .conftest import Drawn

LATE = "common_shock:from=2021-01-01,late=0.3"
EVERYWHERE = "unit=all,from=2021-01-01,to=2026-06-30"
# each situation over as many dossiers as it can reach, alone and on top of the others
SWITCHES: list[tuple[str, ...]] = [
    ("merger_effect:late=0.1,hours=5",),
    ("merger_effect:late=-0.1,hours=-3",),
    ("merger_effect:late=0,hours=-6.4,online=0.03",),
    ("merger_effect:late=0,hours=-400,online=1",),
    ("common_shock:from=2021-01-01,late=0,hours=-400,online=-1",),
    ("common_shock:from=2021-01-01,late=0.2,hours=12",),
    ("trend:late=0.05,hours=2",),
    ("trend:of=treated",),
    ("unit_collapse:unit=all,from=2021-01-01,late=0.9",),
    *((f"slow_step:step={step},factor=5,from=2021-01-01",)
      for step in ("transferred", "appraised", "approved", "closed", "returned")),
    ("slow_step:step=closed,factor=0.2,from=2021-01-01",),
    ("silent_shop",),
    ("tet_dip:share=1",),
    ("noise:hours=20",),
    (f"bunching:{EVERYWHERE},share=1",),
    (LATE, f"moved_due_dates:{EVERYWHERE},share=1"),
    (f"late_supplements:{EVERYWHERE},share=1",),
    (f"batch_closing:{EVERYWHERE},share=1",),
    (f"batch_closing:{EVERYWHERE},share=1,at=month",),
    (f"backdated_reception:{EVERYWHERE},share=1",),
    (LATE, f"withdraw_and_reenter:{EVERYWHERE},share=1"),
    (f"slow_acceptance:{EVERYWHERE},share=1",),
    tuple(KEYS),
    tuple(f"{name}:{EVERYWHERE}" if "unit" in KEYS[name] else name for name in reversed(KEYS)),
]  # fmt: skip


def broken_rules(plan: pl.DataFrame, drawn: Drawn) -> set[str]:
    """The rules of a plan that this one breaks."""
    found: set[str] = set()
    end = pl.lit(drawn.until + timedelta(days=1)).cast(pl.Datetime("ms"))
    last = pl.lit(None, dtype=pl.Datetime("ms"))
    for name in EVENTS:
        apart = pl.col(name) - last >= timedelta(seconds=1)
        if name == "accepted":
            apart |= pl.col("submitted") == pl.col("accepted")
        if not plan.filter(~apart).is_empty():
            found.add(f"{name} follows what came before")
        if not plan.filter(pl.col(name) >= end).is_empty():
            found.add(f"{name} lies within the time simulated")
        if name != "submitted" and not works_then(plan[name].drop_nulls(), drawn):
            found.add(f"{name} falls into working time")
        last = pl.coalesce(name, last)
    lives = drawn.province.origins.group_by("unit").agg(pl.col("last_day").max())
    receiving = plan.join(lives.with_columns(pl.col("unit").cast(pl.Int32)), on="unit")
    closed, accepted = pl.col("closed").is_not_null(), pl.col("accepted").is_not_null()
    rules = {
        "due_last is the last date sent": pl.col("due_last").eq_missing(
            pl.coalesce("due2", "due1", "due")
        ),
        "a result needs a resolved dossier": (pl.col("result") == NO_RESULT)
        | (closed & (pl.col("outcome") == RESOLVED)),
        "only the resolved are returned": pl.col("returned").is_null()
        | (pl.col("outcome") == RESOLVED),
        "no due date without reception": pl.col("due").is_null() | accepted,
        "submitted is known": pl.col("submitted").is_not_null(),
        "in person is accepted at once": (pl.col("channel") == ONLINE)
        | pl.col("accepted").is_null()
        | (pl.col("submitted") == pl.col("accepted")),
        "no second wait without a first": (pl.col("wait2") == 0) | (pl.col("wait1") > 0),
    } | {
        f"wait{n} has its moments": (
            (pl.col(f"wait{n}") > 0) == pl.col(f"wait{n}_from").is_not_null()
        )
        & (pl.col(f"wait{n}_to").is_not_null() | pl.col(f"due{n}").is_null())
        for n in (1, 2)
    }  # fmt: skip
    found |= {rule for rule, holds in rules.items() if not plan.filter(~holds).is_empty()}
    if not receiving.filter(pl.col("accepted").dt.date() > pl.col("last_day")).is_empty():
        found.add("an ended unit receives nothing")
    if not plan["submitted"].is_sorted():
        found.add("in order of submission")
    return found


def works_then(moments: pl.Series, drawn: Drawn) -> bool:
    """Whether all moments fall on working days within the hours (ends included)."""
    day = moments.dt.date().to_numpy().astype("datetime64[s]")
    minute = moments.dt.hour().cast(pl.Int32) * 60 + moments.dt.minute()
    inside = minute.is_between(450, 690) | minute.is_between(780, 1020)
    return bool(inside.all() and drawn.province.clock.is_working_day(day).all())


def test_a_plan_as_drawn_breaks_no_rule(drawn: Drawn) -> None:
    assert broken_rules(drawn.plan, drawn) == set()


@pytest.mark.parametrize("switches", SWITCHES, ids=" ".join)
def test_order_working_time_and_end_hold_whatever_is_planted(
    drawn: Drawn, switches: tuple[str, ...]
) -> None:
    plan, _ = drawn.plant(*switches)
    assert broken_rules(plan, drawn) == set()
    assert plan.schema.items() >= drawn.plan.schema.items()


DEFECTS: list[tuple[Callable[[], pl.Expr], str]] = [
    (lambda: (pl.col("closed") + pl.duration(days=60)).alias("closed"),
     "returned follows what came before"),
    (lambda: pl.col("closed").dt.truncate("1d").alias("closed"), "closed falls into working time"),
    (lambda: (pl.col("returned") + pl.duration(days=364)).alias("returned"),
     "returned lies within the time simulated"),
    (lambda: pl.col("due").alias("due_last"), "due_last is the last date sent"),
    (lambda: pl.lit(WITHDRAWN, dtype=pl.Int8).alias("outcome"),
     "a result needs a resolved dossier"),
    (lambda: pl.lit(None, dtype=pl.Datetime("ms")).alias("wait1_from"),
     "wait1 has its moments"),
    (lambda: pl.lit(1, dtype=pl.Int8).alias("channel"), "in person is accepted at once"),
    (lambda: pl.lit(0, dtype=pl.Int8).alias("wait1"), "no second wait without a first"),
    (lambda: (pl.col("accepted") + pl.duration(days=1)).alias("accepted"),
     "an ended unit receives nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("defect", "rule"), DEFECTS, ids=[rule for _, rule in DEFECTS])
def test_a_plan_that_breaks_a_rule_is_seen(
    drawn: Drawn, defect: Callable[[], pl.Expr], rule: str
) -> None:
    assert rule in broken_rules(drawn.plan.with_columns(defect()), drawn)


@pytest.mark.parametrize("switches", [(), ("merger_effect:none",), ("silent_shop",)])
def test_an_effect_that_is_none_changes_nothing(drawn: Drawn, switches: tuple[str, ...]) -> None:
    plan, planted = drawn.plant(*switches)
    assert_frame_equal(plan, drawn.plan)
    assert all(entry.before == entry.after for entry in planted)


def test_without_situations_the_plan_itself_comes_back(drawn: Drawn) -> None:
    assert drawn.plant()[0] is drawn.plan


@pytest.mark.parametrize("name", KEYS)
def test_the_same_seed_plants_the_same(drawn: Drawn, name: str) -> None:
    one, said = drawn.plant(name, seed=11)
    two, again = drawn.plant(name, seed=11)
    assert_frame_equal(one, two)
    assert [entry.document() for entry in said] == [entry.document() for entry in again]


def test_another_seed_plants_elsewhere(drawn: Drawn) -> None:
    assert not drawn.plant("noise", seed=1)[0].equals(drawn.plant("noise", seed=2)[0])


def test_the_plan_given_is_left_as_it_was(drawn: Drawn) -> None:
    before = drawn.plan.clone()
    drawn.plant(LATE, f"withdraw_and_reenter:{EVERYWHERE}", "noise")
    assert_frame_equal(drawn.plan, before)


@pytest.mark.parametrize("parts", [3, 40])
@pytest.mark.parametrize(
    "switch",
    ["merger_effect:late=0.1", "merger_effect:late=0,online=0.1",
     "unit_collapse:unit=all,from=2021-01-01,late=0.4", "tet_dip",
     f"bunching:{EVERYWHERE}", f"slow_acceptance:{EVERYWHERE}"],
)  # fmt: skip
def test_drawn_in_parts_the_province_is_the_same(drawn: Drawn, switch: str, parts: int) -> None:
    whole = drawn.plant(switch)[1][0]
    pieces = [
        drawn.plant(switch, seed=number, part=drawn.plan.filter(pl.col("unit") % parts == number))
        for number in range(parts)
    ]
    total = merge_planted(planted for _, planted in pieces)[0]
    assert total.before == whole.before
    assert (total.units, total.first_day, total.last_day, total.doses) == (
        whole.units, whole.first_day, whole.last_day, whole.doses
    )  # fmt: skip
    n = max(whole.before["dossiers"], 1)
    # two draws of the same chance differ by less than 4 standard errors, at most 0.5 each
    assert abs(total.touched - whole.touched) / n < 4 * (2 * 0.25 / n) ** 0.5
    assert sum(plan.height for plan, _ in pieces) == pytest.approx(
        drawn.plant(switch)[0].height, abs=4 * (n / 2) ** 0.5
    )


def test_parts_asked_for_different_things_are_not_added_up(drawn: Drawn) -> None:
    with pytest.raises(ValueError, match="not given the same situations"):
        merge_planted([drawn.plant("noise")[1], drawn.plant("tet_dip")[1]])


@pytest.mark.parametrize("switches", SWITCHES, ids=" ".join)
def test_truth_is_that_of_the_changed_plan(drawn: Drawn, switches: tuple[str, ...]) -> None:
    plan, planted = drawn.plant(*switches)
    changed = late_of(plan, drawn) - late_of(drawn.plan, drawn)
    assert changed == sum(entry.after["late"] - entry.before["late"] for entry in planted)


def late_of(plan: pl.DataFrame, drawn: Drawn) -> int:
    rows = true_rows(plan, drawn.province, drawn.until)
    return rows.filter(metric="late", definition="ii06a")["numerator"].sum()
