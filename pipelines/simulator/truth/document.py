"""`truth.json`: the true figures of all parts, what traps took of them, what was planted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl


@dataclass(frozen=True)
class Told:
    """A part that is told: its true figures, what traps took of them, what was planted."""

    truth: pl.DataFrame
    lost: pl.DataFrame | None = None
    planted: pl.DataFrame | None = None


def truth_document(
    told: Sequence[Told], units: pl.DataFrame, *, dossiers: int, seed: int, until: date
) -> dict[str, object]:
    """The content of `truth.json`; units seen in several parts are added up.

    `rows` are the figures of what happened; `lost` what traps took of them, to be subtracted;
    `planted` says which trap stands where.
    """
    lost = [part.lost for part in told if part.lost is not None]
    planted = [part.planted for part in told if part.planted is not None]
    return {
        "synthetic": True,
        "seed": seed,
        "dossiers": dossiers,
        "until": until.isoformat(),
        "rows": _document_rows([part.truth for part in told], units),
        "lost": _document_rows(lost, units),
        "planted": planted_rows(planted),
    }


def planted_rows(parts: Sequence[pl.DataFrame]) -> list[dict[str, object]]:
    """The planted traps as rows; moments as ISO text."""
    if not parts:
        return []
    moments = ("accepted", "due_last", "closed")
    return (
        pl.concat(parts)
        .sort("trap", "dossier_code")
        .with_columns(pl.col(*moments).dt.strftime("%Y-%m-%dT%H:%M:%S"))
        .to_dicts()
    )


def _document_rows(parts: Sequence[pl.DataFrame], units: pl.DataFrame) -> list[dict[str, object]]:
    if not parts:
        return []
    month = pl.col("month")
    return (
        pl.concat(parts)
        .group_by("metric", "definition", "unit", "month")
        .agg(
            pl.col("numerator").sum(),
            pl.when(pl.col("denominator").is_not_null().any()).then(pl.col("denominator").sum()),
        )
        .join(units.select(pl.col("unit").cast(pl.Int32), "unit_code", "valid_from"), on="unit")
        .sort("metric", "definition", "unit", "month", nulls_last=False)
        .select(
            "metric",
            "definition",
            "unit_code",
            pl.col("valid_from").alias("unit_valid_from"),
            pl.format(
                "{}-{}",
                (month // 12).cast(pl.String),
                (month % 12 + 1).cast(pl.String).str.zfill(2),
            ).alias("month"),
            "numerator",
            "denominator",
        )
        .to_dicts()
    )
