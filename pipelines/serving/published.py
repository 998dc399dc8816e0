"""What the province published beside what is computed: the same question, asked of our data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import polars as pl

from pipelines.serving.metrics.query import MetricQuery
from pipelines.serving.metrics.snapshot import SealedSnapshot
from pipelines.serving.parameters import MIN_DENOMINATOR

HALF_A_DOSSIER = 0.5
"""Where no whole number of dossiers comes nearer to the published share, both agree."""

Basis = Literal["metric", "network", "not_computed", "unverified"]
Verdict = Literal["agrees", "differs", "inside", "outside", "none"]
Reason = Literal[
    "", "unverified", "not_computed", "period_incomplete", "nothing", "few", "other_place"
]

_SELECT = "select * from motcua.dim_published_figure order by position"
_HAS_TABLE = """
select count(*) from duckdb_tables()
where database_name = 'motcua' and table_name = 'dim_published_figure'
"""
_TINY = 1e-9  # of floating point, below any place that is shown


@dataclass(frozen=True)
class PublishedFigure:
    """A row of `dim_published_figure`: shares are fractions 0-1, days are inclusive."""

    position: int
    topic: str
    figure: str
    scope: str
    as_of_on: date
    label_vi: str
    label_en: str
    unit: Literal["percent", "count"]
    published_value: float
    rounded_to_value: float
    source: str
    basis: Basis
    metric: str | None
    definition: str | None
    level: str | None
    first_on: date | None
    last_on: date | None
    comparison: Literal["equal", "at_least"] | None
    note_vi: str | None
    note_en: str | None


@dataclass(frozen=True)
class ComparedFigure:
    """A published figure with ours: `difference` is ours less theirs, in fractions or counts.

    `reason` says why there is no value or no verdict.
    """

    published: PublishedFigure
    numerator: int | None = None
    denominator: int | None = None
    value: float | None = None
    difference: float | None = None
    verdict: Verdict = "none"
    reason: Reason = ""


def read_published(snapshot: SealedSnapshot) -> tuple[PublishedFigure, ...]:
    """The published figures a snapshot carries; none for one made before they were kept."""
    if snapshot.run(_HAS_TABLE).item() == 0:
        return ()
    rows = snapshot.run(_SELECT).iter_rows(named=True)
    return tuple(PublishedFigure(**row) for row in rows)


def compare_figure(
    figure: PublishedFigure,
    *,
    ask: Callable[[MetricQuery], pl.DataFrame],
    count_shops: Callable[[date], int],
    data_from: date,
    data_to: date,
) -> ComparedFigure:
    """Ask our data for a published figure.

    A figure that is unverified or not computed is given no value. A period that begins before
    the data or ends after it is not compared. Raises `MetricQueryError` for a metric, level or
    definition that the snapshot does not know.
    """
    if figure.basis in ("unverified", "not_computed"):
        return ComparedFigure(figure, reason=figure.basis)
    if figure.metric is None or figure.last_on is None:
        raise ValueError(f"published figure {figure.figure}: basis {figure.basis} needs a metric")
    if figure.basis == "network":
        shops = count_shops(figure.last_on)
        return _judge(figure, shops, None, float(shops))
    if (figure.first_on or data_from) < data_from or figure.last_on > data_to:
        return ComparedFigure(figure, reason="period_incomplete")
    row = ask(
        MetricQuery(
            (figure.metric,),
            level=figure.level,
            date_from=figure.first_on,
            date_to=figure.last_on,
            definition=figure.definition or "ii06a",
        )
    ).row(0, named=True)
    return _judge(figure, row["numerator"], row["denominator"], row["value"])


def _judge(
    figure: PublishedFigure, numerator: int | None, denominator: int | None, value: float | None
) -> ComparedFigure:
    if value is None:
        return ComparedFigure(figure, numerator, denominator, reason="nothing")
    difference = value - figure.published_value
    compared = ComparedFigure(figure, numerator, denominator, value, difference)
    if denominator is not None and denominator < MIN_DENOMINATOR:
        return replace(compared, reason="few")
    if figure.comparison == "at_least":
        return replace(compared, verdict="inside" if difference >= -_TINY else "outside")
    half_place = figure.rounded_to_value / 2
    half_dossier = HALF_A_DOSSIER / denominator if denominator else 0
    is_near = abs(difference) <= max(half_place, half_dossier) + _TINY
    return replace(compared, verdict="agrees" if is_near else "differs")
