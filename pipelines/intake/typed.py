"""From text to types: times, codes and lists of a landed part, ready for the contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from pipelines.intake.dialects import EPOCH_MS, Dialect
from pipelines.intake.privacy import MASKED
from pipelines.network.resolve import resolve_units

TIMES = {
    "submitted_at": "NgayNopHoSo",
    "received_at": "NgayTiepNhan",
    "due_sent_at": "NgayHenTra",
    "finished_at": "NgayKetThucXuLy",
    "returned_at": "NgayTra",
    "refused_at": "NgayTuChoi",
}
PRECISE = ("received_at", "due_sent_at", "finished_at", "returned_at")
CLOSED = ("3", "7", "8", "9", "10")
# how a reader writes a cell or a value that is a moment by its type, whatever the dialect
_TYPED_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d")
_OFFSET = r"(?:Z|[+-]\d{2}:?\d{2})$"


@dataclass(frozen=True)
class Context:
    """What a part is read with: its dialect, the reference lists and the time of its pull."""

    dialect: Dialect
    reference: Path
    fetched_at: datetime


def parse_time(text: pl.Expr, dialect: Dialect) -> pl.Expr:
    """A moment in local time; null where the text is no time (domain §2: both national forms).

    Besides the forms of the dialect, the ISO form that typed cells come in. A time with an
    offset becomes the wall clock of the dialect's zone (domain §11).
    """
    return pl.coalesce(*_attempts(text, dialect)).dt.cast_time_unit("us")


def _attempts(text: pl.Expr, dialect: Dialect) -> Iterator[pl.Expr]:
    """Each way to read a time, the first that succeeds being the one that counts."""
    text = text.str.strip_chars()
    formats = dict.fromkeys((*dialect.time_formats, *_TYPED_FORMATS))
    plain = text.str.replace("T", " ", literal=True).str.replace(r"\.\d+$", "")
    for form in formats:
        if form == EPOCH_MS:
            yield _from_epoch_ms(plain, dialect)
        else:
            yield plain.str.to_datetime(form, strict=False)
    yield (
        pl.when(text.str.contains(_OFFSET))
        .then(text.str.replace(r"\.\d+", "").str.replace(r"Z$", "+00:00"))
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%:z", strict=False, time_zone="UTC")
        .dt.convert_time_zone(dialect.time_zone)
        .dt.replace_time_zone(None)
    )


def parse_times(part: pl.DataFrame, columns: dict[str, str], dialect: Dialect) -> pl.DataFrame:
    """`parse_time` of whole columns (name -> its text): a way to read them is tried only while a
    text is unread, since nearly all of a column have one form."""
    return pl.DataFrame([_parse_column(part[text], dialect) for text in columns.values()]).rename(
        dict(zip(columns.values(), columns, strict=True))
    )


def _parse_column(texts: pl.Series, dialect: Dialect) -> pl.Series:
    frame = texts.to_frame()
    read = pl.Series(texts.name, [None], dtype=pl.Datetime("us")).new_from_index(0, len(texts))
    for attempt in _attempts(pl.col(texts.name), dialect):
        if read.null_count() == texts.null_count():
            break
        again = frame.select(attempt.dt.cast_time_unit("us")).to_series()
        read = pl.select(pl.coalesce(read, again)).to_series()
    return read.alias(texts.name)


def _from_epoch_ms(text: pl.Expr, dialect: Dialect) -> pl.Expr:
    """Twelve or thirteen digits: September 2001 to 2286, in the dialect's zone, to the second."""
    milliseconds = (
        pl.when(text.str.contains(r"^\d{12,13}$")).then(text).cast(pl.Int64, strict=False)
    )
    return (
        pl.from_epoch(milliseconds // 1000, time_unit="s")
        .dt.convert_time_zone(dialect.time_zone)
        .dt.replace_time_zone(None)
        .dt.cast_time_unit("us")
    )


def _is_day(moment: str, dialect: Dialect) -> pl.Expr:
    if dialect.precision != "guess":
        return pl.lit(dialect.precision == "day")
    return (pl.col(moment).dt.time() == pl.time(0)).fill_null(False)


def dossier_code(codes: pl.Series) -> pl.Series:
    """Codes as they stand in the log: composed letters, upper case."""
    is_ascii = (codes.str.len_bytes() == codes.str.len_chars()).all()
    return (codes if is_ascii else codes.str.normalize("NFC")).str.to_uppercase()


def _number(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(r"[.,](\d{3})", "$1").cast(pl.Int64, strict=False)


def _item(name: str) -> pl.Expr:
    return pl.element().struct.field(name)


def _any_bad(column: str) -> pl.Expr:
    return pl.col(column).list.eval(_item("is_bad")).list.any()


def type_dossiers(part: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Typed dossier records with their raw texts beside them (`raw_<column>`) for the contract.

    Times are local; `is_<time>_day` says that a time has day precision; lists keep their items.
    """
    dialect = context.dialect
    channel = pl.col("KenhThucHien")
    finish = pl.coalesce("finished_at", "returned_at")
    times = parse_times(part, {**TIMES, "source_updated_sent_at": "_updated_at"}, dialect)
    frame = (
        part.hstack(times)
        .with_columns(
            dossier_code=dossier_code(part["MaHoSo"]),
            components=pl.col("TaiLieuNop").list.eval(
                pl.struct(
                    component_code=_item("MaThanhPhanHoSo"),
                    is_digitized=_item("DuocSoHoa") == "1",
                    is_reused=_item("DuocTaiSuDung").is_in(["1", "2"]),
                    is_from_store=_item("DuocLayTuKhoDMQG") == "1",
                    is_deleted=_item("IsDeleted").is_in(["1", "true", "True"]).fill_null(False),
                )
            ),
            fees=pl.col("DanhSachLePhi").list.eval(
                pl.struct(
                    fee_code=_item("MaPhiLePhi"),
                    collected_code=_item("HinhThucThu"),
                    kind_code=_item("LoaiPhiLePhi"),
                    amount=_number(_item("Gia")),
                    is_bad=_item("Gia").is_not_null()
                    & (_number(_item("Gia")).is_null() | (_number(_item("Gia")) < 0)),
                )
            ),
            supplements=pl.col("DanhSachHoSoBoSung").list.eval(
                pl.struct(
                    supplement_code=_item("HoSoBoSungId"),
                    status_code=_item("TrangThaiBoSung"),
                    requested_at=parse_time(_item("NgayBoSung"), dialect),
                    answered_at=parse_time(_item("NgayTiepNhanBoSung"), dialect),
                    due_before_at=parse_time(_item("NgayHenTraTruoc"), dialect),
                    due_new_at=parse_time(_item("NgayHenTraMoi"), dialect),
                    is_bad=pl.any_horizontal(
                        _item(name).is_not_null() & parse_time(_item(name), dialect).is_null()
                        for name in (
                            "NgayBoSung",
                            "NgayTiepNhanBoSung",
                            "NgayHenTraTruoc",
                            "NgayHenTraMoi",
                        )
                    ),
                )
            ),
            results=pl.col("DanhSachGiayToKetQua").list.eval(
                pl.struct(
                    result_code=_item("MaGiayToKetQua"),
                    has_file=_item("DuongDanTepTinKetQua") == "1",
                )
            ),
            database_codes=pl.col("DSKetNoiCSDL").list.eval(_item("MaCSDL")),
            fee_amount_sent=_number(pl.col("fee_amount")),
            supplement_sent_n=_number(pl.col("supplement_n")),
        )
        .with_columns(
            *(_is_day(name, dialect).alias(f"is_{name}_day") for name in PRECISE),
            status_code=pl.coalesce(
                "TrangThaiHoSo",
                pl.when(finish.is_not_null()).then(pl.lit("9")).otherwise(pl.lit("4"))
                if _lacks_status(dialect)
                else pl.lit(None, dtype=pl.String),
            ),
            channel=channel.fill_null("1"),
            is_channel_assumed=channel.is_null(),
            calendar=pl.lit(dialect.calendar),
            unit_name_vi=pl.col("DonViXuLy"),
            unit_day=pl.coalesce("received_at", "submitted_at", "refused_at").dt.date(),
            latest_event_at=pl.max_horizontal(
                "submitted_at",
                "received_at",
                "finished_at",
                "returned_at",
                "refused_at",
                pl.col("supplements")
                .list.eval(pl.max_horizontal(_item("requested_at"), _item("answered_at")))
                .list.max(),
            ),
        )
    )
    frame = frame.with_columns(
        has_bad_fee=_any_bad("fees"),
        has_bad_supplement=_any_bad("supplements"),
        source_updated_at=pl.coalesce("source_updated_sent_at", "latest_event_at"),
        is_closed=pl.col("status_code").is_in(CLOSED),
    )
    if dialect.units == "open":
        return frame.with_columns(
            unit_code=pl.col("unit_name_vi"),
            unit_valid_from=pl.lit(None, dtype=pl.Date),
            is_unit_name_different=pl.lit(False),
        )
    return resolve_units(frame, context.reference)


def _lacks_status(dialect: Dialect) -> bool:
    return bool(dialect.fields) and "TrangThaiHoSo" not in dialect.fields.values()


def type_progress(part: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Typed steps: dossier_code, step_at, office_name_vi, title_vi, status_code, started_at."""
    dialect = context.dialect
    times = {
        "step_at": "ThoiDiemXuLy",
        "source_updated_sent_at": "_updated_at",
        "started_at": "NgayBatDau",
        "step_due_at": "NgayKetThucTheoQuyDinh",
    }
    return (
        part.hstack(parse_times(part, times, dialect))
        .with_columns(
            dossier_code=dossier_code(part["MaHoSo"]),
            status_code=pl.col("TrangThai"),
            office_name_vi=pl.col("PhongBanXuLy"),
            title_vi=pl.col("ChucDanh"),
        )
        .with_columns(source_updated_at=pl.coalesce("source_updated_sent_at", "step_at"))
    )


def is_masked(column: str) -> pl.Expr:
    """Whether the allow-list replaced a value."""
    return (pl.col(column) == MASKED).fill_null(False)
