"""What the page of mergers shows: figures of the map, changes with what followed, effects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from dashboard.figures import Figure, figure_of
from dashboard.reader import SnapshotReader
from pipelines.serving.metrics import MetricQuery
from pipelines.serving.metrics.boundaries import BOUNDARIES, Boundaries
from pipelines.serving.parameters import HEADLINE_DIGITIZATION

SUCCESSOR = "successor"
"""The colouring of the map that shows no figure: which unit of today a commune went to."""

MAP_METRICS = (
    "received",
    "early_or_on_time_rate",
    "late_rate",
    HEADLINE_DIGITIZATION,
    "e_result_rate",
    "online_rate",
)
WHOLE = "all"
MONTHS_SHOWN = 12
"""A commune has few dossiers a month: the map shows the twelve months up to the one chosen."""

OUTCOMES = {
    "days": ("working_days_mean", "working_days_median", "working_days_p90"),
    "share": (
        "early_rate",
        "on_time_rate",
        "late_rate",
        "online_rate",
        HEADLINE_DIGITIZATION,
        "e_result_rate",
    ),
    "volume": ("received", "dossiers_per_shop_day", "cost_per_dossier"),
}
"""Outcomes of an effect by the scale they are drawn on, in the order of the page."""


@dataclass(frozen=True)
class Span:
    """Inclusive days."""

    first_on: date
    last_on: date


def months_shown(reader: SnapshotReader) -> tuple[str, ...]:
    """Months one can choose, `2025-06`, from the first with data to that of the data's day."""
    months = pl.date_range(reader.data_from, reader.about.as_of, "1mo", eager=True)
    return tuple(months.dt.to_string("%Y-%m").to_list())


def first_shown(reader: SnapshotReader, months: tuple[str, ...]) -> str:
    """The month before the last change of boundaries, else the last."""
    changed_on = reader.unit_changes.filter(
        pl.col("kind") != "shop_merger", pl.col("effective_on") <= reader.about.as_of
    )["effective_on"].max()
    if not isinstance(changed_on, date):
        return months[-1]
    before = f"{changed_on - timedelta(days=1):%Y-%m}"
    return before if before in months else months[-1]


def last_day(month: str, as_of: date) -> date:
    """The last day of a month, or the data's day inside it."""
    first = date.fromisoformat(f"{month}-01")
    return min((first + timedelta(days=31)).replace(day=1) - timedelta(days=1), as_of)


def span_of(month: str, as_of: date) -> Span:
    """The days whose figures the map of a month shows."""
    last = last_day(month, as_of)
    first = pl.Series([last.replace(day=1)]).dt.offset_by(f"-{MONTHS_SHOWN - 1}mo").item()
    return Span(first, last)


def ask_communes(
    reader: SnapshotReader, metric: str, span: Span, boundaries: Boundaries
) -> dict[str, Figure]:
    """A metric by unit key of the communes, over a span."""
    rows = reader.ask(
        MetricQuery(
            (metric,),
            by=("unit",),
            level="commune",
            date_from=span.first_on,
            date_to=span.last_on,
            boundaries=boundaries,
        )
    )
    return {_key(row): figure_of(row) for row in rows.iter_rows(named=True)}


def ask_usual(reader: SnapshotReader, metric: str, month: str) -> list[Figure]:
    """The figures of one month's maps, both readings, that set the classes of every month."""
    span = span_of(month, reader.about.as_of)
    return [
        figure
        for reading in BOUNDARIES
        for figure in ask_communes(reader, metric, span, reading).values()
    ]


def changes_of(changes: pl.DataFrame, district: str) -> pl.DataFrame:
    """The changes of a district, by its code: of its units, to them, or of itself."""
    if district == WHOLE or changes.is_empty():
        return changes
    sides = (district, f"area-{district}")
    return changes.filter(
        pl.col("from_district_code").is_in(sides) | pl.col("to_district_code").is_in(sides)
    )


def headline_effects(effects: pl.DataFrame) -> dict[tuple[str, str], dict[str, object]]:
    """The effect that is told of every impact and outcome, as impact id, outcome → row."""
    if effects.is_empty():
        return {}
    told = effects.filter(pl.col("is_headline"))
    return {(row["impact_id"], row["outcome"]): row for row in told.iter_rows(named=True)}


def _key(row: dict[str, object]) -> str:
    begun = row["unit_valid_from"]
    return f"{row['unit_code']}@{begun if begun is not None else ''}"
