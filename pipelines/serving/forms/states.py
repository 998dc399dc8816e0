"""States of a period's form: who signed or corrected it and when, and the figures kept of it.

Readers see them in the snapshot (`srv_period_state`, `srv_signed_figure`); the log they come
from (`log.period_state`, `log.published_figure`) is only ever added to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import polars as pl

from pipelines.serving.forms.cells import CELL, COUNTS, DEFINITION
from pipelines.serving.forms.places import FormUnit
from pipelines.serving.metrics.snapshot import SealedSnapshot, Value

SignedState = Literal["signed", "corrected"]

_COLUMNS = """form, period, first_on, last_on, unit_code, unit_valid_from, state_n, state,
stated_by, stated_at, note, snapshot, data_as_of_on, rules_hash"""
_STATES = f"""
select {_COLUMNS} from motcua.srv_period_state
where form = getvariable('mc_form')
order by period, unit_code nulls first, unit_valid_from nulls first, state_n
"""
_FIGURES = """
select level, field_code, figure, figure_n from motcua.srv_signed_figure
where form = getvariable('mc_form') and period = getvariable('mc_period')
    and snapshot = getvariable('mc_snapshot')
    and coalesce(unit_code, '') = getvariable('mc_unit')
    and coalesce(unit_valid_from::varchar, '') = getvariable('mc_valid_from')
"""


@dataclass(frozen=True)
class PeriodState:
    """One act of closing: `state_n` counts from 1 for each form, period and unit.

    `unit_code` is None for the whole province. `snapshot` is the one its figures come from,
    `data_as_of_on` the last day that one spoke of.
    """

    form: str
    period: str
    first_on: date
    last_on: date
    unit_code: str | None
    unit_valid_from: date | None
    state_n: int
    state: SignedState
    stated_by: str
    stated_at: datetime
    note: str | None
    snapshot: str
    data_as_of_on: date
    rules_hash: str

    def is_about(self, period: str, unit: FormUnit | None) -> bool:
        """Whether it closes the form of that period and unit."""
        mine = (self.unit_code, self.unit_valid_from)
        return self.period == period and mine == (unit.code if unit else None, unit_from(unit))


def unit_from(unit: FormUnit | None) -> date | None:
    """The first day of a unit's validity; None also for the whole province."""
    return unit.valid_from if unit else None


def read_states(snapshot: SealedSnapshot) -> tuple[PeriodState, ...]:
    """Every act of closing a snapshot knows, by period and unit, the oldest first."""
    if not snapshot.has_table("srv_period_state"):
        return ()
    rows = snapshot.run(_STATES, {"mc_form": DEFINITION})
    return tuple(PeriodState(**row) for row in rows.iter_rows(named=True))


def read_frozen(snapshot: SealedSnapshot, state: PeriodState) -> pl.DataFrame:
    """The figures kept of a signed or corrected form: level, field_code, `COUNTS`."""
    variables: dict[str, Value] = {
        "mc_form": state.form,
        "mc_period": state.period,
        "mc_snapshot": state.snapshot,
        "mc_unit": state.unit_code or "",
        "mc_valid_from": "" if state.unit_valid_from is None else str(state.unit_valid_from),
    }
    kept = snapshot.run(_FIGURES, variables)
    if kept.is_empty():  # a form without any dossier, signed all the same
        return kept.select(*CELL, *(pl.col("figure_n").alias(name) for name in COUNTS))
    wide = kept.pivot("figure", index=CELL, values="figure_n")
    return wide.select(*CELL, *COUNTS).sort(CELL, nulls_last=True)


def count_changes(kept: pl.DataFrame, today: pl.DataFrame) -> int:
    """In how many cells two forms differ; a row that one of them lacks counts as zeros."""
    columns = [*CELL, "figure", "figure_n"]
    long = [
        cells.unpivot(COUNTS, index=CELL, variable_name="figure", value_name="figure_n")
        .filter(pl.col("figure_n") != 0)
        .select(columns)
        for cells in (kept, today)
    ]
    keys = columns[:-1]
    both = long[0].join(long[1], on=keys, how="full", coalesce=True, suffix="_today")
    same = pl.col("figure_n").eq_missing(pl.col("figure_n_today"))
    return both.filter(~same).height
