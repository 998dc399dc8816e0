"""Balances by month: states as intervals, added up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl

from pipelines.simulator.truth.rows import month_number, rows_of

_AT_COUNTER = {
    "waiting_at_counter": 0,
    "waiting_at_counter_over_7": 8,
    "waiting_at_counter_over_30": 31,
}


def balance_rows(accepted: pl.DataFrame, until: date) -> list[pl.DataFrame]:
    """Rows of the accepted dossiers of `gather_facts`: the months at whose end a state holds.

    open, waiting, overdue, and results at the counter by age in calendar days.
    """
    last = until.year * 12 + until.month - 1
    never = pl.lit(last + 1, dtype=pl.Int32)
    cut = pl.lit(until + timedelta(days=1)).cast(pl.Datetime("ms"))

    def at(moment: pl.Expr) -> pl.Expr:
        return pl.when(moment < cut).then(month_number(moment)).otherwise(never).cast(pl.Int32)

    past_due = pl.col("due_last").dt.truncate("1d") + timedelta(days=1)
    lives = accepted.with_columns(begin=at(pl.col("accepted")), end=at(pl.col("closed")))
    is_past_due = pl.max_horizontal("begin", at(past_due))
    changes = {
        "open": [_interval(lives, pl.col("begin"), pl.col("end"), 1)],
        "waiting": list[pl.DataFrame](),
        "overdue": [_interval(lives, is_past_due, pl.col("end"), 1)],
    }
    for number in (1, 2):
        waiting = lives.filter(pl.col(f"wait{number}") > 0)
        begin = at(pl.col(f"wait{number}_from"))
        end = pl.min_horizontal(at(pl.col(f"wait{number}_to")), pl.col("end"))
        changes["waiting"].append(_interval(waiting, begin, end, 1))
        excused = pl.max_horizontal(begin, is_past_due)
        changes["overdue"].append(_interval(waiting, excused, end, -1))
    resolved = lives.filter("is_resolved")
    for metric, age in _AT_COUNTER.items():
        of_age = pl.col("closed").dt.truncate("1d") + timedelta(days=age)
        changes[metric] = [_interval(resolved, at(of_age), at(pl.col("returned")), 1)]
    return [rows_of(_running(parts, last), metric, "n") for metric, parts in changes.items()]


def _interval(lives: pl.DataFrame, begin: pl.Expr, end: pl.Expr, sign: int) -> pl.DataFrame:
    """The changes of a balance: `sign` at the month of begin, its opposite at that of end."""
    spans = lives.select("unit", begin=begin, end=end).filter(pl.col("begin") < pl.col("end"))
    return pl.concat(
        [
            spans.select("unit", pl.col("begin").alias("month"), pl.lit(sign).alias("n")),
            spans.select("unit", pl.col("end").alias("month"), pl.lit(-sign).alias("n")),
        ]
    )


def _running(parts: Iterable[pl.DataFrame], last: int) -> pl.DataFrame:
    """The running sum of changes for every unit and month up to `last`."""
    changes = pl.concat(list(parts)).group_by("unit", "month").agg(pl.col("n").cast(pl.Int64).sum())
    if changes.is_empty():
        return changes
    first = changes.select(pl.col("month").min()).item()
    months = pl.DataFrame({"month": range(first, last + 1)}, schema={"month": pl.Int32})
    return (
        changes.select(pl.col("unit").unique())
        .join(months, how="cross")
        .join(changes, on=["unit", "month"], how="left")
        .sort("unit", "month")
        .with_columns(pl.col("n").fill_null(0).cum_sum().over("unit"))
    )
