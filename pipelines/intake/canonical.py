"""The canonical record: which fields are allowed in, and what kind of value each may hold.

Names are those of the national sync services `DongBoHoSoMC` and `CapNhatTienDoHoSoMC`; a
field that is not listed here never passes the reader (Law 91/2025/QH15: data minimisation).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["code", "enum", "time", "number", "listed", "present"]
Feed = Literal["dossiers", "progress"]

ALLOW_LIST_VERSION = "2"


@dataclass(frozen=True)
class Field:
    """One allowed field. `present` keeps only whether there was a value: "1" or "0"."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class ListField:
    """An allowed list of sub-records with its allowed fields."""

    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Record:
    """The canonical shape of a feed."""

    feed: Feed
    fields: tuple[Field, ...]
    lists: tuple[ListField, ...] = ()


def _fields(kind: Kind, names: str) -> tuple[Field, ...]:
    return tuple(Field(name, kind) for name in names.split())


DOSSIER = Record(
    feed="dossiers",
    fields=(
        *_fields("code", "MaHoSo MaTTHC MaLinhVuc NoiNopHoSo"),
        *_fields("listed", "DonViXuLy"),
        *_fields("enum", "KenhThucHien LoaiDoiTuong TrangThaiHoSo HinhThuc"),
        *_fields("enum", "HoSoCoThanhPhanSoHoa TaiKhoanDuocXacThucVoiVNeID"),
        *_fields("enum", "DuocThanhToanTrucTuyen"),
        *_fields("time", "NgayNopHoSo NgayTiepNhan NgayHenTra NgayKetThucXuLy NgayTra NgayTuChoi"),
        *_fields("enum", "has_digitized_component has_reused_component has_e_result"),
        *_fields("number", "fee_amount supplement_n"),
    ),
    lists=(
        ListField("DSKetNoiCSDL", _fields("code", "MaCSDL")),
        ListField(
            "TaiLieuNop",
            (
                *_fields("code", "MaThanhPhanHoSo"),
                *_fields("enum", "DuocSoHoa DuocTaiSuDung DuocLayTuKhoDMQG IsDeleted"),
            ),
        ),
        ListField(
            "DanhSachLePhi",
            (
                *_fields("code", "MaPhiLePhi"),
                *_fields("enum", "HinhThucThu LoaiPhiLePhi"),
                *_fields("number", "Gia"),
            ),
        ),
        ListField(
            "DanhSachHoSoBoSung",
            (
                *_fields("code", "HoSoBoSungId"),
                *_fields("enum", "TrangThaiBoSung"),
                *_fields("time", "NgayBoSung NgayTiepNhanBoSung NgayHenTraTruoc NgayHenTraMoi"),
            ),
        ),
        ListField(
            "DanhSachGiayToKetQua",
            (
                *_fields("code", "MaGiayToKetQua GiayToId MaThanhPhanHoSo"),
                *_fields("present", "DuongDanTepTinKetQua"),
            ),
        ),
    ),
)

PROGRESS = Record(
    feed="progress",
    fields=(
        *_fields("code", "MaHoSo"),
        *_fields("listed", "ChucDanh PhongBanXuLy"),
        *_fields("enum", "TrangThai"),
        *_fields("time", "ThoiDiemXuLy NgayBatDau NgayKetThucTheoQuyDinh"),
    ),
)

RECORDS: dict[Feed, Record] = {"dossiers": DOSSIER, "progress": PROGRESS}
