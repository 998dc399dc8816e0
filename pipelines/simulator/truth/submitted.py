"""What was submitted, and whether submissions online were answered in time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl

from pipelines.simulator.truth.rows import count_by_month, rows_of
from pipelines.worktime.vectorised import WorkClock

_ALLOWED = 8 * 3600  # seconds of working time


def submitted_rows(facts: pl.DataFrame, clock: WorkClock, until: date) -> list[pl.DataFrame]:
    """Rows of all dossiers of `gather_facts`, by day of submission."""
    judged = facts.with_columns(in_time=_in_time(facts, clock, until))
    counted = count_by_month(judged, "submitted", {
        "submitted": pl.len(),
        "not_accepted": pl.col("not_accepted").is_not_null().sum(),
        "to_answer": pl.col("in_time").count(),
        "in_time": pl.col("in_time").sum(),
    })  # fmt: skip
    return [
        rows_of(counted, "submitted", "submitted"),
        rows_of(counted, "not_accepted", "not_accepted"),
        rows_of(counted, "not_accepted_rate", "not_accepted", "submitted"),
        rows_of(counted, "acceptance_on_time_rate", "in_time", "to_answer"),
    ]


def _in_time(facts: pl.DataFrame, clock: WorkClock, until: date) -> pl.Series:
    """Accepted or refused within the hours allowed, to the second; null where none can say.

    Not answered by the end of the simulated time: late if the hours have passed by then. Told by
    the day alone: submitted at its beginning, answered at its close.
    """
    end = datetime.combine(until + timedelta(days=1), time())
    by_day = pl.col("is_told_by_day")
    closing = pl.duration(seconds=clock.hours.closes)
    answer = pl.coalesce("accepted", "not_accepted")
    moments = facts.select(
        is_answered=answer.is_not_null(),
        begin=pl.when(by_day).then(pl.col("submitted").dt.truncate("1d")).otherwise("submitted"),
        end=pl.when(by_day).then(answer.dt.truncate("1d") + closing).otherwise(answer)
        .fill_null(end),
    )  # fmt: skip
    begin, last = (
        clock.elapsed(moments[name].to_numpy().astype("datetime64[s]")) for name in ("begin", "end")
    )
    took = last - begin
    answered = moments["is_answered"].to_numpy()
    in_time = np.where(answered, took <= _ALLOWED, False)
    known = (answered | (took >= _ALLOWED)) & facts["is_online"].to_numpy()
    return pl.Series("in_time", in_time).set(pl.Series(~known), None)
