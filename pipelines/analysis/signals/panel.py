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
    told: dict[str, pl.DataFrame] = {}
    ordered = sorted(metrics, key=lambda metric: (metric.mart, metric.where))
    for (mart, where), group in groupby(ordered, key=lambda metric: (metric.mart, metric.where)):
        same = list(group)
        told |= dict.fromkeys(
            (metric.metric for metric in same),
            _count_together(_read(run, mart, where, same, weeks), units),
        )
    fields = sorted({str(code) for frame in told.values() for code in frame["field_code"].unique()})
    keys = tuple(units["unit_key"].to_list())
    return {
        metric.metric: _lay_out(told[metric.metric], metric, keys, tuple(fields))
        for metric in metrics
    }


def _read(
    run: Run, mart: str, where: str, metrics: Sequence[WeeklyMetric], weeks: Weeks
) -> pl.DataFrame:
    day = metrics[0].day
    sums = ", ".join(
        f"sum({expression}) as {_column(metric, part)}"
        for metric in metrics
        for part, expression in (("num", metric.numerator), ("den", metric.denominator))
        if expression is not None
    )
    # balances are kept of Sundays, and of other days that are no ends of weeks
    at_ends = f"and isodow({day}) = 7" if metrics[0].is_balance else ""
    return run(
        _SELECT.format(
            mart=mart, day=day, sums=sums, where=where, at_ends=at_ends,
            first=weeks.first_on, last=weeks.last_on,
        )
    )  # fmt: skip


def _count_together(told: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    counted = dict(units.select("unit_key", "counted_as").iter_rows())
    return (
        told.filter(pl.col("unit_key").is_in(list(counted)))
        .with_columns(pl.col("unit_key").replace_strict(counted, return_dtype=pl.String))
        .group_by("unit_key", "field_code", "week_n")
        .sum()
    )


def _column(metric: WeeklyMetric, part: str) -> str:
    return f"{metric.metric}_{part}"


def _lay_out(
    told: pl.DataFrame, metric: WeeklyMetric, units: tuple[str, ...], fields: tuple[str, ...]
) -> Panel:
    place = (
        told["unit_key"].cast(pl.Enum(units)).to_physical().to_numpy(),
        told["field_code"].cast(pl.Enum(fields)).to_physical().to_numpy(),
        told["week_n"].to_numpy(),
    )
    parts: list[Counts] = []
    for part in ("num", "den"):
        counts = np.zeros((len(units), len(fields), WEEKS * BLOCKS))
        column = _column(metric, part)
        if column in told.columns:
            counts[place] = told[column].cast(pl.Float64).to_numpy()
        parts.append(counts)
    return Panel(units, fields, *parts)
