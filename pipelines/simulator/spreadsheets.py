"""Monthly files of shops without an API: the same dossiers in a shop's own words.

The file of a month holds the latest state of each dossier that changed in it, flat, with the
headers and words of `data/dialects/shop-csv.yml` (read here, so that there is one list of
them). Two columns of personal content stand in no dialect: the reader must drop them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict, cast

import polars as pl
import yaml

from pipelines.settings import PROJECT_ROOT
from pipelines.simulator.file_forms import FileForm, write_table
from pipelines.simulator.plan import DIGITS_ALL, DIGITS_DELETED, DIGITS_FIRST, ELECTRONIC
from pipelines.simulator.records import Renderer, fee_amount, has_result, is_accepted
from pipelines.simulator.steps import StepRenderer

_PERSONAL = {"ChuHoSo": "Chủ hồ sơ", "SoDienThoai": "Số điện thoại"}
_STEPS_PERSONAL = {"NguoiXuLy": "Người xử lý"}


class _Words(TypedDict):
    time_formats: list[str]
    fields: dict[str, str]
    codes: dict[str, dict[str, str]]


def _dialect() -> _Words:
    file = PROJECT_ROOT / "data" / "dialects" / "shop-csv.yml"
    return cast("_Words", yaml.safe_load(file.read_text(encoding="utf-8")))


def write_shop_files(
    folder: Path,
    plan: pl.DataFrame,
    versions: pl.DataFrame,
    steps: pl.DataFrame,
    renderers: tuple[Renderer, StepRenderer],
    form: FileForm = FileForm.CSV,
) -> None:
    """Write `dossiers-YYYY-MM` and `progress-YYYY-MM` for each month with a change.

    Every form of file holds the same rows; its name ends as the form's do (`.csv`, `.xlsx` …).
    """
    folder.mkdir(parents=True, exist_ok=True)
    dialect = _dialect()
    time_format = dialect["time_formats"][0]
    render, render_steps = renderers
    for month, told in _months(versions):
        latest = told.unique("row", keep="last", maintain_order=True)
        joined = render.versions(plan, latest)
        flat = pl.concat(
            [render.national(joined, time_format).drop("updated_at"), joined.select(_flat())],
            how="horizontal",
        )
        words = _in_words(flat, dialect, _PERSONAL)
        write_table(folder / f"dossiers-{month}", words, form, time_format)
    for month, told in _months(steps):
        records = render_steps.national(plan, told, time_format)
        words = _in_words(records, dialect, _STEPS_PERSONAL)
        write_table(folder / f"progress-{month}", words, form, time_format)


def _months(told: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    month = told["updated_at"].dt.strftime("%Y-%m").alias("month")
    groups = told.with_columns(month).group_by("month", maintain_order=True)
    return [(str(key), group.drop("month")) for (key,), group in groups]


def _flat() -> list[pl.Expr]:
    digitized = pl.col("digits").is_in([DIGITS_ALL, DIGITS_FIRST]) & is_accepted()
    reused = (pl.col("reused") > 0) & (pl.col("digits") != DIGITS_DELETED)
    electronic = (pl.col("result") == ELECTRONIC) & has_result()
    return [
        _yes_no(digitized).alias("has_digitized_component"),
        _yes_no(reused).alias("has_reused_component"),
        _yes_no(electronic).alias("has_e_result"),
        fee_amount().cast(pl.String).alias("fee_amount"),
        pl.lit("0").alias("supplement_n"),
    ]


def _yes_no(condition: pl.Expr) -> pl.Expr:
    return pl.when(condition).then(pl.lit("1")).otherwise(pl.lit("0"))


def _in_words(records: pl.DataFrame, dialect: _Words, personal: dict[str, str]) -> pl.DataFrame:
    """The columns of the dialect that the records have, under its headers, in its words."""
    columns: list[pl.Expr] = []
    for header, name in dialect["fields"].items():
        if name not in records.columns:
            continue
        word = {code: text for text, code in dialect["codes"].get(name, {}).items()}
        value = pl.col(name).replace(word) if word else pl.col(name)
        columns.append(pl.when(value != "").then(value).alias(header))
    columns += [pl.col(name).alias(header) for name, header in personal.items()]
    return records.select(columns)
