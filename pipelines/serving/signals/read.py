"""What a snapshot says of the week: questions, tests, charts and funnels, by who may see whom.

The questions of a unit are those of the whole family of tests that concern it: the share of false
ones is held over the province, whoever asks.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl

from pipelines.analysis.signals import MOST
from pipelines.serving.metrics.snapshot import SealedSnapshot, SnapshotError, Value


@dataclass(frozen=True)
class Asked:
    """A question. `rank` counts from 1 for whoever asks; shares are fractions 0-1.

    `page` and `params` are the address that reopens the view; `explained_by` is kind, code and
    share of what explains most of it, `also_by` of what else does.
    """

    rank: int
    sentence_vi: str
    sentence_en: str
    subject: str
    unit_key: str | None
    field_code: str | None
    topic: str
    metric: str
    first_on: date
    last_on: date
    numerator: int
    denominator: int | None
    expected: float
    q_value: float
    explained_by: tuple[str, str, float] | None
    also_by: tuple[str, str, float] | None
    page: str
    params: dict[str, str]


class UnknownUnitError(ValueError):
    """A unit that the snapshot does not know; one line that names it."""


def find_units(snapshot: SealedSnapshot, asked: Collection[str]) -> frozenset[str]:
    """The keys of units by key or code; a code means every unit that ever bore it.

    Raises `UnknownUnitError`.
    """
    known = snapshot.run("select unit_key, unit_code from motcua.dim_unit")
    named = (pl.col("unit_key") == pl.col("asked")) | (pl.col("unit_code") == pl.col("asked"))
    found = pl.DataFrame({"asked": list(asked)}, schema={"asked": pl.String}).join_where(
        known, named
    )
    unknown = sorted(set(asked) - set(found["asked"]))
    if unknown:
        raise UnknownUnitError(f"unit: {unknown[0]} is no unit of this snapshot")
    return frozenset(found["unit_key"])


def read_questions(
    snapshot: SealedSnapshot, units: Collection[str] = (), *, most: int = MOST
) -> tuple[Asked, ...]:
    """The questions of the whole, or of some units (keys), the weightiest first, `most` of them.

    Fewer, or none, is a right answer. Raises `SnapshotError` for a snapshot made before questions
    were kept, or as of a day.
    """
    rows = _read(snapshot, "srv_ask", units).sort("rank").head(most)
    return tuple(_ask(place, row) for place, row in enumerate(rows.iter_rows(named=True), 1))


def read_signals(snapshot: SealedSnapshot, units: Collection[str] = ()) -> pl.DataFrame:
    """Every test of the week with its p- and q-value (`srv_signal`), all or those of some units."""
    return _read(snapshot, "srv_signal", units)


def read_charts(
    snapshot: SealedSnapshot, metric: str, *, unit: str | None = None, level: str | None = None
) -> pl.DataFrame:
    """The monthly chart of a metric (`srv_spc`): of a unit, a level, or the whole."""
    rows = _read(snapshot, "srv_spc", () if unit is None else (unit,)).filter(metric=metric)
    if unit is None:
        of_level = pl.col("level").is_null() if level is None else pl.col("level") == level
        rows = rows.filter(pl.col("unit_key").is_null(), of_level)
    return rows.sort("month_on")


def read_comparisons(snapshot: SealedSnapshot, metric: str, window: str) -> pl.DataFrame:
    """The funnels of a metric (`srv_funnel`) in a window (month, quarter, year), every level."""
    return _read(snapshot, "srv_funnel", ()).filter(metric=metric, window=window)


def _read(snapshot: SealedSnapshot, table: str, units: Collection[str]) -> pl.DataFrame:
    variables: dict[str, Value] = {}
    where = "true"
    if units:
        variables["mc_units"] = sorted(units)
        where = "list_contains(getvariable('mc_units'), unit_key)"
    try:
        return snapshot.run(f"select * from motcua.{table} where {where}", variables)
    except duckdb.CatalogException as error:
        raise SnapshotError(
            f"{snapshot.file.name} holds no signals: it was published before they were kept, "
            "or as of a day"
        ) from error


def _ask(rank: int, row: dict[str, Any]) -> Asked:
    own: dict[str, Any] = {name: row[name] for name in Asked.__dataclass_fields__ if name in row}
    own["rank"] = rank
    own["params"] = json.loads(row["params"])
    own["explained_by"] = _cause(row, "explained_by")
    own["also_by"] = _cause(row, "also_by")
    return Asked(**own)


def _cause(row: dict[str, Any], name: str) -> tuple[str, str, float] | None:
    kind = row[f"{name}_kind"]
    return None if kind is None else (kind, row[f"{name}_code"], row[f"{name}_share"])
