"""Mergers and their effects as a snapshot holds them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipelines.serving.metrics.snapshot import SealedSnapshot

_TABLES = "select table_name from duckdb_tables() where database_name = 'motcua'"
_CHANGES = """
select change.*,
    former.unit_name_vi as from_name_vi, former.level as from_level,
    former.district_code as from_district_code,
    latter.unit_name_vi as to_name_vi, latter.level as to_level,
    latter.district_code as to_district_code
from motcua.dim_unit_change as change
inner join motcua.dim_unit as former on change.from_key = former.unit_key
inner join motcua.dim_unit as latter on change.to_key = latter.unit_key
order by change.effective_on, change.change_id
"""


@dataclass(frozen=True)
class ImpactTables:
    """The six `imp_*` tables; each empty and without columns in a snapshot made before them."""

    change: pl.DataFrame
    effect: pl.DataFrame
    series: pl.DataFrame
    event: pl.DataFrame
    placebo: pl.DataFrame
    pretrend: pl.DataFrame


def read_impact_tables(snapshot: SealedSnapshot) -> ImpactTables:
    """All of them at once."""
    known = _list_tables(snapshot)
    names = ("change", "effect", "series", "event", "placebo", "pretrend")
    frames = {
        name: snapshot.run(f"select * from motcua.imp_{name}")
        if f"imp_{name}" in known
        else pl.DataFrame()
        for name in names
    }
    return ImpactTables(**frames)


def read_unit_changes(snapshot: SealedSnapshot) -> pl.DataFrame:
    """`dim_unit_change` with names, levels and districts of both sides, by day; empty without it."""
    if "dim_unit_change" not in _list_tables(snapshot):
        return pl.DataFrame(schema={"effective_on": pl.Date, "kind": pl.String})
    return snapshot.run(_CHANGES)


def _list_tables(snapshot: SealedSnapshot) -> set[str]:
    return set(snapshot.run(_TABLES)["table_name"].to_list())


