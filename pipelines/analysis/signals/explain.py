"""What explains most of a deviation: the excess over expectation, parted by procedure or channel.

Each part is expected to do as it did in the year before, all parts together as the unit was
expected to. A part explains where it holds much more of the excess than it holds of the dossiers:
a large procedure is no cause because it is large.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from pipelines.analysis.signals.metrics import WeeklyMetric
from pipelines.analysis.signals.panel import Run
from pipelines.analysis.signals.weeks import WEEKS, Weeks

YEAR = timedelta(weeks=52)
LEAST_SHARE = 0.4
"""Share of the excess that a cause holds at least."""
LEAST_LIFT = 0.2
"""By how much that is more than its share of what was expected."""
_PRIOR = 10.0
# the parts of a unit, of a field in all units, of the province
PARTS: dict[str, tuple[str, ...]] = {
    "unit": ("procedure", "channel"),
    "field": ("procedure", "unit", "channel"),
    "province": ("field", "channel"),
}
_COLUMNS = {
    "procedure": "procedure_code",
    "channel": "channel",
    "unit": "unit_key",
    "field": "field_code",
}
_SELECT = """
select {subject} as subject_key, {part} as code, {day} >= date '{since}' as is_now,
    sum({numerator}) as num, sum({denominator}) as den
from {mart}
where {day} between date '{first}' and date '{last}' and {where} and {condition} {at_ends}
group by all
"""


@dataclass(frozen=True)
class Cause:
    """What explains a deviation: its kind, its code, and the share of the excess it holds."""

    kind: str
    code: str
    share: float


def condition_of(subject: str, keys: Sequence[str]) -> str:
    """The SQL condition that a row is of one of some subjects."""
    if subject == "province":
        return "true"
    listed = ", ".join("'" + key.replace("'", "''") + "'" for key in keys)
    return f"{column_of(subject)} in ({listed})"


def column_of(subject: str) -> str:
    """The SQL expression that names a subject."""
    return {"unit": "unit_key", "field": "field_code", "province": "'province'"}[subject]


def find_causes(
    run: Run, metric: WeeklyMetric, subject: str, found: pl.DataFrame, weeks: Weeks
) -> dict[str, Cause]:
    """The cause of each deviation of a metric, by subject; none where it is spread over all parts.

    `found`: subject_key, expected, of one kind of subject. Reads the cells of these alone.
    """
    best: dict[str, Cause] = {}
    lifts: dict[str, float] = {}
    for part in PARTS[subject]:
        if part == "channel" and metric.is_of_channel:
            continue
        cells = _read_cells(run, metric, subject, found["subject_key"].to_list(), part, weeks)
        for key, code, share, lift in part_excess(cells, found, is_count=metric.is_count):
            if lift > lifts.get(key, 0.0):
                lifts[key], best[key] = lift, Cause(part, code, share)
    return best


def part_excess(
    cells: pl.DataFrame, found: pl.DataFrame, *, is_count: bool
) -> list[tuple[str, str, float, float]]:
    """Subject, code, share of the excess and what that is beyond its share of the whole.

    `cells`: subject_key, code, num, den (now), num_past, den_past. Only parts that explain.
    """
    past, now = pl.col("num_past"), pl.col("num")
    total = pl.col("num_past").sum() / pl.col("den_past").sum()
    usual = (past + _PRIOR * total.over("subject_key")) / (pl.col("den_past") + _PRIOR)
    weight = past if is_count else pl.col("den") * usual
    size = past if is_count else pl.col("den")
    parted = (
        cells.join(found, on="subject_key")
        .with_columns(weight=weight, size=size)
        .with_columns(
            part=pl.col("expected") * pl.col("weight") / pl.col("weight").sum().over("subject_key")
        )
        .with_columns(excess=now - pl.col("part"))
        .with_columns(
            share=pl.col("excess") / pl.col("excess").sum().over("subject_key"),
            held=pl.col("size") / pl.col("size").sum().over("subject_key"),
        )
        .with_columns(lift=pl.col("share") - pl.col("held"))
        .filter((pl.col("share") >= LEAST_SHARE) & (pl.col("lift") >= LEAST_LIFT))
    )
    return parted.select("subject_key", "code", "share", "lift").rows()


def _read_cells(
    run: Run,
    metric: WeeklyMetric,
    subject: str,
    keys: Sequence[str],
    part: str,
    weeks: Weeks,
) -> pl.DataFrame:
    since = weeks.last_on if metric.is_balance else weeks.judged_from
    told = run(
        _SELECT.format(
            subject=column_of(subject),
            part=_COLUMNS[part],
            day=metric.day,
            since=since,
            numerator=metric.numerator,
            denominator=metric.denominator or 0,
            mart=metric.mart,
            first=weeks.judged_from - YEAR,
            last=weeks.last_on,
            where=metric.where,
            condition=condition_of(subject, keys),
            at_ends=_at_ends(metric, weeks),
        )
    )
    if told.is_empty():
        return pl.DataFrame(schema={**dict.fromkeys(("subject_key", "code"), pl.String),
            **dict.fromkeys(("num", "den", "num_past", "den_past"), pl.Float64)})  # fmt: skip
    sums = [
        pl.col(name).filter(pl.col("is_now") == is_now).sum().cast(pl.Float64).alias(name + suffix)
        for is_now, suffix in ((True, ""), (False, "_past"))
        for name in ("num", "den")
    ]
    return told.group_by("subject_key", "code").agg(sums)


def _at_ends(metric: WeeklyMetric, weeks: Weeks) -> str:
    """A balance is read at the ends of stretches alone."""
    if not metric.is_balance:
        return ""
    days = ", ".join(
        f"date '{weeks.last_on - timedelta(weeks=WEEKS * place)}'" for place in range(14)
    )
    return f"and {metric.day} in ({days})"
