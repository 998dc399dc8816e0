"""The synthetic catalogue of procedures, frozen as `data/reference/procedures.csv`.

1,982 procedures of which 267 at district level (published counts of the province, 14/06/2025);
everything else about them is invented. The catalogue has a seed of its own, so that it is the
same whatever province is simulated.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.settings import settings
from pipelines.simulator.fields import FIELDS, FieldWords
from pipelines.simulator.trends import Floats
from pipelines.simulator.words import ACTIONS, CIRCUMSTANCES, LEVEL_WORDS
from pipelines.worktime.vectorised import Integers

CATALOGUE_SEED = 20250614
LEVEL_COUNTS = {"province": 1560, "district": 267, "commune": 155}
TERM_UNITS = ("working_day", "calendar_day", "hour", "month")
_TERM_UNIT_SHARES = (0.70, 0.25, 0.035, 0.015)
_TERMS: dict[str, tuple[tuple[int, ...], tuple[float, ...]]] = {
    "working_day": ((2, 3, 5, 7, 10, 15, 20, 30), (0.08, 0.2, 0.22, 0.12, 0.16, 0.14, 0.05, 0.03)),
    "calendar_day": ((5, 7, 10, 15, 20, 30, 45), (0.2, 0.1, 0.2, 0.2, 0.12, 0.13, 0.05)),
    "hour": ((4, 8, 16, 24), (0.3, 0.4, 0.2, 0.1)),
    "month": ((1, 2, 3), (0.6, 0.3, 0.1)),
}
_SAME_DAY_SHARE = 0.02
_QUICK_DEMAND = 0.006  # share of dossiers with hour terms or due the same day
_WITHOUT_RESULT_SHARE = 0.08
_FEE_SHARE = 0.35
COLUMNS = (
    "procedure_code", "name_vi", "field_code", "field_name_vi", "level", "channel",
    "term_value", "term_unit", "yields_result", "components_due", "fee_due",
    "valid_from", "valid_to", "is_synthetic",
)  # fmt: skip


def build_catalogue() -> pl.DataFrame:
    """The catalogue, one row a procedure, columns `COLUMNS` (flags 0/1, is_synthetic a bool).

    `channel` empty means every channel, `valid_from` and `valid_to` empty mean always in force;
    terms are in `term_unit`s, a term of 0 working days is due the same day.
    """
    rng = np.random.default_rng(CATALOGUE_SEED)
    n = sum(LEVEL_COUNTS.values())
    fields: list[FieldWords] = []
    names: list[str] = []
    levels: list[str] = []
    for level, count in LEVEL_COUNTS.items():
        able = [field for field in FIELDS if level in field.levels]
        for position, field in enumerate(able):
            share = count // len(able) + (position < count % len(able))
            fields += [field] * share
            levels += [level] * share
            names += _compose_names(field, level, share, rng)
    units = rng.choice(len(TERM_UNITS), n, p=_TERM_UNIT_SHARES)
    values = np.zeros(n, dtype=np.int64)
    for index, unit in enumerate(TERM_UNITS):
        choices, weights = _TERMS[unit]
        chosen = rng.choice(choices, n, p=np.array(weights) / sum(weights))
        values = np.where(units == index, chosen, values)
    values = np.where((units == 0) & (rng.random(n) < _SAME_DAY_SHARE), 0, values)
    numbers: Integers = np.sort(rng.choice(np.arange(1_000, 16_000), n, replace=False))
    rng.shuffle(numbers)
    codes: list[int] = numbers.tolist()
    return pl.DataFrame(
        {
            "procedure_code": [f"1.{number:06d}" for number in codes],
            "name_vi": names,
            "field_code": [field.code for field in fields],
            "field_name_vi": [field.name_vi for field in fields],
            "level": levels,
            "channel": pl.Series([None] * n, dtype=pl.String),
            "term_value": values,
            "term_unit": pl.Series(TERM_UNITS).gather(units),
            "yields_result": (rng.random(n) >= _WITHOUT_RESULT_SHARE).astype(np.int64),
            "components_due": 1 + rng.binomial(7, 0.35, n),
            "fee_due": (rng.random(n) < _FEE_SHARE).astype(np.int64),
            "valid_from": pl.Series([None] * n, dtype=pl.String),
            "valid_to": pl.Series([None] * n, dtype=pl.String),
            "is_synthetic": [True] * n,
        }
    ).sort("procedure_code")


def _compose_names(
    field: FieldWords, level: str, count: int, rng: np.random.Generator
) -> list[str]:
    """`count` different names of procedures of one field and level."""
    names = [
        " ".join(word for word in words if word)
        for words in product(ACTIONS, field.subjects, CIRCUMSTANCES, [f"({LEVEL_WORDS[level]})"])
    ]
    positions: list[int] = rng.permutation(len(names))[:count].tolist()
    return [names[position] for position in positions]


def catalogue_csv() -> str:
    """The text of `data/reference/procedures.csv`."""
    return build_catalogue().write_csv(None)


def write_catalogue(file: Path | None = None) -> None:
    """Freeze the catalogue."""
    target = file or settings().reference_dir / "procedures.csv"
    target.write_text(catalogue_csv(), encoding="utf-8")


def read_catalogue(file: Path | None = None) -> pl.DataFrame:
    """The frozen catalogue with numbers as Int64, the rest as text."""
    whole = ("term_value", "yields_result", "components_due", "fee_due")
    path = file or settings().reference_dir / "procedures.csv"
    return pl.read_csv(path, infer_schema=False).with_columns(
        pl.col(name).cast(pl.Int64) for name in whole
    )


def demand_weights(catalogue: pl.DataFrame) -> dict[str, Floats]:
    """For each level, how the demand spreads over the rows of the catalogue (sums to 1).

    A few procedures of a field make most of its dossiers. Hour terms and same-day procedures
    are rare: by date they can never be early, and the published shares say early is the rule.
    """
    rng = np.random.default_rng(CATALOGUE_SEED + 1)
    by_field = {field.code: field.demand for field in FIELDS}
    demand = catalogue["field_code"].replace_strict(by_field, return_dtype=pl.Float64).to_numpy()
    weight = demand * rng.lognormal(0.0, 1.1, catalogue.height)
    quick = ((catalogue["term_unit"] == "hour") | (catalogue["term_value"] == 0)).to_numpy()
    levels = catalogue["level"].to_numpy()
    result: dict[str, Floats] = {}
    for level in LEVEL_COUNTS:
        share = np.where(levels == level, weight, 0.0)
        slow_sum = share[~quick].sum()
        quick_sum = share[quick].sum()
        share = np.where(quick, share * (_QUICK_DEMAND * slow_sum / max(quick_sum, 1e-9)), share)
        result[level] = share / share.sum()
    return result
