"""How the records of a trapped dossier look: the rendered text, made wrong."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipelines.simulator.traps.catalogue import TRAPS, number_of
from pipelines.simulator.traps.victims import carries

_TIMES = (
    "NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra", "NgayTuChoi",
)  # fmt: skip
_ZERO = "00000000000000"
_SUFFIX_OF_LONG_CODES = ".000.00.00.H22"
_NOBODYS_UNIT = "000.00.99.H99"


def disguise(records: pl.DataFrame, joined: pl.DataFrame, names: pl.Series) -> pl.DataFrame:
    """Records of a slice with every trap put in place.

    `joined` stands beside the records (`Renderer.versions`); `names` are the names of all
    units, of which a wrong one is taken.
    """
    if not (joined["trap"] > 0).any():
        return records
    marks = joined.select(
        ((pl.col("trap") == number_of(trap.name)) & carries(trap)).alias(f"is_{trap.name}")
        for trap in TRAPS
    )
    beside = pl.concat(
        [records, marks, joined.select("number", "told_code", "unit")], how="horizontal"
    )
    wrong: dict[str, list[tuple[str, pl.Expr]]] = {
        "MaHoSo": [
            ("code_collision", pl.col("told_code")),
            ("decomposed_text_and_blanks", pl.col("MaHoSo").str.to_lowercase() + "  "),
            ("unknown_unit", _NOBODYS_UNIT + pl.col("MaHoSo").str.slice(13)),
            ("no_code", pl.lit("")),
            ("code_is_na", pl.lit("NA")),
        ],
        "MaTTHC": [
            ("long_procedure_code", pl.col("MaTTHC") + _SUFFIX_OF_LONG_CODES),
            ("home_made_procedure_code", pl.format("HG.{}", pl.col("number") % 97)),
        ],
        "DonViXuLy": [
            ("decomposed_text_and_blanks", pl.col("DonViXuLy").str.normalize("NFD") + " "),
            ("unknown_unit", pl.lit("Bộ phận không có thật")),
            ("other_unit_name", _another_name(names)),
        ],
        "SoGiayToChuHoSo": [("fake_identity", pl.lit("000000001"))],
        "HoSoCoThanhPhanSoHoa": [
            ("digitized_flag_wrong", pl.col("HoSoCoThanhPhanSoHoa").replace({"1": "0", "0": "1"}))
        ],
        "TrangThaiHoSo": [
            ("status_8_as_9", pl.lit("9")),
            ("status_5_or_6_as_9", pl.lit("9")),
            ("unknown_status", pl.lit("99")),
        ],
        "KenhThucHien": [("unknown_channel", pl.lit("7")), ("empty_channel", pl.lit(""))],
        "NgayHenTra": [("far_due_date", "2996" + pl.col("NgayHenTra").str.slice(4))],
        "NgayTiepNhan": [
            ("impossible_date", pl.col("NgayTiepNhan").str.slice(0, 4) + "1332080000"),
            ("twelve_hour_clock_in_words", pl.col("NgayTiepNhan").str.slice(0, 8) + " 02:30 CH"),
            ("reception_lost", pl.lit("")),
        ],
        "NgayKetThucXuLy": [
            ("finish_in_future", "2080" + pl.col("NgayKetThucXuLy").str.slice(4)),
            ("finish_before_reception", "2008" + pl.col("NgayKetThucXuLy").str.slice(4)),
            ("finish_lost", pl.lit("")),
            ("finish_only_as_return", pl.lit("")),
        ],
        "NgayTra": [("finish_lost", pl.lit(""))],
    }
    for name in _TIMES:
        kinds = [
            ("iso_times", _iso(name)),
            ("times_at_midnight", _unless_empty(name, pl.col(name).str.slice(0, 8) + "000000")),
            ("zero_dates", pl.when(pl.col(name) == "").then(pl.lit(_ZERO)).otherwise(name)),
        ]
        wrong[name] = [*wrong.get(name, []), *kinds]
    return beside.with_columns(*_put(wrong), _negative_fees().alias("DanhSachLePhi")).select(
        records.columns
    )


def _put(wrong: Mapping[str, list[tuple[str, pl.Expr]]]) -> list[pl.Expr]:
    columns: list[pl.Expr] = []
    for name, cases in wrong.items():
        value = pl.col(name)
        for trap, text in cases:
            value = pl.when(pl.col(f"is_{trap}")).then(text).otherwise(value)
        columns.append(value.alias(name))
    return columns


def _unless_empty(name: str, text: pl.Expr) -> pl.Expr:
    return pl.when(pl.col(name) == "").then(pl.lit("")).otherwise(text)


def _iso(name: str) -> pl.Expr:
    part = pl.col(name).str
    text = pl.format(
        "{}-{}-{}T{}:{}:{}.000",
        part.slice(0, 4), part.slice(4, 2), part.slice(6, 2),
        part.slice(8, 2), part.slice(10, 2), part.slice(12, 2),
    )  # fmt: skip
    return _unless_empty(name, text)


def _another_name(names: pl.Series) -> pl.Expr:
    """The name of the next unit of the list, which is another one's."""
    following = pl.concat([names[1:], names[:1]])
    other = dict(zip(names.to_list(), following.to_list(), strict=True))
    return pl.col("DonViXuLy").replace(other)


def _negative_fees() -> pl.Expr:
    item = pl.element().struct
    turned = pl.col("DanhSachLePhi").list.eval(
        item.with_fields(Gia=pl.lit("-") + item.field("Gia"))
    )
    return pl.when(pl.col("is_negative_fee")).then(turned).otherwise("DanhSachLePhi")
