"""A shop without an API on paper: its tables in every form of file, pulled into a log."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl
import yaml

from pipelines.intake.landing import Outcome
from pipelines.intake.pull import Pull, Window, pull_source
from pipelines.intake.sources import Source
from pipelines.settings import PROJECT_ROOT, settings
from pipelines.warehouse.merge import Merged, load_batch
from pipelines.warehouse.tables import TRACE_COLUMNS, connect_reader, connect_writer

NOW = datetime(2026, 7, 1)
TIME_FORMAT = "%d/%m/%Y %H:%M:%S"
FEEDS = ("dossiers", "progress")
PERSONAL = {"ChuHoSo": "Chủ hồ sơ", "SoDienThoai": "Số điện thoại", "NguoiXuLy": "Người xử lý"}


def in_words(records: pl.DataFrame) -> pl.DataFrame:
    """National records as a shop's flat table: its headers, its words, its times."""
    file = PROJECT_ROOT / "data" / "dialects" / "shop-csv.yml"
    dialect = yaml.safe_load(file.read_text(encoding="utf-8"))
    if "TaiLieuNop" in records.columns:
        digitized = pl.col("TaiLieuNop").list.eval(pl.element().struct.field("DuocSoHoa") == "1")
        fees = pl.col("DanhSachLePhi").list.eval(pl.element().struct.field("Gia").cast(pl.Int64))
        records = records.with_columns(
            has_digitized_component=digitized.list.any().cast(pl.Int8).cast(pl.String),
            fee_amount=fees.list.sum().cast(pl.String),
            supplement_n=pl.col("DanhSachHoSoBoSung").list.len().cast(pl.String),
        )
    columns: list[pl.Expr] = []
    for header, name in dialect["fields"].items():
        if name not in records.columns:
            continue
        value = pl.col(name)
        if name.startswith(("Ngay", "ThoiDiem")):
            value = value.str.to_datetime("%Y%m%d%H%M%S", strict=False).dt.strftime(TIME_FORMAT)
        elif name in dialect["codes"]:
            value = value.replace({code: word for word, code in dialect["codes"][name].items()})
        columns.append(pl.when(pl.col(name) != "").then(value).alias(header))
    columns += [pl.col(n).alias(h) for n, h in PERSONAL.items() if n in records.columns]
    return records.select(columns)


def file_source(feed: str, path: str, **changed: object) -> Source:
    """A source of files whose dossiers are those of `shop`."""
    entry: dict[str, object] = {
        "id": f"shop-{feed}", "kind": "files", "feed": feed, "system": "shop",
        "dialect": "shop-csv", "files": {"path": path}, "initial": {"known_at": "source"},
    }  # fmt: skip
    return Source.model_validate(entry | changed)


def pull(home: Path, source: Source) -> Outcome:
    """One pull of a source into the landing zone of a home."""
    return pull_source(
        source,
        Pull(
            home / "landing", settings().reference_dir, home, Window(None, NOW), NOW, "run",
            lambda _source, _n: None,
        ),
    )  # fmt: skip


def load(home: Path, outcomes: list[Outcome]) -> list[Merged]:
    """Take landed pulls into the log of a home."""
    writer = connect_writer(home / "motcua.duckdb")
    try:
        return [
            load_batch(
                writer, home / "landing" / o.feed / o.source / o.pull_id, o,
                settings().reference_dir, None,
            )
            for o in outcomes
        ]  # fmt: skip
    finally:
        writer.close()


def state(home: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The newest version of each dossier and every step, content alone, in an order of their own.

    The order of versions is that of domain §2; file and position only break its ties.
    """
    reader = connect_reader(home / "motcua.duckdb")
    try:
        trace = ", ".join(TRACE_COLUMNS)
        dossiers = reader.sql(
            f"""select * exclude ({trace}) from log.dossier_version
            qualify row_number() over (partition by source, dossier_code order by
                source_updated_at desc, latest_event_at desc, is_closed desc, file desc,
                position desc, content_hash desc) = 1
            order by dossier_code"""
        ).pl()
        steps = reader.sql(
            f"select * exclude ({trace}) from log.progress order by dossier_code, content_hash"
        ).pl()
        return dossiers, steps
    finally:
        reader.close()
