"""What situations do to the telling: a shop that says nothing, a reception told days late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

import polars as pl

from pipelines.simulator.course import EVENTS
from pipelines.simulator.plan import NO_RESULT, Province
from pipelines.simulator.situations.ground import Ground
from pipelines.simulator.situations.model import Situation
from pipelines.simulator.situations.reception import TOLD_FROM

# messages follow their event within 10 minutes: what happens in the last quarter of an hour
# before the silence is not told either, so that nothing at all is told within it
_LONGEST_LAG = timedelta(minutes=15)
_QUICK_LAG = timedelta(seconds=60)
_DAY = timedelta(days=1)


def silent_from(situation: Situation) -> datetime:
    """The first moment whose events a silent shop does not tell of in time."""
    return datetime.combine(situation.day("from"), time()) - _LONGEST_LAG


def speaks_again(situation: Situation, until: date) -> datetime | None:
    """The moment at which a silent shop speaks again; None: not within the simulated time."""
    last = situation.day("to")
    return None if last >= until else datetime.combine(last + _DAY, time())


def tell_situations(
    told: pl.DataFrame,
    plan: pl.DataFrame,
    province: Province,
    situations: Iterable[Situation],
    until: date,
) -> pl.DataFrame:
    """Versions or steps (`draw_versions`, `draw_steps`) as the situations let them be told.

    A silent shop tells of nothing in its stretch. If it speaks again by `until`, its staff
    enter everything at once: all events of the stretch are told in the first seconds of the
    next day, in their order, each dossier with all its versions. If not, they are never told:
    the history ends before the shop speaks, and `plan_as_told` says what can be known. A
    back-dated reception is told when it really took place. Sorted by updated_at, row, event.
    """
    changed = False
    if TOLD_FROM in plan.columns:
        told, changed = _told_late(told, plan), True
    for situation, rows in _silent(plan, province, situations):
        first, again = silent_from(situation), speaks_again(situation, until)
        stop = again or datetime.combine(until + _DAY, time())
        is_held = (
            pl.col("row").is_in(rows.implode()) & (pl.col("at") >= first) & (pl.col("at") < stop)
        )
        told, changed = _hold(told, is_held, again), True
    return told.sort("updated_at", "row", "event") if changed else told


def plan_as_told(
    plan: pl.DataFrame,
    versions: pl.DataFrame,
    province: Province,
    situations: Iterable[Situation],
    until: date,
) -> pl.DataFrame:
    """The plan of what can be known from `versions` (of `tell_situations`): what truth counts.

    Dossiers never told of are gone: those of a shop that stays silent to the end, or submitted
    in the last minutes of the simulated time. Of the silent shop's others, events after the last
    version told did not happen as far as anyone can know.
    """
    lost = [
        rows
        for situation, rows in _silent(plan, province, situations)
        if speaks_again(situation, until) is None
    ]
    if not lost:
        told_of = versions["row"].unique()
        return plan if told_of.len() == plan.height else plan[told_of.sort()]
    silent = pl.concat(lost).unique()
    known = versions.group_by("row").agg(last_told=pl.col("at").max())
    told = (
        plan.with_row_index("row")
        .join(known, on="row", how="left", maintain_order="left")
        .with_columns(is_silent=pl.col("row").is_in(silent.implode()))
        .filter(pl.col("last_told").is_not_null())
    )
    is_known = ~pl.col("is_silent")
    told = told.with_columns(
        pl.when(is_known | (pl.col(name) <= pl.col("last_told"))).then(name).alias(name)
        for name in EVENTS
    )
    accepted = pl.col("accepted").is_not_null()
    told = told.with_columns(
        pl.when(is_known | accepted).then("due").alias("due"),
        *(
            pl.when(is_known | pl.col(f"wait{number}_to").is_not_null())
            .then(f"due{number}")
            .alias(f"due{number}")
            for number in (1, 2)
        ),
        *(
            pl.when(is_known | pl.col(f"wait{number}_from").is_not_null())
            .then(f"wait{number}")
            .otherwise(0)
            .cast(pl.Int8)
            .alias(f"wait{number}")
            for number in (1, 2)
        ),
        result=pl.when(is_known | pl.col("closed").is_not_null())
        .then("result")
        .otherwise(NO_RESULT)
        .cast(pl.Int8),
    )
    return told.with_columns(due_last=pl.coalesce("due2", "due1", "due")).select(plan.columns)


def _silent(
    plan: pl.DataFrame, province: Province, situations: Iterable[Situation]
) -> list[tuple[Situation, pl.Series]]:
    """The rows of the plan that each silent shop keeps."""
    ground = Ground(province)
    numbered = plan.select("unit").with_row_index("row")
    found: list[tuple[Situation, pl.Series]] = []
    for situation in situations:
        if situation.name != "silent_shop":
            continue
        units = ground.units_of(situation)["unit"].cast(pl.Int32)
        is_there = pl.col("unit").is_in(units.implode()) | pl.lit(value=units.is_empty())
        found.append((situation, numbered.filter(is_there)["row"]))
    return found


def _hold(told: pl.DataFrame, is_held: pl.Expr, again: datetime | None) -> pl.DataFrame:
    """Tell what is held back at `again`, a dossier's versions a second apart, or never."""
    if again is None:
        return told.filter(~is_held)
    place = pl.int_range(1, pl.len() + 1).over("row", order_by="updated_at")
    held = told.filter(is_held).with_columns(
        updated_at=(pl.lit(again) + pl.duration(seconds=place)).cast(pl.Datetime("ms"))
    )
    return pl.concat([told.filter(~is_held), held])


def _told_late(told: pl.DataFrame, plan: pl.DataFrame) -> pl.DataFrame:
    """Tell of a back-dated reception when it took place: `told_from` and the drawn lag."""
    beside = plan.select("accepted", TOLD_FROM)[told["row"]]
    joined = pl.concat([told, beside], how="horizontal")
    late = (pl.col("at") == pl.col("accepted")) & (pl.col("at") < pl.col(TOLD_FROM))
    lag = pl.min_horizontal(pl.col("updated_at") - pl.col("at"), pl.lit(_QUICK_LAG))
    return joined.with_columns(
        updated_at=pl.when(late.fill_null(value=False))
        .then(pl.col(TOLD_FROM) + lag)
        .otherwise("updated_at")
    ).select(told.columns)
