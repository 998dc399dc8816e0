"""Dossier records as the national sync service `DongBoHoSoMC` has them: all values text.

A record is rendered as it stood at the event of its version: what happened later is empty.
The personal fields are filled with invented content that no person bears (identity numbers of
the 24th century, phone numbers of zeros): the reader must drop them, and a test can see it.
"""

from __future__ import annotations

import polars as pl

from pipelines.simulator.course import REFUSED, RESOLVED, STOPPED, WITHDRAWN
from pipelines.simulator.plan import (
    DIGITS_ALL,
    DIGITS_DELETED,
    DIGITS_FIRST,
    DIGITS_NONE,
    ELECTRONIC,
    NO_PAYMENT,
)
from pipelines.simulator.timeline import VERSION_EVENTS
from pipelines.simulator.waits import SUPPLEMENT

TIME_FORMAT = "%Y%m%d%H%M%S"
_STATUS = {
    "submitted": "1", "not_accepted": "3", "accepted": "2", "transferred": "4",
    "wait1_to": "4", "wait2_to": "4", "returned": "10",
}  # fmt: skip
_CLOSED = {RESOLVED: "9", WITHDRAWN: "7", REFUSED: "3", STOPPED: "8"}
_FEES = (20_000, 50_000, 100_000, 150_000, 300_000, 500_000)
_REUSED_KINDS, _STORE_KINDS, _DIGIT_KINDS = 3, 2, 4


def known(name: str) -> pl.Expr:
    """A moment of the plan, null where it lies after the version's event."""
    return pl.when(pl.col(name) <= pl.col("at")).then(pl.col(name))


def as_text(moment: pl.Expr, time_format: str = TIME_FORMAT) -> pl.Expr:
    """A moment as text, empty where absent."""
    return moment.dt.strftime(time_format).fill_null("")


def is_accepted() -> pl.Expr:
    """Whether the dossier is accepted by the version's event."""
    return (pl.col("accepted") <= pl.col("at")).fill_null(value=False)


class Renderer:
    """Renders slices of versions; the lists of components come from a table made once."""

    def __init__(self, units: pl.DataFrame, catalogue: pl.DataFrame) -> None:
        """`units` of `Network`, `catalogue` of `read_catalogue`."""
        self._units = units.select(
            pl.col("unit").cast(pl.Int32), unit_name="name_vi", edoc_code="edoc_code"
        )
        self._procedures = catalogue.with_row_index("procedure").select(
            pl.col("procedure").cast(pl.Int32),
            MaTTHC="procedure_code",
            TenTTHC="name_vi",
            MaLinhVuc="field_code",
            TenLinhVuc="field_name_vi",
        )
        self._components = component_table(catalogue)

    def versions(self, plan: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
        """Plan columns, names and `status` beside each version of a slice, in its order."""
        beside = pl.concat([versions, plan[versions["row"]]], how="horizontal")
        joined = beside.join(self._units, on="unit", how="left", maintain_order="left").join(
            self._procedures, on="procedure", how="left", maintain_order="left"
        )
        return joined.with_columns(status=status())

    def national(self, joined: pl.DataFrame, time_format: str = TIME_FORMAT) -> pl.DataFrame:
        """Records with `updated_at`, in the order of the slice."""
        scalars = joined.select(pl.col("updated_at"), *scalar_fields(time_format))
        variant = (
            pl.when(is_accepted()).then("digits").otherwise(DIGITS_NONE).cast(pl.Int64)
            * (_REUSED_KINDS * _STORE_KINDS)
            + pl.col("reused") * _STORE_KINDS
            + pl.col("from_store")
        )
        size = _DIGIT_KINDS * _REUSED_KINDS * _STORE_KINDS
        index = joined.select(pl.col("procedure").cast(pl.Int64) * size + variant).to_series()
        lists = joined.select(
            DSKetNoiCSDL=_connections(),
            DanhSachLePhi=_fees(),
            DanhSachGiayToKetQua=_results(),
        )
        components = self._components[index].alias("TaiLieuNop")
        supplements = _supplements(joined, time_format).alias("DanhSachHoSoBoSung")
        return pl.concat(
            [scalars, components.to_frame(), lists, supplements.to_frame()], how="horizontal"
        )


def status() -> pl.Expr:
    """TrangThaiHoSo of the version's event."""
    code = pl.lit(None, dtype=pl.String)
    for number, event in enumerate(VERSION_EVENTS):
        if event in ("wait1_from", "wait2_from"):
            value = pl.col(event.removesuffix("_from")).cast(pl.String)
        elif event == "closed":
            value = pl.col("outcome").replace_strict(_CLOSED, default="9", return_dtype=pl.String)
        else:
            value = pl.lit(_STATUS[event])
        code = pl.when(pl.col("event") == number).then(value).otherwise(code)
    return code


def scalar_fields(time_format: str) -> list[pl.Expr]:
    """The fields that are no lists, in the order of the national description."""
    number = pl.col("number").cast(pl.String)
    closed = known("closed")
    not_accepted = known("not_accepted")
    is_refused = pl.col("outcome") == REFUSED
    digitized = pl.col("digits").is_in([DIGITS_ALL, DIGITS_FIRST]) & is_accepted()
    return [
        pl.col("dossier_code").alias("MaHoSo"),
        pl.col("MaTTHC"),
        pl.col("TenTTHC"),
        pl.col("MaLinhVuc"),
        pl.col("TenLinhVuc"),
        pl.format("BN-{}", number).alias("SoBienNhan"),
        pl.col("channel").cast(pl.String).alias("KenhThucHien"),
        pl.format("Công dân tổng hợp {}", number).alias("ChuHoSo"),
        pl.format("002900{}", (pl.col("number") % 1_000_000).cast(pl.String).str.zfill(6)).alias(
            "SoGiayToChuHoSo"
        ),
        pl.col("applicant").cast(pl.String).alias("LoaiDoiTuong"),
        pl.format("DT-{}", number).alias("MaDoiTuong"),
        pl.lit("Dữ liệu mô phỏng").alias("ThongTinKhac"),
        pl.lit("Dữ liệu mô phỏng").alias("GhiChu"),
        pl.lit("Nhận tại địa chỉ mô phỏng").alias("ThongTinTra"),
        pl.format("cong-dan-{}@example.com", number).alias("Email"),
        pl.lit("").alias("Fax"),
        pl.format("0000{}", (pl.col("number") % 1_000_000).cast(pl.String).str.zfill(6)).alias(
            "SoDienThoai"
        ),
        pl.format("Hồ sơ mô phỏng của công dân tổng hợp {}", number).alias("TrichYeuHoSo"),
        as_text(pl.col("submitted"), time_format).alias("NgayNopHoSo"),
        as_text(known("accepted"), time_format).alias("NgayTiepNhan"),
        as_text(pl.when(is_accepted()).then("due"), time_format).alias("NgayHenTra"),
        pl.col("status").alias("TrangThaiHoSo"),
        as_text(pl.when(~is_refused).then(closed), time_format).alias("NgayKetThucXuLy"),
        as_text(known("returned"), time_format).alias("NgayTra"),
        as_text(pl.coalesce(not_accepted, pl.when(is_refused).then(closed)), time_format).alias(
            "NgayTuChoi"
        ),
        pl.col("by_post_return").cast(pl.String).alias("HinhThuc"),
        pl.col("unit_name").alias("DonViXuLy"),
        pl.col("edoc_code").alias("NoiNopHoSo"),
        digitized.cast(pl.Int8).cast(pl.String).alias("HoSoCoThanhPhanSoHoa"),
        pl.col("vneid").cast(pl.String).alias("TaiKhoanDuocXacThucVoiVNeID"),
        pl.col("payment").cast(pl.String).alias("DuocThanhToanTrucTuyen"),
        pl.concat_list(
            pl.struct(
                LoaiDinhDanh=pl.lit("CCCD"),
                SoDinhDanh=pl.format(
                    "002900{}", (pl.col("number") % 1_000_000).cast(pl.String).str.zfill(6)
                ),
            )
        ).alias("DinhDanhCHS"),
    ]


def fee_amount() -> pl.Expr:
    """The fee in đồng, 0 where none is due; depends on the procedure."""
    fees = dict(enumerate(_FEES))
    amount = (pl.col("procedure") % len(_FEES)).replace_strict(fees, return_dtype=pl.Int64)
    return pl.when(pl.col("payment") == NO_PAYMENT).then(0).otherwise(amount)


def has_result() -> pl.Expr:
    """Whether a resolved dossier's result is told by the version's event."""
    return (pl.col("result") > 0) & (pl.col("closed") <= pl.col("at")).fill_null(value=False)


def component_table(catalogue: pl.DataFrame) -> pl.Series:
    """The list of components for every procedure and variant (digits, reused, from store)."""
    variants = pl.DataFrame({"digits": range(_DIGIT_KINDS)}).join(
        pl.DataFrame({"reused": range(_REUSED_KINDS)}), how="cross"
    ).join(pl.DataFrame({"store": range(_STORE_KINDS)}), how="cross")  # fmt: skip
    long = (
        catalogue.select("procedure_code", "components_due")
        .with_row_index("procedure")
        .join(variants, how="cross", maintain_order="left_right")
        .with_row_index("bundle")
        .with_columns(position=pl.int_ranges(1, pl.col("components_due") + 1))
        .explode("position", empty_as_null=True, keep_nulls=True)
    )
    is_first = pl.col("position") == 1
    digits = pl.col("digits")
    scanned = (
        (digits == DIGITS_ALL)
        | ((digits == DIGITS_FIRST) & is_first)
        | ((digits == DIGITS_DELETED) & is_first)
    )
    code = pl.format("{}-TP{}", "procedure_code", pl.col("position").cast(pl.String).str.zfill(2))
    return (
        long.select(
            "bundle",
            item=pl.struct(
                MaThanhPhanHoSo=code,
                DuocSoHoa=_flag(scanned),
                DuocTaiSuDung=pl.when(is_first).then(pl.col("reused")).otherwise(0).cast(pl.String),
                DuocLayTuKhoDMQG=_flag(is_first & (pl.col("store") == 1)),
                IsDeleted=_flag((digits == DIGITS_DELETED) & is_first),
                TenTepDinhKem=pl.format("tong-hop-{}.pdf", code),
                DuongDanTaiTepTin=pl.format("https://example.com/tep/{}.pdf", code),
            ),
        )
        .group_by("bundle", maintain_order=True)
        .agg("item")["item"]
    )


def _flag(condition: pl.Expr) -> pl.Expr:
    return pl.when(condition).then(pl.lit("1")).otherwise(pl.lit("0"))


def _listed(condition: pl.Expr, item: pl.Expr) -> pl.Expr:
    """A list of one item where the condition holds, else an empty list."""
    return pl.concat_list(item).list.head(condition.fill_null(value=False).cast(pl.Int64))


def _connections() -> pl.Expr:
    is_verified = pl.col("vneid") == 1
    base = pl.when(is_verified).then(pl.lit("CSDLQG-DC")).otherwise(pl.lit(""))
    return _listed(is_verified, pl.struct(MaCSDL=base))


def _fees() -> pl.Expr:
    item = pl.struct(
        MaPhiLePhi=pl.format("LP-{}", "MaTTHC"),
        HinhThucThu=pl.lit("1"),
        Gia=fee_amount().cast(pl.String),
        LoaiPhiLePhi=pl.lit("1"),
    )
    return _listed((pl.col("payment") != NO_PAYMENT) & is_accepted(), item)


def _supplements(joined: pl.DataFrame, time_format: str) -> pl.Series:
    """The lists of supplements; rendered for the few dossiers that have one."""
    has_one = joined.select(
        pl.any_horizontal(pl.col("wait1", "wait2") == SUPPLEMENT).alias("has_one")
    ).to_series()
    first, second = (_is_told(number).cast(pl.Int64) for number in (1, 2))
    both = pl.concat_list(_supplement(number, time_format) for number in (1, 2))
    lists = joined.filter(has_one).select(both.list.slice(1 - first, first + second)).to_series()
    none = pl.Series([[]], dtype=lists.dtype)
    place = pl.when(has_one).then(has_one.cum_sum() - 1).otherwise(len(lists))
    index = pl.select(place.cast(pl.Int64)).to_series()
    return pl.concat([lists.rename(""), none], rechunk=True)[index]


def _supplement(number: int, time_format: str) -> pl.Expr:
    ended = known(f"wait{number}_to")
    moved = pl.when(ended.is_not_null()).then(f"due{number}")
    before = pl.col("due") if number == 1 else pl.coalesce("due1", "due")
    return pl.struct(
        HoSoBoSungId=pl.format("BS-{}-{}", "number", pl.lit(number)),
        NguoiYeuCauBoSung=pl.lit("Cán bộ tổng hợp"),
        NoiDungBoSung=pl.lit("Nội dung mô phỏng"),
        NgayBoSung=as_text(known(f"wait{number}_from"), time_format),
        NgayTiepNhanBoSung=as_text(ended, time_format),
        TrangThaiBoSung=_flag(ended.is_not_null()),
        NgayHenTraTruoc=as_text(before, time_format),
        NgayHenTraMoi=as_text(moved, time_format),
    )


def _is_told(number: int) -> pl.Expr:
    is_one = pl.col(f"wait{number}") == SUPPLEMENT
    return (is_one & (pl.col(f"wait{number}_from") <= pl.col("at"))).fill_null(value=False)


def _results() -> pl.Expr:
    """An electronic result has a file; a paper one is listed without."""
    path = pl.format("https://example.com/ket-qua/{}.pdf", "number")
    item = pl.struct(
        MaGiayToKetQua=pl.format("KQ-{}", "MaTTHC"),
        GiayToId=pl.format("GT-{}", "number"),
        MaThanhPhanHoSo=pl.lit(""),
        DuongDanTepTinKetQua=pl.when(pl.col("result") == ELECTRONIC)
        .then(path)
        .otherwise(pl.lit("")),
    )
    return _listed(has_result(), item)
