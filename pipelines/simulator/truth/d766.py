"""On time and late by Decision 766, item 2.1: a property of a dossier and a month (domain §4)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.simulator.plan import Province
from pipelines.simulator.truth.classes import rows_of_classes
from pipelines.simulator.truth.rows import month_number
from pipelines.simulator.waits import SUPPLEMENT
from pipelines.worktime.vectorised import UNITS

_OF_ONE_REQUEST, _TOO_MANY_REQUESTS = 1, 2


def d766_rows(accepted: pl.DataFrame, province: Province, until: date) -> list[pl.DataFrame]:
    """Rows of the accepted dossiers of `gather_facts`, one for each month each is counted in.

    Counted from the month of reception to that of closing, or to `until`. The end compared with
    the due date is the closing (whatever its outcome); of a dossier open at the month's end, the
    moment of its single request for a supplement if nobody has answered, else that day itself.
    Early is no class of its own. Raises `ValueError` where a dossier without a due date waited
    for a supplement, which the course of dossiers never lets happen.
    """
    last = until.year * 12 + until.month - 1
    closing = month_number(pl.col("closed")).cast(pl.Int64).fill_null(last)
    counted = (
        pl.concat(_with_due_dates(accepted, province))
        .with_columns(
            month=pl.int_ranges(month_number(pl.col("accepted")).cast(pl.Int64), closing + 1)
        )
        .explode("month", empty_as_null=True, keep_nulls=True)
        .with_columns(end_on=_last_day(pl.col("month"), until))
    )
    return rows_of_classes(
        counted.with_columns(kind=_kind()), "end_on", "d766", ("on_time", "late", "no_due_date")
    )


def _last_day(month: pl.Expr, until: date) -> pl.Expr:
    """The last day of a month (number), at most the last one simulated."""
    first = pl.date(month // 12, month % 12 + 1, 1)
    return pl.min_horizontal(first.dt.month_end(), pl.lit(until))


def _kind() -> pl.Expr:
    """on_time, late or no_due_date of a row of one dossier and `end_on`."""
    due, end_on = pl.col("due_last"), pl.col("end_on")
    by_then = [_is_asked(number) for number in (1, 2)]
    requests = pl.sum_horizontal(asked.cast(pl.Int64) for asked in by_then)
    is_closed = (pl.col("closed").dt.date() <= end_on).fill_null(value=False)
    pending = [
        asked & ~(pl.col(f"wait{number}_to").dt.date() <= end_on).fill_null(value=False)
        for number, asked in zip((1, 2), by_then, strict=True)
    ]
    asked_at = pl.coalesce(
        pl.when(is_open).then(f"wait{number}_from")
        for number, is_open in zip((1, 2), pending, strict=True)
    )
    is_single = (requests == _OF_ONE_REQUEST) & asked_at.is_not_null()
    is_late = (
        pl.when(is_closed)
        .then(pl.col("closed") > due)
        .when(is_single)
        .then(asked_at > due)
        .otherwise(end_on > due.dt.date())
    )
    return (
        pl.when(due.is_null())
        .then(pl.lit("no_due_date"))
        .when(is_late | (requests >= _TOO_MANY_REQUESTS))
        .then(pl.lit("late"))
        .otherwise(pl.lit("on_time"))
    )


def _is_asked(number: int) -> pl.Expr:
    """Whether a wait is a supplement and was asked for by the end of the month."""
    is_supplement = pl.col(f"wait{number}") == SUPPLEMENT
    asked = pl.col(f"wait{number}_from").dt.date() <= pl.col("end_on")
    return (is_supplement & asked).fill_null(value=False)


def _with_due_dates(accepted: pl.DataFrame, province: Province) -> list[pl.DataFrame]:
    """The dossiers; where no due date was sent, the term of a known procedure gives one."""
    undated = accepted.filter(pl.col("due_last").is_null())
    if undated.select(pl.any_horizontal(pl.col("wait1", "wait2") == SUPPLEMENT).any()).item():
        raise ValueError("a dossier without a due date waited for a supplement")
    here = undated["procedure"]
    positions = {name: position for position, name in enumerate(UNITS)}
    unit = province.catalogue["term_unit"].replace_strict(positions, return_dtype=pl.Int64)[here]
    due = province.clock.due_dates(
        undated["accepted"].to_numpy().astype("datetime64[s]"),
        province.catalogue["term_value"][here].to_numpy(),
        unit.to_numpy(),
    )
    computed = pl.Series("computed", due.astype("datetime64[ms]"))
    exact = pl.when(pl.lit(unit) == UNITS.index("hour")).then(computed.dt.truncate("1m"))
    known = undated.with_columns(
        due_last=pl.when(~pl.col("is_procedure_unknown")).then(exact.otherwise(computed))
    )
    return [accepted.filter(pl.col("due_last").is_not_null()), known]
