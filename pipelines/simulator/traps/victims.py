"""Which dossiers fall into which trap: at most one each, drawn by the trap's rate."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.simulator.plan import Province
from pipelines.simulator.timeline import VERSION_EVENTS
from pipelines.simulator.traps.catalogue import COPIES, NO_TRAP, TRAPS, Trap, number_of


def draw_victims(rng: np.random.Generator, plan: pl.DataFrame, rate: float) -> pl.DataFrame:
    """The numbered plan with `trap` (0 = none) and the code under which it is told.

    `rate` multiplies the declared rates. A dossier whose code collides is told under the code
    of another one of its shop (`told_code`), which itself stays clean.
    """
    able = plan.select(trap.able.alias(trap.name) for trap in TRAPS)
    drawn: npt.NDArray[np.int8] = np.zeros(plan.height, dtype=np.int8)
    kept: npt.NDArray[np.bool_] = np.zeros(plan.height, dtype=np.bool_)
    told = plan["dossier_code"]
    for trap in TRAPS:
        chance = rng.random(plan.height) < trap.rate * rate
        chosen = able[trap.name].to_numpy() & chance & (drawn == NO_TRAP) & ~kept
        if trap.name == "code_collision":
            owner = _owners(plan)
            chosen &= owner >= 0
            # an owner stays clean and has one pretender
            rows = np.flatnonzero(chosen & ~np.isin(np.arange(plan.height), owner[chosen]))
            rows = rows[drawn[owner[rows]] == NO_TRAP]
            chosen = np.zeros(plan.height, dtype=np.bool_)
            chosen[rows] = True
            kept[owner[rows]] = True
            told = told.scatter(rows, plan["dossier_code"][owner[rows]])
        drawn[chosen] = number_of(trap.name)
    return plan.with_columns(trap=pl.Series(drawn), told_code=told)


def _owners(plan: pl.DataFrame) -> npt.NDArray[np.int64]:
    """For each dossier the row of the one before it in its shop whose code it may bear, or -1.

    Received on an earlier day, for another procedure, resolved without waits.
    """
    clean = next(trap for trap in TRAPS if trap.name == "times_at_midnight").able & (
        pl.col("accepted").dt.date() < pl.col("accepted").dt.date().max()
    )
    order = plan.with_row_index("row").select("row", "unit", "procedure", "accepted", clean=clean)
    before = (
        order.sort("unit", "accepted", "row")
        .with_columns(
            pl.col("row", "procedure", "accepted", "clean").shift(1).over("unit").name.prefix("b_")
        )
        .with_columns(
            owner=pl.when(
                pl.col("b_clean")
                & (pl.col("b_procedure") != pl.col("procedure"))
                & (pl.col("b_accepted").dt.date() < pl.col("accepted").dt.date())
            ).then("b_row")
        )
        .sort("row")
    )
    return before["owner"].cast(pl.Int64).fill_null(-1).to_numpy()


def carries(trap: Trap) -> pl.Expr:
    """Whether a version (columns event, at, of the plan) carries the trap of its dossier."""
    event = pl.col("event")
    if trap.since in ("always", "last"):
        return pl.lit(value=True)
    if trap.since == "accepted":
        return (pl.col("accepted") <= pl.col("at")).fill_null(value=False)
    if trap.since == "waiting":
        return event.is_in([VERSION_EVENTS.index(name) for name in ("wait1_from", "wait2_from")])
    return (pl.col("closed") <= pl.col("at")).fill_null(value=False)


def resend(plan: pl.DataFrame, versions: pl.DataFrame, until: date) -> pl.DataFrame:
    """The versions with those told again: as they were, or the last one with a later stamp.

    Adds `is_copy`.
    """
    end = pl.lit(until + timedelta(days=1)).cast(pl.Datetime("ms"))
    beside = versions.with_columns(plan["trap"][versions["row"]].alias("trap"))
    again = beside.filter(pl.col("trap") == number_of("resent"))
    later = (
        beside.filter(pl.col("trap") == number_of("resent_later"))
        .unique("row", keep="last", maintain_order=True)
        .with_columns(pl.col("updated_at") + pl.duration(hours=3))
        .filter(pl.col("updated_at") < end)
    )
    return (
        pl.concat(
            [
                beside.with_columns(is_copy=False),
                again.with_columns(is_copy=True),
                later.with_columns(is_copy=True),
            ]
        )
        .sort("updated_at", "row", "event", maintain_order=True)
        .select(*versions.columns, "is_copy")
    )


def planted(plan: pl.DataFrame, told: pl.DataFrame, province: Province) -> pl.DataFrame:
    """What was planted where, one row a dossier, and the facts that hold of it all the same.

    `told` are the versions as told (`resend`). trap, dossier_code, told_code, records
    (versions that carry the trap), unit_code, unit_valid_from, procedure_code, outcome,
    channel, accepted, due_last, closed.
    """
    names = dict(enumerate((trap.name for trap in TRAPS), 1))
    beside = pl.concat(
        [told, plan.select("trap", "accepted", "closed")[told["row"]]], how="horizontal"
    )
    hit = pl.any_horizontal(
        (pl.col("trap") == n) & (pl.col("is_copy") if t.name in COPIES else carries(t))
        for n, t in enumerate(TRAPS, 1)
    )
    counted = beside.filter(hit).group_by("row").agg(records=pl.len())
    procedures = dict(enumerate(province.catalogue["procedure_code"]))
    units = province.units.select(
        pl.col("unit").cast(pl.Int32), "unit_code", unit_valid_from="valid_from"
    )
    return (
        plan.with_row_index("row")
        .filter(pl.col("trap") != NO_TRAP)
        .join(counted, on="row", maintain_order="left")
        .join(units, on="unit", how="left", maintain_order="left")
        .select(
            pl.col("trap").replace_strict(names, return_dtype=pl.String),
            "dossier_code", "told_code", "records", "unit_code", "unit_valid_from",
            pl.col("procedure").replace_strict(procedures, return_dtype=pl.String)
            .alias("procedure_code"),
            "outcome", "channel", "accepted", "due_last", "closed",
        )
    )  # fmt: skip
