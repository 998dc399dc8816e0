"""What a snapshot holds to explain a difference: what was told late, held back, returned later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from pipelines.serving.metrics.snapshot import SealedSnapshot, SnapshotError
from pipelines.serving.reconcile.ours import CLOSED
from pipelines.serving.reconcile.reported import ReportedFigure

TABLES = ("dq_told_late", "dq_quarantine", "srv_reported_figure")
_HAS_TABLES = "select table_name from duckdb_tables() where database_name = 'motcua'"
_LATE = """
select * from motcua.dq_told_late
where unit_key in (select unnest(getvariable('mc_units')))
"""
_HELD = """
select month_on, units, sum(quarantined_n)::bigint as held_n
from motcua.dq_quarantine group by all
"""
_RETURNED = """
select unit_key, date_trunc('month', returned_at)::date as month_on,
    count(*) as resolved,
    count(*) filter (where returned_at::date < due_at::date) as early,
    count(*) filter (where returned_at::date = due_at::date) as on_time,
    count(*) filter (where returned_at::date > due_at::date) as late
from motcua.fct_dossier
where state = 'resolved' and returned_at is not null
    and unit_key in (select unnest(getvariable('mc_units')))
group by all
"""
BY_RETURN = ("resolved", "early", "on_time", "late")
"""Counts that another product takes by the day of return (domain §10, D11)."""

_CLASSES = {
    "early": ("early",),
    "on_time": ("on_time",),
    "late": ("late",),
    "no_due_date": ("no_due_date",),
    "early_rate": ("early",),
    "on_time_rate": ("on_time",),
    "late_rate": ("late",),
    "early_or_on_time_rate": ("early", "on_time"),
}


@dataclass(frozen=True)
class ToldLate:
    """Dossiers told after a report: `more` that ours has and the report could not hold, `fewer`
    that the report still held (open ones whose closing came late), `classified` those of `more`'s
    denominator."""

    more: int
    fewer: int = 0
    classified: int = 0


@dataclass(frozen=True)
class Evidence:
    """Frames of the snapshot: `late` as `dq_told_late`, `held` by month and units, `returned`."""

    late: pl.DataFrame
    held: pl.DataFrame
    returned: pl.DataFrame

    def told_late(self, figure: ReportedFigure) -> ToldLate | None:
        """What was told after the day of the report; None where no record says so of a metric."""
        since = self.late.filter(
            pl.col("unit_key") == figure.unit_key, pl.col("told_on") > figure.reported_on
        )
        received = since.filter(pl.col("event") == "received")
        closed = since.filter(pl.col("event") == "closed")
        if figure.metric == "open":
            by_then = pl.col("month_on") <= figure.month_on
            return ToldLate(_sum(received.filter(by_then)), _sum(closed.filter(by_then)))
        in_month = pl.col("month_on") == figure.month_on
        if figure.metric == "received":
            return ToldLate(_sum(received.filter(in_month)))
        ended = closed.filter(in_month)
        if figure.metric in CLOSED:
            return ToldLate(_sum(ended.filter(pl.col("state") == figure.metric)))
        column = f"class_{figure.definition}"
        if figure.metric not in _CLASSES or column not in ended.columns:
            return None
        named = ended.filter(pl.col(column).is_in(_CLASSES[figure.metric]))
        return ToldLate(_sum(named), classified=_sum(ended.filter(pl.col(column).is_not_null())))

    def held_back(self, figure: ReportedFigure) -> int:
        """Records of the month in quarantine, of the sources that speak for the unit."""
        speaks = pl.col("units").list.contains(pl.lit(figure.unit_code))
        held = self.held.filter(speaks & (pl.col("month_on") == figure.month_on))
        return int(held["held_n"].sum())

    def by_return(self, figure: ReportedFigure) -> int | None:
        """The count by the day of return instead of the finish; None where it is no such count."""
        if figure.metric not in BY_RETURN or figure.definition not in (None, "ii06a"):
            return None
        row = self.returned.filter(
            pl.col("unit_key") == figure.unit_key, pl.col("month_on") == figure.month_on
        )
        return int(row[figure.metric].sum())


def read_evidence(snapshot: SealedSnapshot, unit_keys: Iterable[str]) -> Evidence:
    """Read what concerns these units. Raises `SnapshotError` for one made before it was kept."""
    present = set(snapshot.run(_HAS_TABLES)["table_name"].to_list())
    if not present.issuperset(TABLES):
        raise SnapshotError(
            f"{snapshot.file.name} was published before figures could be reconciled:"
            " run `motcua run`"
        )
    keys = {"mc_units": sorted(set(unit_keys))}
    return Evidence(
        late=snapshot.run(_LATE, {**keys}),
        held=snapshot.run(_HELD),
        returned=snapshot.run(_RETURNED, {**keys}),
    )


def _sum(frame: pl.DataFrame) -> int:
    return int(frame["dossiers_n"].sum())
