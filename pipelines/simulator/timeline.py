"""When a system tells what: the versions of each dossier and its steps, in order of telling.

Both are narrow: the row of the plan, what happened, the event's moment and `updated_at`, the
moment at which the system would have told it. Told a little after the event, and strictly one
after the other within a dossier.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.simulator.course import EVENTS

VERSION_EVENTS = (
    "submitted", "not_accepted", "accepted", "transferred", "wait1_from", "wait1_to",
    "wait2_from", "wait2_to", "closed", "returned",
)  # fmt: skip
QUICK_RETURN = timedelta(minutes=30)
_TOLD_AT_TRANSFER_SHARE = 0.3


def draw_versions(rng: np.random.Generator, plan: pl.DataFrame, until: date) -> pl.DataFrame:
    """row (of the plan), event, at, updated_at; sorted by updated_at, row.

    A version stands for all that happened up to its event. Handed in at the counter a dossier
    is first told of when accepted; finished and returned in one visit, only once.
    """
    in_person = pl.col("submitted") == pl.col("accepted")
    told_once = pl.col("returned") - pl.col("closed") <= QUICK_RETURN
    untold = pl.Series("untold", rng.random(plan.height) >= _TOLD_AT_TRANSFER_SHARE)
    told = plan.with_columns(untold).with_columns(
        submitted=pl.when(~in_person.fill_null(value=False)).then("submitted"),
        transferred=pl.when(~pl.col("untold")).then("transferred"),
        closed=pl.when(~told_once.fill_null(value=False)).then("closed"),
    )
    return _tell(rng, told, VERSION_EVENTS, (5, 600), until)


def draw_steps(rng: np.random.Generator, plan: pl.DataFrame, until: date) -> pl.DataFrame:
    """row (of the plan), event, at, begun (the step before it), updated_at; sorted the same."""
    in_person = pl.col("submitted") == pl.col("accepted")
    told = plan.with_columns(submitted=pl.when(~in_person.fill_null(value=False)).then("submitted"))
    return _tell(rng, told, EVENTS, (2, 180), until)


def _tell(
    rng: np.random.Generator,
    told: pl.DataFrame,
    events: tuple[str, ...],
    lag: tuple[int, int],
    until: date,
) -> pl.DataFrame:
    none = pl.lit(None, dtype=pl.Datetime("ms"))
    last = pl.Series("last", [None], dtype=pl.Datetime("ms")).new_from_index(0, told.height)
    begun = last
    parts: list[pl.DataFrame] = []
    end = pl.lit(until + timedelta(days=1)).cast(pl.Datetime("ms"))
    for number, event in enumerate(events):
        seconds = pl.Series("seconds", rng.integers(*lag, told.height))
        frame = pl.DataFrame({"at": told[event], "last": last, "begun": begun, "s": seconds})
        told_at = pl.max_horizontal(
            pl.col("at") + pl.duration(seconds="s"), pl.col("last") + timedelta(seconds=1)
        )
        frame = frame.with_row_index("row").with_columns(
            updated_at=pl.when(pl.col("at").is_not_null()).then(told_at).otherwise(none)
        )
        parts.append(
            frame.filter(pl.col("updated_at") < end).select(
                "row",
                pl.lit(number, dtype=pl.Int8).alias("event"),
                "at",
                pl.coalesce("begun", "at").alias("begun"),
                "updated_at",
            )
        )
        last = frame.select(pl.coalesce("updated_at", "last"))["updated_at"]
        begun = frame.select(pl.coalesce("at", "begun"))["at"]
    return pl.concat(parts).sort("updated_at", "row", "event")
