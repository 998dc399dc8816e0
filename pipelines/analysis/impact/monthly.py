"""The monthly series of a comparison: one row a union, one column a month, per outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from pipelines.analysis.impact.arrays import Booleans, Floats, Integers, sum_by
from pipelines.analysis.impact.casemix import standardise
from pipelines.analysis.impact.comparisons import Comparison
from pipelines.analysis.impact.months import first_day
from pipelines.analysis.impact.outcomes import COUNTS, Outcome


@dataclass(frozen=True)
class Rows:
    """The rows of a comparison: unions, once in every stack they stand in.

    `stack` numbers the stacks, `union` the unions (those of `labels`), `dose` is 0 for controls.
    """

    labels: tuple[str, ...]
    stack: Integers
    union: Integers
    is_treated: Booleans
    dose: Floats

    def of(self, chosen: Booleans) -> Rows:
        """Some of the rows; unions keep their numbers."""
        return Rows(
            self.labels, self.stack[chosen], self.union[chosen],
            self.is_treated[chosen], self.dose[chosen],
        )  # fmt: skip


@dataclass(frozen=True)
class Monthly:
    """One outcome of a comparison, rows by months since the change (`ks`, ascending).

    `numerator` and `denominator` are what was counted; `value` is their ratio as if every month
    had the procedures of the treated, nan where nothing was counted.
    """

    rows: Rows
    ks: Integers
    numerator: Floats
    denominator: Floats
    value: Floats

    @cached_property
    def is_after(self) -> Booleans:
        """Which months lie after the change."""
        return self.ks >= 0

    def of(self, chosen: Booleans) -> Monthly:
        """Some of the rows."""
        return Monthly(
            self.rows.of(chosen), self.ks, self.numerator[chosen], self.denominator[chosen],
            self.value[chosen],
        )  # fmt: skip

    def between(self, first_k: int, last_k: int) -> Monthly:
        """The months from one to another, inclusive."""
        inside = (self.ks >= first_k) & (self.ks <= last_k)
        return Monthly(
            self.rows, self.ks[inside], self.numerator[:, inside], self.denominator[:, inside],
            self.value[:, inside],
        )  # fmt: skip

    def raw(self) -> Monthly:
        """The same with the plain ratio in place of the standardised one."""
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = self.numerator / self.denominator
        return Monthly(self.rows, self.ks, self.numerator, self.denominator,
                       np.where(self.denominator > 0, ratio, np.nan))  # fmt: skip


@dataclass(frozen=True)
class Cells:
    """The panel of one comparison: counts by row, month and procedure."""

    comparison: Comparison
    rows: Rows
    frame: pl.DataFrame

    def monthly(self, outcome: Outcome) -> Monthly:
        """One ratio, case mix standardised by procedure to the mix of the treated."""
        ks = np.array(self.comparison.window.ks, dtype=np.int64)
        counted = self.frame.filter(pl.col(outcome.denominator) > 0)
        row = counted["row"].to_numpy().astype(np.int64)
        column = counted["k"].to_numpy().astype(np.int64) - ks[0]
        denominator = counted[outcome.denominator].to_numpy().astype(np.float64)
        numerator = counted[outcome.numerator].to_numpy().astype(np.float64)
        numerator = numerator / outcome.scale
        shape = (self.rows.stack.size, ks.size)
        cell = row * ks.size + column
        compared = (column + ks[0] >= -self.comparison.window.before) & self.rows.is_treated[row]
        procedure = counted["procedure"].to_numpy()
        value = standardise(cell, procedure, numerator, denominator, compared,
                            int(np.prod(shape)))  # fmt: skip
        return Monthly(
            self.rows,
            ks,
            sum_by(cell, numerator, int(np.prod(shape))).reshape(shape),
            sum_by(cell, denominator, int(np.prod(shape))).reshape(shape),
            value.reshape(shape),
        )

    def counts(self, column: str) -> Floats:
        """A column of the panel, summed over procedures: rows by months."""
        ks = self.comparison.window.ks
        place = self.frame["row"].to_numpy().astype(np.int64) * len(ks)
        place = place + self.frame["k"].to_numpy().astype(np.int64) - ks[0]
        size = self.rows.stack.size * len(ks)
        summed = sum_by(place, self.frame[column].to_numpy().astype(np.float64), size)
        return summed.reshape(self.rows.stack.size, len(ks))


def read_cells(panel: pl.DataFrame, comparison: Comparison) -> Cells:
    """The part of the panel that a comparison needs, by row, month since the change, procedure."""
    labels = tuple(union.label for union in (*comparison.treated, *comparison.controls))
    number = {label: place for place, label in enumerate(labels)}
    listed = [
        (stack, union, is_treated)
        for stack, of_stack in enumerate(comparison.stacks)
        for unions, is_treated in ((of_stack.treated, True), (of_stack.controls, False))
        for union in unions
    ]
    rows = Rows(
        labels,
        np.array([stack for stack, _, _ in listed], dtype=np.int64),
        np.array([number[union.label] for _, union, _ in listed], dtype=np.int64),
        np.array([is_treated for _, _, is_treated in listed], dtype=np.bool_),
        np.array([union.dose for _, union, _ in listed], dtype=np.float64),
    )
    members = pl.DataFrame(
        [(row, stack, key) for row, (stack, union, _) in enumerate(listed) for key in union.keys],
        schema={"row": pl.Int64, "stack": pl.Int64, "unit_key": pl.String},
        orient="row",
    )
    months = pl.DataFrame(
        [
            (stack, k, first_day(of_stack.around.month(k)))
            for stack, of_stack in enumerate(comparison.stacks)
            for k in comparison.window.ks
        ],
        schema={"stack": pl.Int64, "k": pl.Int64, "month_on": pl.Date},
        orient="row",
    )
    needed = panel.filter(pl.col("unit_key").is_in(members["unit_key"].unique().to_list()))
    if comparison.procedures is not None:
        needed = needed.filter(pl.col("procedure_code").is_in(list(comparison.procedures)))
    frame = (
        needed.join(members, on="unit_key")
        .join(months, on=["stack", "month_on"])
        .group_by("row", "k", "procedure_code")
        .agg(pl.col(COUNTS).sum())
        .sort("row", "k", "procedure_code")
        .with_columns(procedure=pl.col("procedure_code").rank("dense").cast(pl.Int64))
    )
    return Cells(comparison, rows, frame)


def month_on(comparison: Comparison, stack: int, k: int) -> date:
    """The calendar month of a month since the change."""
    return first_day(comparison.stacks[stack].around.month(k))
