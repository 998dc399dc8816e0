"""Figures of a page: asked of the metric layer in few questions, compared, never computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from dashboard.filters import Filters
from dashboard.periods import Period, last_whole_month, same_period_last_year
from dashboard.reader import SnapshotReader
from pipelines.serving.metrics import MetricSpec
from pipelines.serving.parameters import HEADLINE_DIGITIZATION, MIN_DENOMINATOR

VOLUME = ("received", "resolved", "open", "overdue")
TIMELINESS = ("early_or_on_time_rate", "early_rate", "on_time_rate", "late_rate")
DIGITAL = (HEADLINE_DIGITIZATION, "e_result_rate", "online_rate")
CLASSES = ("early", "on_time", "late", "no_due_date")
HEADLINES = (*VOLUME, *TIMELINESS, *DIGITAL)

_VISIBLE = 0.00005  # half of the last decimal of a percentage

Verdict = Literal["better", "worse", "neutral"]


@dataclass(frozen=True)
class Figure:
    """One cell of an answer; `value` is a count or a fraction 0-1, None over nothing."""

    numerator: int | None
    denominator: int | None
    value: float | None
    status: str | None

    @property
    def is_small(self) -> bool:
        """Whether a share rests on too few dossiers to be read."""
        return self.denominator is not None and self.denominator < MIN_DENOMINATOR


NO_FIGURE = Figure(None, None, None, None)


@dataclass(frozen=True)
class Change:
    """Now against a year before: `amount` is a relative change, or a difference of fractions."""

    amount: float
    is_points: bool
    verdict: Verdict

    @property
    def is_visible(self) -> bool:
        """Whether two decimals of a percentage show it."""
        return abs(self.amount) >= _VISIBLE


def ask_figures(
    reader: SnapshotReader, filters: Filters, metrics: tuple[str, ...], period: Period | None = None
) -> dict[str, Figure]:
    """Figures of what is chosen by metric; of another `period` where one is given."""
    rows = reader.ask(filters.query_of(period or filters.period, metrics))
    return {row["metric"]: figure_of(row) for row in rows.iter_rows(named=True)}


def ask_headlines(reader: SnapshotReader, filters: Filters) -> dict[str, Figure]:
    """The headline figures of what is chosen by metric."""
    return ask_figures(reader, filters, HEADLINES)


def ask_headlines_before(reader: SnapshotReader, filters: Filters) -> dict[str, Figure]:
    """The same a year before; nothing where the data began later than that period."""
    before = same_period_last_year(filters.period)
    if before.first_on < reader.data_from:
        return {}
    return ask_figures(reader, filters, HEADLINES, before)


def ask_months(reader: SnapshotReader, filters: Filters) -> pl.DataFrame:
    """Every month there is: metric, month (its first day), numerator, denominator, value.

    A month that is not complete is left out, but for the balances, which are of their day.
    """
    rows = reader.ask(filters.query_of(None, (*HEADLINES, *CLASSES), by=("month",)))
    balances = [name for name, spec in reader.metrics.items() if spec.is_balance]
    return rows.select(
        "metric",
        pl.col("month").str.to_date("%Y-%m"),
        "numerator",
        "denominator",
        "value",
    ).filter(
        (pl.col("month") <= last_whole_month(reader.about.as_of)) | pl.col("metric").is_in(balances)
    )


def months_up_to(months: pl.DataFrame, metric: str, last_on: date, count: int) -> pl.DataFrame:
    """The last `count` months of one metric up to a day, oldest first."""
    return (
        months.filter((pl.col("metric") == metric) & (pl.col("month") <= last_on))
        .sort("month")
        .tail(count)
    )


def ask_groups(
    reader: SnapshotReader,
    filters: Filters,
    by: Literal["level", "district", "unit"],
) -> dict[str | None, dict[str, Figure]]:
    """The headline figures per group; what a group lacks is absent."""
    column = by if by == "level" else f"{by}_code"
    rows = reader.ask(filters.query(HEADLINES, by=(by,)))
    groups: dict[str | None, dict[str, Figure]] = {}
    for row in rows.iter_rows(named=True):
        groups.setdefault(row[column], {})[row["metric"]] = figure_of(row)
    return groups


def ask_own_units(reader: SnapshotReader, filters: Filters) -> dict[str, dict[str, Figure]]:
    """The headline figures of every unit of a narrowed reader, by the unit's key, in its order."""
    rows = reader.ask(filters.query(HEADLINES, by=("unit",)))
    told: dict[tuple[str, date | None], dict[str, Figure]] = {}
    for row in rows.iter_rows(named=True):
        place = (row["unit_code"], row["unit_valid_from"])
        told.setdefault(place, {})[row["metric"]] = figure_of(row)
    keys = reader.about.units.select("unit_key", "unit_code", "unit_valid_from").iter_rows()
    return {key: told.get((code, valid_from), {}) for key, code, valid_from in keys}


def compare(spec: MetricSpec, now: Figure, before: Figure) -> Change | None:
    """The change of a metric, None where there is nothing to compare with, or too little.

    Shares are compared by difference, counts by ratio. A change that rounds to nothing is
    neither better nor worse.
    """
    if now.value is None or before.value is None or now.is_small or before.is_small:
        return None
    is_points = spec.unit == "ratio"
    if not is_points and before.value == 0:
        return None
    difference = now.value - before.value
    amount = difference if is_points else difference / before.value
    return Change(amount, is_points, _judge(spec, amount))


def district_codes(reader: SnapshotReader) -> Iterator[tuple[str, str, date | None]]:
    """Districts, then the areas that followed them: code, name, last day; in official order."""
    units = reader.about.units.filter(
        pl.col("level").is_in(["district", "area"]) & (pl.col("district_code").is_not_null())
    ).sort(pl.col("level") == "area", "unit_code")
    columns = ("unit_code", "unit_name_vi", "unit_valid_to")
    yield from units.select(columns).iter_rows()


def figure_of(row: dict[str, object]) -> Figure:
    """The cell of a row of an answer."""
    numerator, denominator, value = row["numerator"], row["denominator"], row["value"]
    return Figure(
        numerator if isinstance(numerator, int) else None,
        denominator if isinstance(denominator, int) else None,
        value if isinstance(value, float) else None,
        str(row["status"]) if row["status"] is not None else None,
    )


def _judge(spec: MetricSpec, amount: float) -> Verdict:
    if spec.direction == "none" or abs(amount) < _VISIBLE:
        return "neutral"
    return "better" if (amount > 0) == (spec.direction == "up") else "worse"
