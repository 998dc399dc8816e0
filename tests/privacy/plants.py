"""Personal values of nobody, planted where they belong, where they do not, and where none can be.

Every text is synthetic and occurs once: what is found later says where it came from.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipelines.intake.canonical import RECORDS
from pipelines.intake.dialects import Dialect

SURNAMES = [
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vừ", "Giàng", "Đặng", "Nông", "Lò", "Ma",
    "Sùng",
]  # fmt: skip
MIDDLES = [
    "Văn", "Thị", "Đức", "Mí", "Seo", "Quốc", "Hữu", "Minh", "Thu", "Bích",
]  # fmt: skip
GIVEN = [
    "Phượng", "Khuyến", "Dĩnh", "Ngoãn", "Tuệ", "Hiếu", "Sử", "Chơ", "Páo", "Nhụy",
    "Thắng", "Quỳnh", "Trạch", "Vũ", "Xuyến",
]  # fmt: skip
PLACES = [
    "Lũng Vài", "Nà Khương", "Pả Vi", "Sủng Là", "Tả Lủng", "Khau Vai", "Bản Máy",
    "Nậm Ty",
]  # fmt: skip

Row = dict[str, Any]


@dataclass(frozen=True)
class Plant:
    """A planted text, what kind of value it is, and where it was put."""

    text: str
    kind: str
    place: str


def bare(text: str) -> str:
    """A text without its accents, as people write it into a field for codes."""
    folded = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


class People:
    """Draws texts, each once."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._drawn: set[str] = set()

    def draw(self, kind: str) -> str:
        """A text of a kind that was not drawn before."""
        while (text := KINDS[kind](self)) in self._drawn:
            pass
        self._drawn.add(text)
        return text

    def digits(self, number: int) -> str:
        """A row of digits; the last is no zero, so that it is no amount in thousands."""
        return (
            f"{self.random.randrange(10 ** (number - 1)):0{number - 1}}{self.random.randint(1, 9)}"
        )

    def name(self) -> str:
        """A full name with accents."""
        choose = self.random.choice
        return f"{choose(SURNAMES)} {choose(MIDDLES)} {choose(GIVEN)} {choose(GIVEN)}"

    def phone(self) -> str:
        """Ten digits, of a mobile network."""
        return f"0{self.random.choice('35789')}{self.digits(8)}"

    def citizen(self) -> str:
        """Twelve digits: province, century and gender, year, the rest."""
        return f"0{self.random.randint(1, 96):02}{self.random.randint(0, 3)}{self.digits(8)}"


def _grouped(text: str, sizes: tuple[int, ...], separator: str) -> str:
    parts: list[str] = []
    for size in sizes:
        parts.append(text[:size])
        text = text[size:]
    return separator.join(parts)


KINDS: dict[str, Callable[[People], str]] = {
    "name": People.name,
    "name decomposed": lambda p: unicodedata.normalize("NFD", p.name()),
    "name upper case": lambda p: p.name().upper(),
    "name as a code": lambda p: p.random.choice("-._").join(bare(p.name()).upper().split()),
    "name in one": lambda p: bare(p.name()).replace(" ", ""),
    "name in small letters": lambda p: bare(p.name()).lower().replace(" ", "."),
    "citizen": People.citizen,
    "citizen in groups": lambda p: _grouped(p.citizen(), (3, 3, 3, 3), p.random.choice(" .-")),
    "old id": lambda p: f"{p.random.choice('123')}{p.digits(8)}",
    "old id marked": lambda p: f"CMND-{p.random.choice('123')}{p.digits(8)}",
    "phone": People.phone,
    "phone in groups": lambda p: _grouped(p.phone(), (4, 3, 3), p.random.choice(" .-")),
    "phone abroad": lambda p: f"+84{p.phone()[1:]}",
    "phone after a mark": lambda p: f"SDT-{p.phone()}",
    "email": lambda p: f"{bare(p.name()).lower().replace(' ', '.')}@thu-{p.digits(3)}.example",
    "address": lambda p: f"Số {p.digits(3)} thôn {p.random.choice(PLACES)}, cạnh nhà {p.name()}",
    "request": lambda p: f"Xin cấp lại giấy cho {p.name()}, gọi {p.phone()}",
}

PERSONAL = [
    "ChuHoSo", "SoGiayToChuHoSo", "MaDoiTuong", "ThongTinKhac", "GhiChu", "ThongTinTra",
    "Email", "Fax", "SoDienThoai", "TrichYeuHoSo", "NguoiXuLy", "NoiDungXuLy",
]  # fmt: skip


def sound(number: int, feed: str) -> Row:
    """A sound record in canonical fields; times are moments."""
    begin = datetime(2025, 3, 3, 8) + timedelta(minutes=number)
    if feed == "progress":
        return {
            "MaHoSo": f"000.00.30.H22-250303-{number:04d}",
            "ChucDanh": "Chuyên viên",
            "PhongBanXuLy": "Sở Nội vụ",
            "TrangThai": "4",
            "ThoiDiemXuLy": begin,
            "NgayBatDau": begin,
        }
    return {
        "MaHoSo": f"000.00.30.H22-250303-{number:04d}",
        "MaTTHC": "1.001000",
        "MaLinhVuc": "HT",
        "NoiNopHoSo": "000.00.30.H22",
        "KenhThucHien": "1",
        "LoaiDoiTuong": "1",
        "NgayNopHoSo": begin,
        "NgayTiepNhan": begin,
        "NgayHenTra": begin + timedelta(days=10),
        "NgayKetThucXuLy": begin + timedelta(days=3),
        "TrangThaiHoSo": "9",
        "HinhThuc": "0",
        "DonViXuLy": "Huyện Vị Xuyên",
        "HoSoCoThanhPhanSoHoa": "0",
        "fee_amount": "20000",
        "supplement_n": "0",
    }


LISTS: Row = {
    "DSKetNoiCSDL": {"MaCSDL": "CSDLQG-DC"},
    "TaiLieuNop": {"MaThanhPhanHoSo": "TP1", "DuocSoHoa": "1", "TenTepDinhKem": "x.pdf"},
    "DanhSachLePhi": {"MaPhiLePhi": "LP01", "HinhThucThu": "1", "Gia": "10000"},
    "DanhSachHoSoBoSung": {
        "HoSoBoSungId": "BS-1", "NgayBoSung": "20250304080000", "TrangThaiBoSung": "1",
        "NguoiYeuCau": "x",
    },
    "DanhSachGiayToKetQua": {
        "MaGiayToKetQua": "KQ-1", "GiayToId": "GT-1", "DuongDanTepTinKetQua": "x",
    },
}  # fmt: skip


def said_in(dialect: Dialect, feed: str, row: Row) -> Row:
    """A canonical record in the words of a dialect, flat under its paths."""
    names = {target: source for source, target in dialect.fields.items()}
    form = dialect.time_formats[0]
    said: Row = {}
    for field in RECORDS[feed].fields:  # pyright: ignore[reportArgumentType]
        if field.name not in row or (names and field.name not in names):
            continue
        value = row[field.name]
        if isinstance(value, datetime):
            value = _moment(value, form)
        words = {code: word for word, code in dialect.codes.get(field.name, {}).items()}
        said[names.get(field.name, field.name)] = words.get(value, value)
    return said


def _moment(value: datetime, form: str) -> str:
    if "%" not in form:  # epoch_ms
        return str(int((value - timedelta(hours=7) - datetime(1970, 1, 1)).total_seconds() * 1000))
    return value.strftime(form.replace("%z", "+0700").replace("%3f", "000").replace("%.f", ""))


def nested(flat: Row) -> Row:
    """Dotted paths as objects in objects."""
    whole: Row = {}
    for path, value in flat.items():
        *above, last = path.split(".")
        place = whole
        for part in above:
            place = place.setdefault(part, {})
        place[last] = value
    return whole


def planted_rows(
    people: People, dialect: Dialect, feed: str, count: int, *, is_table: bool, with_lists: bool
) -> Iterator[tuple[Any, Plant]]:
    """`count` records, each with one planted text: places and kinds in an order by chance."""
    base = said_in(dialect, feed, sound(0, feed))
    vouched = {s for s, target in dialect.fields.items() if target in dialect.vocabulary}
    places = [f"field {name}" for name in [*base, *PERSONAL, "Trường lạ", "updated_at"]]
    places += ["name of a field"] if not is_table else []
    if with_lists:
        places += [f"list {outer}.{name}" for outer, one in LISTS.items() for name in one]
        places += ["list as a text", "object for a text", "no record", "list of identities"]
    pairs = [
        (place, kind)
        for place in places
        for kind in KINDS
        # what the author of a dialect vouches for may be any word, but no identity number
        if not (place.removeprefix("field ") in vouched and kind.split()[0] in ("name", "address"))
    ]
    people.random.shuffle(pairs)
    for number in range(1, count + 1):
        place, kind = pairs[number % len(pairs)]
        text = people.draw(kind)
        row = said_in(dialect, feed, sound(number, feed))
        if not is_table:
            row = nested(row)
        if with_lists:
            row |= {outer: [dict(one)] for outer, one in LISTS.items()}
        row.setdefault("updated_at", "2025-03-10 01:00:00")
        yield _plant(row, place, text, is_table=is_table), Plant(text, kind, place)


def _plant(row: Row, place: str, text: str, *, is_table: bool) -> Any:
    what, _, where = place.partition(" ")
    match place.split(" ")[0], place:
        case _, "name of a field":
            return row | {text: "x", f"x-{text}": {"y": text}}
        case _, "list as a text":
            return row | {"TaiLieuNop": text}
        case _, "object for a text":
            return row | {"MaTTHC": {text: text}}
        case _, "no record":
            return text
        case _, "list of identities":
            return row | {"DinhDanhCHS": [{"SoDinhDanh": text, text: [text]}]}
        case "list", _:
            outer, name = where.split(".")
            row[outer][0][name] = text
            return row
        case _:
            assert what == "field"
            return row | ({where: text} if is_table else nested({where: text}))
