"""Parquet written slice by slice, so that memory does not grow with the history."""

# pyarrow brings no type information
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

ROW_GROUP = 10_000
_SLICE = 10 * ROW_GROUP


def write_slices(
    file: Path, told: pl.DataFrame, render: Callable[[pl.DataFrame], pl.DataFrame]
) -> None:
    """Write what `render` makes of `told`, in its order, in row groups of 10,000."""
    schema = render(told.head(0)).to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    with pq.ParquetWriter(
        file, schema, compression="zstd", compression_level=1, write_statistics=False
    ) as writer:
        for part in told.iter_slices(_SLICE):
            table = render(part).to_arrow(compat_level=pl.CompatLevel.oldest())
            writer.write_table(table.cast(schema), row_group_size=ROW_GROUP)
