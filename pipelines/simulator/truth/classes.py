"""Early, on time and late by every definition that classifies a dossier once (domain §4)."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from pipelines.simulator.course import WITHDRAWN
from pipelines.simulator.truth.rows import count_by_month, rows_of
from pipelines.worktime.vectorised import WorkClock

CLASSES = ("early", "on_time", "late", "no_due_date")


def class_rows(accepted: pl.DataFrame, clock: WorkClock) -> list[pl.DataFrame]:
    """Rows of the accepted dossiers of `gather_facts`, by day of finish (or of withdrawal).

    `ii06a` and `ii06a_vendor` by date, `instant` to the second, `half_day` by the session that
    holds the due moment. The vendor takes a missing due date and a withdrawal as on time.
    """
    finish, due = pl.col("closed"), pl.col("due_last")
    resolved = accepted.filter("is_resolved")
    withdrawn = (pl.col("outcome") == WITHDRAWN) & pl.col("closed").is_not_null()
    vendors = accepted.filter(pl.col("is_resolved") | withdrawn)
    by_date = _class(finish.dt.date(), due.dt.date(), due.dt.date())
    lenient = pl.when(withdrawn | due.is_null()).then(pl.lit("on_time")).otherwise(by_date)
    dated = resolved.filter(due.is_not_null())
    dated = dated.with_columns(session=_session_begin(dated["due_last"], clock))
    undated = resolved.filter(due.is_null()).with_columns(session=due)
    halves = pl.concat([dated, undated])
    return [
        *rows_of_classes(resolved.with_columns(kind=by_date), "closed", "ii06a"),
        *rows_of_classes(vendors.with_columns(kind=lenient), "closed", "ii06a_vendor"),
        *rows_of_classes(resolved.with_columns(kind=_class(finish, due, due)), "closed", "instant"),
        *rows_of_classes(
            halves.with_columns(kind=_class(finish, pl.col("session"), due)), "closed", "half_day"
        ),
    ]


def rows_of_classes(
    classified: pl.DataFrame, anchor: str, definition: str, classes: tuple[str, ...] = CLASSES
) -> list[pl.DataFrame]:
    """Counts and shares of a frame with one class a row (`kind`) and the moment it counts at.

    `classes` are those the definition has; a missing due date is in every denominator.
    """
    counted = count_by_month(
        classified,
        anchor,
        {name: (pl.col("kind") == name).sum() for name in CLASSES} | {"classified": pl.len()},
    ).with_columns(early_or_on_time=pl.col("early") + pl.col("on_time"))
    shares = [name for name in classes if name != "no_due_date"] + ["early_or_on_time"]
    return [
        *(rows_of(counted, name, name, definition=definition) for name in classes),
        *(rows_of(counted, f"{n}_rate", n, "classified", definition) for n in shares),
    ]


def _class(finish: pl.Expr, early_before: pl.Expr, due: pl.Expr) -> pl.Expr:
    return (
        pl.when(due.is_null())
        .then(pl.lit("no_due_date"))
        .when(finish < early_before)
        .then(pl.lit("early"))
        .when(finish <= due)
        .then(pl.lit("on_time"))
        .otherwise(pl.lit("late"))
    )


def _session_begin(due: pl.Series, clock: WorkClock) -> pl.Series:
    """When the half-day session that holds each due moment began; the last before, if none."""
    hours = clock.hours
    when = due.to_numpy().astype("datetime64[s]")
    days = when.astype("datetime64[D]").astype("datetime64[s]")
    frame = pl.DataFrame(
        {
            "due": due,
            "day": due.dt.truncate("1d"),
            "works": clock.is_working_day(when),
            # the end of the last session before that day
            "before": clock.moment_at(clock.elapsed(days)).astype("datetime64[ms]"),
        }
    )
    morning, afternoon = timedelta(seconds=hours.opens), timedelta(seconds=hours.noon_to)
    day, works = pl.col("day"), pl.col("works")
    return frame.select(
        pl.when(works & (pl.col("due") >= day + afternoon))
        .then(day + afternoon)
        .when(works & (pl.col("due") >= day + morning))
        .then(day + morning)
        .otherwise(pl.col("before").dt.truncate("1d") + afternoon)
        .alias("session")
    ).to_series()
