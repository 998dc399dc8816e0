"""What a snapshot says mergers did: the estimates, what they were made of, and what was said
before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import polars as pl

from pipelines.analysis.impact import IMPACT_SCHEMAS
from pipelines.analysis.impact.outcomes import COST, MEDIAN, P90, PER_SHOP_DAY, RATIOS, RECEIVED
from pipelines.serving.metrics.snapshot import SealedSnapshot
from pipelines.serving.published_effects import SAID

_KINDS: Final = ("shop_merger", "shop_merger_group", "network")
_OUTCOMES: Final = pl.Enum(
    [one.name for one in (*RATIOS, RECEIVED, PER_SHOP_DAY, COST, MEDIAN, P90)]
)
_KEYS: Final = ("estimator", "kind", "label", "series", "month_on", "month_k")
_TABLES: Final = """
select table_name from duckdb_tables()
where database_name = 'motcua' and schema_name = 'main'
"""
_RUN: Final = "select data_as_of_on, estimated_at, rules_hash, network_hash from motcua.imp_run"
_CHANGES: Final = """
select change.*, former.unit_name_vi as from_name_vi, former.level as from_level,
    former.district_code as from_district_code, latter.unit_name_vi as to_name_vi,
    latter.level as to_level, latter.district_code as to_district_code
from motcua.dim_unit_change as change
inner join motcua.dim_unit as former on change.from_key = former.unit_key
inner join motcua.dim_unit as latter on change.to_key = latter.unit_key
order by change.effective_on, change.kind, change.change_id
"""
_CHANGE_SCHEMA: Final = pl.Schema(
    {
        "change_id": pl.String,
        "kind": pl.String,
        "effective_on": pl.Date,
        "date_is_assumed": pl.Boolean,
        "from_key": pl.String,
        "to_key": pl.String,
        "share": pl.Float64,
        "share_is_assumed": pl.Boolean,
        "is_default": pl.Boolean,
        "source": pl.String,
        "note": pl.String,
        **dict.fromkeys(
            (
                "from_name_vi", "from_level", "from_district_code",
                "to_name_vi", "to_level", "to_district_code",
            ),
            pl.String,
        ),
    }
)  # fmt: skip
# the newest of what was said of an effect is what the snapshot says, while it says it at all
_HISTORY: Final = f"""
select said.*, row_number() over (
        partition by said.impact_id, said.outcome, said.estimator
        order by said.published_at desc, said.snapshot desc) = 1
    and now.impact_id is not null as stands
from motcua.{SAID} as said
left join motcua.imp_effect as now
    on said.impact_id = now.impact_id and said.outcome = now.outcome
    and said.estimator = now.estimator
order by said.impact_id, said.outcome, said.estimator, said.published_at, said.snapshot
"""
HISTORY_SCHEMA: Final = pl.Schema(
    {
        "published_at": pl.Datetime("us"),
        "snapshot": pl.String,
        "impact_id": pl.String,
        "kind": pl.String,
        "name_vi": pl.String,
        "name_en": pl.String,
        "effective_on": pl.Date,
        "date_is_assumed": pl.Boolean,
        "before_from": pl.Date,
        "before_to": pl.Date,
        "after_from": pl.Date,
        "after_to": pl.Date,
        "outcome": pl.String,
        "estimator": pl.String,
        "is_headline": pl.Boolean,
        "unit": pl.String,
        "before_value": pl.Float64,
        "after_value": pl.Float64,
        "estimate": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "p_value": pl.Float64,
        "level": pl.Float64,
        "verdict": pl.String,
        "status": pl.String,
        "sentence_vi": pl.String,
        "sentence_en": pl.String,
        "data_as_of_on": pl.Date,
        "rules_hash": pl.String,
        "network_hash": pl.String,
        "stands": pl.Boolean,
    }
)


@dataclass(frozen=True)
class ImpactRun:
    """What the estimates were made of: the data's last day then, and the rules in force."""

    data_as_of_on: date
    estimated_at: datetime
    rules_hash: str
    network_hash: str


@dataclass(frozen=True)
class ImpactTables:
    """The estimates of a snapshot, in the columns of `IMPACT_SCHEMAS`; shares are fractions 0-1.

    `run` is None, and every table empty, in a snapshot that was made without them: before they
    were kept, or as of a day.
    """

    run: ImpactRun | None
    change: pl.DataFrame
    effect: pl.DataFrame
    series: pl.DataFrame
    event: pl.DataFrame
    placebo: pl.DataFrame
    pretrend: pl.DataFrame


def read_impact_tables(snapshot: SealedSnapshot) -> ImpactTables:
    """Everything a snapshot says of the effects of mergers."""
    known = _list_tables(snapshot)
    run = None
    if "imp_run" in known:
        run = ImpactRun(**snapshot.run(_RUN).row(0, named=True))
    frames = {
        name.removeprefix("imp_"): snapshot.run(f"select * from motcua.{name}")
        .select(schema.names())
        .cast(schema)
        if run is not None and name in known
        else schema.to_frame()
        for name, schema in IMPACT_SCHEMAS.items()
    }
    return ImpactTables(run, **_in_order(frames))


def _in_order(frames: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Changes by their day, outcomes as they are listed: the engine keeps no order of rows."""
    kinds = {kind: place for place, kind in enumerate(_KINDS)}
    rank = pl.col("kind").replace_strict(kinds, default=len(kinds), return_dtype=pl.Int64)
    change = frames["change"].sort("effective_on", rank, "impact_id")
    impacts = pl.Enum(change["impact_id"])
    ordered = {"change": change}
    for name, frame in frames.items():
        if name != "change":
            keys = [key for key in _KEYS if key in frame.columns]
            places = (pl.col("impact_id").cast(impacts), pl.col("outcome").cast(_OUTCOMES))
            ordered[name] = frame.sort(*places, *keys, nulls_last=True)
    return ordered


def read_unit_changes(snapshot: SealedSnapshot) -> pl.DataFrame:
    """The changes of units and shops with names, levels and districts of both sides.

    No rows in a snapshot made before they were kept.
    """
    if "dim_unit_change" not in _list_tables(snapshot):
        return _CHANGE_SCHEMA.to_frame()
    return snapshot.run(_CHANGES).select(_CHANGE_SCHEMA.names())


def read_effect_history(snapshot: SealedSnapshot) -> pl.DataFrame:
    """Every effect as it was published, oldest first, a row each time it was another.

    `snapshot` is the first that said it so, `stands` whether this one still does. Columns:
    `HISTORY_SCHEMA`; no rows in a snapshot made before they were kept.
    """
    if not {SAID, "imp_effect"} <= _list_tables(snapshot):
        return HISTORY_SCHEMA.to_frame()
    return snapshot.run(_HISTORY).select(HISTORY_SCHEMA.names())


def _list_tables(snapshot: SealedSnapshot) -> frozenset[str]:
    return frozenset(snapshot.run(_TABLES)["table_name"].to_list())
