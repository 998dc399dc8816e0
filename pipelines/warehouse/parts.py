"""The parts of a landed batch, through the contract: what may enter the log, and with which hash.

The next parts are read and checked while one is written.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import duckdb
import polars as pl

from pipelines.intake.canonical import Feed
from pipelines.intake.contracts import Checked, check
from pipelines.intake.typed import Context

_DOSSIER_NAMES = {
    "procedure_code": "MaTTHC",
    "field_code": "MaLinhVuc",
    "applicant_kind_code": "LoaiDoiTuong",
    "return_method_code": "HinhThuc",
    "submitted_place_code": "NoiNopHoSo",
    "digitized_flag": "HoSoCoThanhPhanSoHoa",
    "vneid_flag": "TaiKhoanDuocXacThucVoiVNeID",
    "online_payment_code": "DuocThanhToanTrucTuyen",
}
_FLAGS = ("has_digitized_component", "has_reused_component", "has_e_result")
_FEE = ("fee_code", "collected_code", "kind_code", "amount")
_SUPPLEMENT = (
    "supplement_code",
    "status_code",
    "requested_at",
    "answered_at",
    "due_before_at",
    "due_new_at",
)
_AHEAD = 2
"""Parts that are read and checked while one is written."""


def checked_parts(
    paths: list[Path],
    feed: Feed,
    context: Context,
    content: tuple[str, ...],
    read_part: Callable[[Path], pl.DataFrame],
) -> Iterator[Checked]:
    """Every part in order; `good` has the columns of the log that are content, then
    `content_hash`, `_file` and `_position`."""

    def read(path: Path) -> Checked:
        checked = check(read_part(path), feed, context)
        return Checked(hash_rows(checked.good, feed, content), checked.bad)

    if len(paths) == 1:
        yield read(paths[0])
        return
    with ThreadPoolExecutor(_AHEAD) as pool:
        following = deque(pool.submit(read, path) for path in paths[:_AHEAD])
        for path in [*paths[_AHEAD:], *[None] * min(_AHEAD, len(paths))]:
            checked = following.popleft().result()
            if path is not None:
                following.append(pool.submit(read, path))
            yield checked


def hash_rows(good: pl.DataFrame, feed: Feed, content: tuple[str, ...]) -> pl.DataFrame:
    """Typed records as rows of the log: its content columns with `content_hash` and place."""
    if feed == "dossiers":
        good = good.with_columns(
            *(pl.col(raw).alias(name) for name, raw in _DOSSIER_NAMES.items()),
            *((pl.col(flag) == "1").alias(flag) for flag in _FLAGS),
            pl.col("fee_amount_sent").alias("fee_amount"),
            pl.col("supplement_sent_n").alias("supplement_n"),
            _only("fees", _FEE),
            _only("supplements", _SUPPLEMENT),
        )
    # a source may take the envelope's time as the known time; of a step it is no content
    told = dict.fromkeys((*content, "source_updated_at", "_file", "_position"))
    good = good.select(*told)
    # the engine writes a row as text and hashes it: existing logs know these hashes
    with _engine().cursor() as connection:
        connection.register("good", good)
        hashes = connection.sql(
            f"select md5_number_lower(row({', '.join(content)})::varchar) as content_hash from good"
        ).pl()
    return good.hstack(hashes)


def _only(column: str, names: tuple[str, ...]) -> pl.Expr:
    items = pl.struct(*(pl.element().struct.field(name) for name in names))
    return pl.col(column).list.eval(items)


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """One thread: the writer works at the same time."""
    return duckdb.connect(config={"threads": 1, "temp_directory": ""})
