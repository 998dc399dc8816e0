"""Counts by unit, field and week, read from the marts: never from the dossiers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.analysis.signals.metrics import WeeklyMetric
from pipelines.analysis.signals.weeks import BLOCKS, WEEKS, Weeks

Run = Callable[[str], pl.DataFrame]
"""Answers one SQL statement over the tables of a warehouse or a snapshot."""
Counts = npt.NDArray[np.float64]

_SELECT = """
select unit_key, field_code, cast((date '{last}' - {day}) // 7 as integer) as week_n, {sums}
from {mart}
where {day} between date '{first}' and date '{last}' and {where} {at_ends}
group by all
"""


@dataclass(frozen=True)
class Panel:
    """`numerator` and `denominator` of a metric as arrays unit × field × week, the newest first.

    A count has a denominator of zeros. `units` and `fields` name the rows.
    """

    units: tuple[str, ...]
    fields: tuple[str, ...]
    numerator: Counts
    denominator: Counts

    def in_stretches(self, length: int, *, is_balance: bool) -> Panel:
        """Stretches of `length` weeks instead of weeks; a balance is that of the last day."""
        folded = [
            counts.reshape(*counts.shape[:2], -1, length)[..., 0]
            if is_balance
            else counts.reshape(*counts.shape[:2], -1, length).sum(axis=-1)
            for counts in (self.numerator, self.denominator)
        ]
        return Panel(self.units, self.fields, *folded)


def read_panels(
    run: Run, metrics: Sequence[WeeklyMetric], weeks: Weeks, units: pl.DataFrame
) -> dict[str, Panel]:
    """The panel of every metric, by its name.

    `units`: unit_key, of which each gets a row, and counted_as, the row that its counts go to.
    """
    told = [(same, _read(run, same, weeks)) for same in by_mart(metrics)]
    fields = sorted({str(code) for _, frame in told for code in frame["field_code"].unique()})
    panels: dict[str, Panel] = {}
    for same, frame in told:
        panels |= _lay_out(frame, same, units, tuple(fields))
    return panels


def by_mart(metrics: Sequence[WeeklyMetric]) -> list[list[WeeklyMetric]]:
    """The metrics that are read together: of one mart, of the same rows."""

    def rows(metric: WeeklyMetric) -> tuple[str, str]:
        return metric.mart, metric.where

    return [list(same) for _, same in groupby(sorted(metrics, key=rows), key=rows)]


def sums_of(metrics: Sequence[WeeklyMetric]) -> str:
    """SQL sums of the counts of metrics, in columns named by `column_of`."""
    return ", ".join(
        f"cast(sum({expression}) as bigint) as {column_of(metric, part)}"
        for metric in metrics
        for part, expression in (("num", metric.numerator), ("den", metric.denominator))
        if expression is not None
    )


def column_of(metric: WeeklyMetric, part: str) -> str:
    """The column of a metric's numerator (`num`) or denominator (`den`)."""
    return f"{metric.metric}_{part}"


def _read(run: Run, metrics: Sequence[WeeklyMetric], weeks: Weeks) -> pl.DataFrame:
    first = metrics[0]
    # balances are kept of Sundays, and of other days that are no ends of weeks
    at_ends = f"and isodow({first.day}) = 7" if first.is_balance else ""
    return run(
        _SELECT.format(
            mart=first.mart, day=first.day, sums=sums_of(metrics), where=first.where,
            at_ends=at_ends, first=weeks.first_on, last=weeks.last_on,
        )
    )  # fmt: skip


def _lay_out(
    told: pl.DataFrame,
    metrics: Sequence[WeeklyMetric],
    units: pl.DataFrame,
    fields: tuple[str, ...],
) -> dict[str, Panel]:
    keys = units["unit_key"].to_list()
    known = told.filter(pl.col("unit_key").is_in(keys))
    row_of = {key: place for place, key in enumerate(keys)}
    counted = np.array([row_of[key] for key in units["counted_as"]], dtype=np.int64)
    unit = counted[known["unit_key"].cast(pl.Enum(keys)).to_physical().to_numpy()]
    field = known["field_code"].cast(pl.Enum(fields)).to_physical().to_numpy().astype(np.int64)
    shape = (len(keys), len(fields), WEEKS * BLOCKS)
    place = (unit * shape[1] + field) * shape[2] + known["week_n"].to_numpy()

    def lay(metric: WeeklyMetric, part: str) -> Counts:
        name = column_of(metric, part)
        if name not in known.columns:
            return np.zeros(shape)
        weights = known[name].cast(pl.Float64).to_numpy()
        summed: Counts = np.bincount(place, weights, int(np.prod(shape))).astype(np.float64)
        return summed.reshape(shape)

    return {
        metric.metric: Panel(tuple(keys), fields, lay(metric, "num"), lay(metric, "den"))
        for metric in metrics
    }
