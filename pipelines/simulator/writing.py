"""What a system tells, written slice by slice, so that memory does not grow with the history.

Parquet is one file a feed, from which the simulated server answers; JSON (a record a line) and
CSV (lists as JSON in their cell) are files by month, packed, as a system without an API would
hand over its history.
"""

# pyarrow brings no type information
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

from __future__ import annotations

import gzip
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

ROW_GROUP = 10_000
_SLICE = 10 * ROW_GROUP
_TELLING_TIME = "%Y-%m-%dT%H:%M:%S"
Render = Callable[[pl.DataFrame], pl.DataFrame]


class Form(StrEnum):
    """How the systems' records are written."""

    parquet = "parquet"
    json = "json"
    csv = "csv"


SUFFIXES = {Form.json: "ndjson.gz", Form.csv: "csv.gz"}


def write_told(folder: Path, feed: str, told: pl.DataFrame, render: Render, form: Form) -> None:
    """Write what `render` makes of `told` (sorted by updated_at), in its order."""
    if form is Form.parquet:
        _write_parquet(folder / f"{feed}.parquet", told, render)
        return
    month = told["updated_at"].dt.strftime("%Y-%m").alias("month")
    for (name,), part in told.with_columns(month).group_by("month", maintain_order=True):
        target = folder / f"{feed}-{name}.{SUFFIXES[form]}"
        # a fixed time and no name in the head of the archive: the same bytes every time
        with (
            target.open("wb") as file,
            gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0) as packed,
        ):
            for number, piece in enumerate(part.drop("month").iter_slices(_SLICE)):
                records = render(piece).with_columns(
                    pl.col("updated_at").dt.strftime(_TELLING_TIME)
                )
                packed.write(_as_text(records, form, with_header=number == 0).encode())


def _write_parquet(file: Path, told: pl.DataFrame, render: Render) -> None:
    schema = render(told.head(0)).to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    with pq.ParquetWriter(
        file, schema, compression="zstd", compression_level=1, write_statistics=False
    ) as writer:
        for part in told.iter_slices(_SLICE):
            table = render(part).to_arrow(compat_level=pl.CompatLevel.oldest())
            writer.write_table(table.cast(schema), row_group_size=ROW_GROUP)


def _as_text(records: pl.DataFrame, form: Form, *, with_header: bool) -> str:
    if form is Form.json:
        return records.write_ndjson()
    lists = [name for name, kind in records.schema.items() if isinstance(kind, pl.List)]
    flat = records.with_columns(
        pl.struct(name).struct.json_encode().str.strip_prefix(f'{{"{name}":').str.head(-1)
        .alias(name)
        for name in lists
    )  # fmt: skip
    return flat.write_csv(include_header=with_header)
