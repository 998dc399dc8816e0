"""Small panels made by hand, whose answer is known."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from pipelines.analysis.impact.arrays import Booleans, Floats
from pipelines.analysis.impact.contrasts import Contrasts
from pipelines.analysis.impact.monthly import Monthly, Rows
from pipelines.analysis.impact.months import first_day, month_of
from pipelines.analysis.impact.outcomes import COUNTS


def make_monthly(
    value: Floats, treated: int, before: int, denominator: Floats | None = None
) -> Monthly:
    """Rows by months; the first `treated` rows are treated, the first `before` months before."""
    rows, months = value.shape
    is_treated = np.arange(rows) < treated
    counted = np.full(value.shape, 100.0) if denominator is None else denominator
    known = np.where(counted > 0, value, np.nan)
    return Monthly(
        Rows(
            tuple(f"union {row}" for row in range(rows)),
            np.zeros(rows, dtype=np.int64),
            np.arange(rows),
            is_treated,
            is_treated.astype(np.float64),
        ),
        np.arange(months) - before,
        np.nan_to_num(known) * counted,
        counted,
        known,
    )


def draw_monthly(
    seed: int, effect: float = 0.0, treated: int = 4, rows: int = 11, before: int = 24,
    after: int = 12, drift: float = 0.0,
) -> Monthly:  # fmt: skip
    """Noise about levels and common months; `effect` and monthly `drift` of the treated alone."""
    rng = np.random.default_rng(seed)
    months = before + after
    value = rng.normal(0, 0.3, (rows, months)) + rng.normal(5, 1, (rows, 1))
    value = value + rng.normal(0, 0.5, months)
    value[:treated, before:] += effect
    value[:treated] += drift * np.arange(months)
    counted = rng.integers(40, 160, (rows, months)).astype(np.float64)
    return make_monthly(value, treated, before, counted)


def make_contrasts(change: Floats, treated: int, chance: Floats | None = None) -> Contrasts:
    """Changes of unions, the first ones treated; equal chance where none is given."""
    is_treated: Booleans = np.arange(change.size) < treated
    return Contrasts(
        np.arange(change.size), is_treated, is_treated.astype(np.float64), change,
        np.full(change.size, 1e-12) if chance is None else chance,
    )  # fmt: skip


UNITS_SCHEMA = {
    "unit_key": pl.String, "unit_code": pl.String, "unit_valid_from": pl.Date,
    "unit_valid_to": pl.Date, "unit_name_vi": pl.String, "level": pl.String,
    "unit_type": pl.String, "parent_code": pl.String,
}  # fmt: skip
CHANGES_SCHEMA = {
    "change_id": pl.String, "kind": pl.String, "effective_on": pl.Date,
    "date_is_assumed": pl.Boolean, "from_key": pl.String, "to_key": pl.String,
    "share": pl.Float64, "name_vi": pl.String, "to_name_vi": pl.String,
}  # fmt: skip


def make_units(districts: int, end: date | None = date(2025, 6, 30)) -> pl.DataFrame:
    """Districts d0, d1 …, each with a town (t…) and a village (v…)."""
    rows: list[tuple[object, ...]] = []
    for number in range(districts):
        head = f"d{number}"
        rows.append((f"{head}@", head, None, end, f"Huyện {number}", "district", "huyen", "p"))
        for kind, code in (("thi_tran", f"t{number}"), ("xa", f"v{number}")):
            rows.append((f"{code}@", code, None, end, f"Nơi {code}", "commune", kind, head))
    return pl.DataFrame(rows, schema=UNITS_SCHEMA, orient="row")


def make_merger(number: int, day: date = date(2024, 7, 1)) -> tuple[object, ...]:
    """The town of a district folded into the district's shop."""
    return (f"shop-{number}", "shop_merger", day, True, f"t{number}@", f"d{number}@", 1.0,
            f"Nơi t{number}", f"Huyện {number}")  # fmt: skip


def make_changes(*rows: tuple[object, ...]) -> pl.DataFrame:
    """Changes in the form of the mart, with the names of both sides."""
    return pl.DataFrame(list(rows), schema=CHANGES_SCHEMA, orient="row")


def make_panel(
    keys: list[str], first_on: date, last_on: date, counts: dict[str, int]
) -> pl.DataFrame:
    """The same counts for every unit and month, of one procedure."""
    months = range(month_of(first_on), month_of(last_on) + 1)
    frame = pl.DataFrame(
        [(first_day(month), key) for key in keys for month in months],
        schema={"month_on": pl.Date, "unit_key": pl.String},
        orient="row",
    )
    return frame.with_columns(
        level=pl.lit("commune"),
        procedure_code=pl.lit("1.000001"),
        **{name: pl.lit(counts.get(name, 0), dtype=pl.Int64) for name in COUNTS},
    )
