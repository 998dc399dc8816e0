"""Whether the lists of the network hang together: units, their codes, their changes.

What a fault would do: dossiers lost or doubled under today's boundaries, or given to a unit that
is none. So nothing is computed from lists that have one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl

from pipelines.network.change_list import FILE as CHANGES
from pipelines.network.check_changes import check_cells, check_relations
from pipelines.network.edits import COLUMNS as EDIT_COLUMNS
from pipelines.network.edits import EDITABLE, lay_over
from pipelines.network.faults import (
    FILE,
    NAME,
    ROW,
    Fault,
    NetworkError,
    as_day,
    expect_days,
    expect_words,
    faults_where,
)
from pipelines.network.units import BEGINNING, END, SHOP_LEVELS
from pipelines.settings import Settings

UNITS, CODES = "units.csv", "unit_codes.csv"
_COLUMNS: Final = {
    UNITS: ("unit_code", "name_vi", "level", "unit_type", "parent_code", "valid_from", "valid_to"),
    CODES: ("edoc_code", "unit_code", "valid_from", "valid_to"),
    CHANGES: ("change_id", "kind", "effective_date", "date_is_assumed", "from_code", "to_code",
              "share", "share_is_assumed", "is_default", "source", "note"),
}  # fmt: skip


def refuse_bad_network(config: Settings) -> None:
    """Raise `NetworkError` where the lists of a home, with its edits, have a fault."""
    faults = find_faults(config)
    if faults:
        raise NetworkError(faults)


def find_faults(config: Settings, edits: pl.DataFrame | None = None) -> list[Fault]:
    """The faults of the lists of a home; `edits` (text) stand in the place of its own.

    What relates rows to each other is looked at once every cell can be read. Raises
    `NetworkError` where a file is no table with its columns.
    """
    units = _read(config.reference_dir / UNITS, "unit_code", _COLUMNS[UNITS])
    codes = _read(config.reference_dir / CODES, "edoc_code", _COLUMNS[CODES])
    listed = _read(config.reference_dir / CHANGES, "change_id", _COLUMNS[CHANGES])
    if edits is None:
        edits = _read(config.change_edits_file, "change_id", EDIT_COLUMNS, may_lack=True)
    else:
        edits = _placed(edits, config.change_edits_file.name, "change_id")
    faults = list(_check_edits(edits, listed))
    if faults:
        return faults
    changes = _edited(listed, edits)
    faults = [*_check_unit_cells(units), *_check_code_cells(codes), *check_cells(changes)]
    if faults:
        return faults
    units, codes = _typed(units), _typed(codes)
    return [
        *_check_units(units),
        *_check_codes(codes, units),
        *check_relations(changes, units),
    ]


def _read(
    file: Path, name: str, columns: tuple[str, ...], *, may_lack: bool = False
) -> pl.DataFrame:
    """A list as text with what a fault says of a row; lines are counted from 1, the header's."""
    if may_lack and not file.is_file():
        frame = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    else:
        try:
            frame = pl.read_csv(file, infer_schema=False)
        except (OSError, pl.exceptions.PolarsError):
            raise NetworkError([f"{file.name}: cannot be read as a table"]) from None
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise NetworkError([f"{file.name}: {missing[0]}: the column is missing"])
    return _placed(frame.select(columns), file.name, name)


def _placed(frame: pl.DataFrame, file: str, name: str) -> pl.DataFrame:
    placed = frame.with_row_index(ROW, offset=2)
    return placed.with_columns(pl.lit(file).alias(FILE), pl.col(name).alias(NAME))


def _edited(listed: pl.DataFrame, edits: pl.DataFrame) -> pl.DataFrame:
    """The changes with the edits; an edited one is found in the file of the edits."""
    places = edits.select("change_id", edit_file=FILE, edit_row=ROW)
    return (
        lay_over(listed, edits.select(EDIT_COLUMNS))
        .join(places, on="change_id", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce("edit_file", FILE).alias(FILE), pl.coalesce("edit_row", ROW).alias(ROW)
        )
        .drop("edit_file", "edit_row")
    )


def _typed(rows: pl.DataFrame) -> pl.DataFrame:
    """Validity as days, from the beginning to the end where a cell is empty."""
    return rows.with_columns(
        unit_valid_from=as_day("valid_from"),
        unit_valid_to=as_day("valid_to"),
        _from=as_day("valid_from").fill_null(BEGINNING),
        _to=as_day("valid_to").fill_null(END),
    )


def _check_edits(edits: pl.DataFrame, listed: pl.DataFrame) -> Iterator[Fault]:
    unknown = ~pl.col("change_id").is_in(listed["change_id"].implode()).fill_null(value=False)
    yield from faults_where(edits, unknown, "change_id", f"is no change of {CHANGES}")
    twice = pl.col("change_id").is_duplicated() & ~pl.col("change_id").is_first_distinct()
    yield from faults_where(edits, twice, "change_id", "is edited twice")
    empty = pl.all_horizontal(pl.col(EDITABLE).is_null())
    yield from faults_where(edits, empty & ~unknown, "effective_date", "nothing is edited")


def _check_unit_cells(units: pl.DataFrame) -> Iterator[Fault]:
    for column in ("unit_code", "name_vi"):
        yield from faults_where(units, pl.col(column).is_null(), column, "must not be empty")
    yield from expect_words(units, "level", (*SHOP_LEVELS, "area"))
    yield from expect_days(units, "valid_from", "valid_to", may_be_empty=True)


def _check_code_cells(codes: pl.DataFrame) -> Iterator[Fault]:
    for column in ("edoc_code", "unit_code"):
        yield from faults_where(codes, pl.col(column).is_null(), column, "must not be empty")
    yield from expect_days(codes, "valid_from", "valid_to", may_be_empty=True)


def _check_units(units: pl.DataFrame) -> Iterator[Fault]:
    yield from faults_where(units, _ends_before_it_begins(), "valid_to", "lies before valid_from")
    yield from _overlapping(units, "unit_code")
    unknown = ~pl.col("parent_code").is_in(units["unit_code"].implode())
    yield from faults_where(units, unknown, "parent_code", "names no unit")


def _check_codes(codes: pl.DataFrame, units: pl.DataFrame) -> Iterator[Fault]:
    yield from faults_where(codes, _ends_before_it_begins(), "valid_to", "lies before valid_from")
    yield from _overlapping(codes, "edoc_code")
    in_force = codes.join(units, on="unit_code").filter(
        pl.col("_from") <= pl.col("_to_right"), pl.col("_to") >= pl.col("_from_right")
    )
    yield from faults_where(
        codes, ~pl.col(ROW).is_in(in_force[ROW].implode()), "unit_code", "no unit in force then"
    )


def _ends_before_it_begins() -> pl.Expr:
    return pl.col("_to") < pl.col("_from")


def _overlapping(rows: pl.DataFrame, code: str) -> Iterator[Fault]:
    """Rows of one code whose validity begins before that of an earlier row has ended."""
    earlier = rows.select(code, other=ROW, other_from="_from", other_to="_to")
    both = rows.join(earlier, on=code).filter(
        pl.col("other") < pl.col(ROW),
        pl.col("_from") <= pl.col("other_to"),
        pl.col("_to") >= pl.col("other_from"),
    )
    said = pl.format("overlaps the validity of row {}", "other")
    yield from faults_where(both, pl.lit(value=True), "valid_from", said)
