"""The tables that an estimate leaves: their columns in order, also when empty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import polars as pl

Row = Mapping[str, object]

IMPACT_SCHEMAS: dict[str, pl.Schema] = {
    "imp_change": pl.Schema(
        {
            "impact_id": pl.String(),
            "kind": pl.String(),
            "effective_on": pl.Date(),
            "date_is_assumed": pl.Boolean(),
            "name_vi": pl.String(),
            "name_en": pl.String(),
            "treated_keys": pl.List(pl.String()),
            "unions_n": pl.Int64(),
            "controls_n": pl.Int64(),
            "before_from": pl.Date(),
            "before_to": pl.Date(),
            "after_from": pl.Date(),
            "after_to": pl.Date(),
            "status": pl.String(),
            "reason_vi": pl.String(),
            "reason_en": pl.String(),
        }
    ),
    "imp_effect": pl.Schema(
        {
            "impact_id": pl.String(),
            "outcome": pl.String(),
            "estimator": pl.String(),
            "is_headline": pl.Boolean(),
            "unit": pl.String(),
            "before_value": pl.Float64(),
            "before_numerator": pl.Float64(),
            "before_denominator": pl.Int64(),
            "after_value": pl.Float64(),
            "after_numerator": pl.Float64(),
            "after_denominator": pl.Int64(),
            "estimate": pl.Float64(),
            "low": pl.Float64(),
            "high": pl.Float64(),
            "p_value": pl.Float64(),
            "level": pl.Float64(),
            "second_opinion": pl.Float64(),
            "verdict": pl.String(),
            "status": pl.String(),
            "sentence_vi": pl.String(),
            "sentence_en": pl.String(),
        }
    ),
    "imp_series": pl.Schema(
        {
            "impact_id": pl.String(),
            "outcome": pl.String(),
            "month_on": pl.Date(),
            "series": pl.String(),
            "numerator": pl.Float64(),
            "denominator": pl.Int64(),
            "value": pl.Float64(),
        }
    ),
    "imp_event": pl.Schema(
        {
            "impact_id": pl.String(),
            "outcome": pl.String(),
            "month_k": pl.Int64(),
            "estimate": pl.Float64(),
            "low": pl.Float64(),
            "high": pl.Float64(),
        }
    ),
    "imp_placebo": pl.Schema(
        {
            "impact_id": pl.String(),
            "outcome": pl.String(),
            "kind": pl.String(),
            "label": pl.String(),
            "month_on": pl.Date(),
            "estimate": pl.Float64(),
        }
    ),
    "imp_pretrend": pl.Schema(
        {
            "impact_id": pl.String(),
            "outcome": pl.String(),
            "p_value_leads": pl.Float64(),
            "placebo_on": pl.Date(),
            "placebo_estimate": pl.Float64(),
            "placebo_low": pl.Float64(),
            "placebo_high": pl.Float64(),
            "passes": pl.Boolean(),
        }
    ),
}


@dataclass(frozen=True)
class Impacts:
    """The six tables of `IMPACT_SCHEMAS`, by name without `imp_`."""

    change: pl.DataFrame
    effect: pl.DataFrame
    series: pl.DataFrame
    event: pl.DataFrame
    placebo: pl.DataFrame
    pretrend: pl.DataFrame

    @classmethod
    def of(cls, tables: Mapping[str, Sequence[pl.DataFrame]]) -> Self:
        """Put together the parts of each table; a table without parts is empty and typed."""
        return cls(
            **{
                name.removeprefix("imp_"): pl.concat([schema.to_frame(), *tables.get(name, ())])
                for name, schema in IMPACT_SCHEMAS.items()
            }
        )


def table(name: str, rows: Iterable[Row]) -> pl.DataFrame:
    """Rows of one of the tables as a frame; columns that a row does not name are null."""
    schema = IMPACT_SCHEMAS[name]
    columns = list(rows)
    return pl.DataFrame(
        {column: [row.get(column) for row in columns] for column in schema}, schema=schema
    )
