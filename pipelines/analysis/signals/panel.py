"""Counts by unit, field and stretch of weeks, read from the marts: never from the dossiers."""

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
ALL_FIELDS = "all"
"""The one row of a panel that does not tell fields apart."""

_SELECT = """
select unit_key, {field} as field_code,
    cast((date '{last}' - {day}) // (7 * {length}) as integer) as place_n, {sums}
from {mart}
where {day} between date '{first}' and date '{last}' and {where} {at_ends}
group by all
"""


@dataclass(frozen=True)
class Panel:
    """`numerator` and `denominator` of a metric as arrays unit × field × stretch, the newest first.

    Of shares the stretches are of `WEEKS` weeks, a balance is that of their last day. A count is by
    week and of all fields together, its denominator is zero. `units` and `fields` name the rows.
    """

    units: tuple[str, ...]
    fields: tuple[str, ...]
    numerator: Counts
    denominator: Counts

    def counted_by(self, length: int) -> Counts:
        """Of a panel by week: the counts by unit and stretch of so many weeks."""
        weekly = self.numerator.sum(axis=1)
        return weekly.reshape(weekly.shape[0], -1, length).sum(axis=-1)


def read_panels(
    run: Run, metrics: Sequence[WeeklyMetric], weeks: Weeks, units: pl.DataFrame
) -> dict[str, Panel]:
    """The panel of every metric, by its name.

    `units`: unit_key, of which each gets a row, and counted_as, the row that its counts go to.
    """
    told = [(same, _read(run, same, weeks)) for same in by_mart(metrics)]
    fields = {
        str(code)
        for same, frame in told
        if not same[0].is_count
        for code in frame["field_code"].unique()
    }
    panels: dict[str, Panel] = {}
    for same, frame in told:
        named = (ALL_FIELDS,) if same[0].is_count else tuple(sorted(fields))
        panels |= _lay_out(frame, same, units, named)
    return panels


def by_mart(metrics: Sequence[WeeklyMetric]) -> list[list[WeeklyMetric]]:
    """The metrics that are read together: of one mart, of the same rows, shares or counts."""

    def rows(metric: WeeklyMetric) -> tuple[str, str, bool]:
        return metric.mart, metric.where, metric.is_count

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
    length = 1 if first.is_count else WEEKS
    # a balance is kept of other days too
    ends = f"and (date '{weeks.last_on}' - {first.day}) % (7 * {length}) = 0"
    return run(
        _SELECT.format(
            mart=first.mart, day=first.day, sums=sums_of(metrics), where=first.where,
            field=f"'{ALL_FIELDS}'" if first.is_count else "field_code", length=length,
            at_ends=ends if first.is_balance else "", first=weeks.first_on, last=weeks.last_on,
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
    shape = (len(keys), len(fields), WEEKS * BLOCKS if metrics[0].is_count else BLOCKS)
    place = (unit * shape[1] + field) * shape[2] + known["place_n"].to_numpy()

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
