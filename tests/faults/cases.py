"""The table of faults: what a shop sends, and the line, outcome and counts it must give."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.faults.shops import TOKEN, Shops, page, record

Build = Callable[[Shops, str], None]
ALL_TAKEN = (2, 2, 0, 0)
ONE_BAD = (3, 2, 0, 1)
NOTHING = (0, 0, 0, 0)

HEADER = (
    "Mã hồ sơ,Mã thủ tục,Mã lĩnh vực,Kênh tiếp nhận,Ngày nộp,Ngày tiếp nhận,Ngày hẹn trả,"
    "Tình trạng,Ngày xử lý xong,Đơn vị xử lý,Lệ phí,Chủ hồ sơ,Số điện thoại"
)
ROW = (
    "000.00.30.H22-250303-{:04d},1.001000,HT,Trực tiếp,03/03/2025 08:00:00,03/03/2025 08:00:00,"
    "10/03/2025 17:00:00,Đã xử lý xong,07/03/2025 10:00:00,Huyện Vị Xuyên,10000,"
    "Công Dân Tổng Hợp Bí Mật,0912345678"
)


@dataclass(frozen=True)
class Fault:
    """`line` is what follows `source: `, None where there is nothing to say.

    `counts` are records in, accepted, unchanged, quarantined; `rule` is (field, rule) of the
    quarantined record.
    """

    sentence: str
    build: Build
    line: str | None
    status: str = "ok"
    counts: tuple[int, int, int, int] = ONE_BAD
    rule: tuple[str, str] | None = None

    @property
    def source(self) -> str:
        """The id of the source that has the fault."""
        return "-".join(self.sentence.split())


def _bad_record(sentence: str, field: str, rule: str, bad: object) -> Fault:
    """The second of three records is bad."""
    return Fault(
        sentence,
        lambda shops, name: shops.rest(name, page([record(1), bad, record(3)])),
        f"{field}: {rule}: 1 quarantined" if field else f"{rule}: 1 quarantined",
        rule=(field, rule),
    )


def _bad_value(sentence: str, rule: str, field: str, **changed: object) -> Fault:
    return _bad_record(sentence, field, rule, record(2, **changed))


RECORDS = [
    _bad_value("reception on a day that does not exist", "impossible_date", "NgayTiepNhan",
               NgayTiepNhan="20250231090000"),
    _bad_value("due date that is a word", "impossible_date", "NgayHenTra", NgayHenTra="mai"),
    _bad_value("supplement on a day that does not exist", "impossible_date",
               "DanhSachHoSoBoSung", DanhSachHoSoBoSung=[{"NgayBoSung": "20251345000000"}]),
    _bad_value("unreadable time in the envelope", "impossible_date", "updated_at",
               updated_at="hôm qua"),
    _bad_value("unknown status code", "unknown_code", "TrangThaiHoSo", TrangThaiHoSo="11"),
    _bad_value("words of a citizen in place of the status", "unknown_code", "TrangThaiHoSo",
               TrangThaiHoSo="gọi số 0912345678"),
    _bad_value("unknown channel", "unknown_code", "KenhThucHien", KenhThucHien="4"),
    _bad_value("record without an id", "no_code", "MaHoSo", MaHoSo=...),
    _bad_value("record with an empty id", "no_code", "MaHoSo", MaHoSo=""),
    _bad_value("citizen number in place of the id", "no_code", "MaHoSo", MaHoSo="001085012345"),
    _bad_record("element that is no record", "", "not_a_record", "xin chào"),
    _bad_record("element that is null", "", "not_a_record", None),
    _bad_value("object in place of a code", "wrong_type", "MaTTHC", MaTTHC={"ma": "1.001000"}),
    _bad_value("text in place of a list", "wrong_type", "TaiLieuNop", TaiLieuNop="một tờ"),
    _bad_value("negative fee", "bad_fee", "DanhSachLePhi", DanhSachLePhi=[{"Gia": "-5000"}]),
    _bad_value("fee that is a word", "bad_fee", "DanhSachLePhi", DanhSachLePhi=[{"Gia": "trăm"}]),
    _bad_value("accepted without reception", "accepted_without_reception", "NgayTiepNhan",
               NgayTiepNhan=""),
    _bad_value("finished without a time", "finished_without_time", "NgayKetThucXuLy",
               NgayKetThucXuLy=""),
    _bad_value("finish before reception", "finish_before_reception", "NgayKetThucXuLy",
               NgayKetThucXuLy="20250303075959"),
    _bad_value("event after tomorrow", "event_in_future", "latest_event",
               NgayKetThucXuLy="20250322060000"),
    _bad_value("due date eleven years ahead", "due_too_far", "NgayHenTra",
               NgayHenTra="20360310170000"),
    _bad_value("unit that nobody knows", "unknown_unit", "MaHoSo",
               MaHoSo="999.99.99.H99-250303-0002", DonViXuLy="Xã Không Có"),
    _bad_value("code of another dossier", "dossier_code_collision", "MaHoSo",
               MaHoSo="000.00.30.H22-250303-0001", MaTTHC="1.001025",
               NgayNopHoSo="20250304080000", NgayTiepNhan="20250304080000",
               updated_at="2025-03-09T01:00:00"),
]  # fmt: skip


def _rest(*answers: str | dict[str, object], **changed: object) -> Build:
    return lambda shops, name: shops.rest(name, *answers, **changed)


def _file(file: str, content: str | bytes, **changed: object) -> Build:
    body = content.encode() if isinstance(content, str) else content
    return lambda shops, name: shops.files(name, file, body, **changed)


def _entry(**entry: object) -> Build:
    return lambda shops, name: shops.add(name, **entry)


_TWO = page([record(1), record(2)])
_FIRST_OF_TWO = page([record(1), record(2)], "2")
_CUT = page([record(3), record(4)])[:-40]
_BEARER: dict[str, Any] = {"auth": {"kind": "bearer", "env": "SHOP_TOKEN"}}
_FILES = {"path": "inbox/nobody/*"}
_TABLE = "\n".join([HEADER, *(ROW.format(n) for n in (1, 2, 3))]) + "\n"

PAGES = [
    Fault("page that is cut once and whole when asked again",
          _rest(_CUT, page([record(3), record(4)])), None, counts=ALL_TAKEN),
    Fault("first page that stays cut", _rest(_CUT),
          r"page: the answer is cut or is no JSON, \d+ bytes, 4 tries \[truncated_page\]",
          "failed", NOTHING),
    Fault("second page that stays cut", _rest(_FIRST_OF_TWO, _CUT),
          r"page: the answer is cut or is no JSON, \d+ bytes, 4 tries \[truncated_page\]",
          "partial", ALL_TAKEN),
    Fault("wrong token", _rest({"body": _TWO, "token": TOKEN}, rest=_BEARER),
          r"rest.auth: the token in SHOP_TOKEN was refused \(HTTP 401\) \[unauthorized\]",
          "failed", NOTHING),
    Fault("token that is not in the environment",
          _rest(_TWO, rest={"auth": {"kind": "bearer", "env": "TOKEN_OF_NOBODY"}}),
          r"rest.auth.env: TOKEN_OF_NOBODY is not set \[no_token\]", "failed", NOTHING),
    Fault("server that is down",
          _entry(kind="rest", rest={"url": "http://127.0.0.1:9/dossiers"}),
          r"rest.url: no answer \(ConnectError\) after 4 tries \[unreachable\]",
          "failed", NOTHING),
    Fault("server that fails", _rest({"body": "oops", "status": 500}),
          r"rest.url: HTTP 500 after 4 tries \[http_500\]", "failed", NOTHING),
    Fault("server that fails once", _rest({"body": "oops", "status": 503}, _TWO), None,
          counts=ALL_TAKEN),
    Fault("address that is gone", _rest({"body": "{}", "status": 404}),
          r"rest.url: HTTP 404 \[http_404\]", "failed", NOTHING),
    Fault("answer without a list of records", _rest(json.dumps({"result": []})),
          r"page: no list of records under 'data', \d+ bytes, 4 tries \[unexpected_answer\]",
          "failed", NOTHING),
    Fault("cursor that stays", _rest(_FIRST_OF_TWO, page([record(3), record(4)], "2")),
          r"rest.next: the cursor stays at '2' \[unexpected_answer\]", "partial", (4, 4, 0, 0)),
    Fault("same record twice", _rest(page([record(1), record(1), record(2)])), None,
          counts=(3, 2, 1, 0)),
    Fault("same dossier told anew",
          _rest(page([record(1), record(1, HinhThuc="1", updated_at="2025-03-09T01:00:00")])),
          None, counts=ALL_TAKEN),
    Fault("right token",
          _rest({"body": _TWO, "token": TOKEN},
                rest={"auth": {"kind": "bearer", "env": "GOOD_TOKEN"}}),
          None, counts=ALL_TAKEN),
]  # fmt: skip

ENTRIES = [
    Fault("kind that nobody knows", _entry(kind="ftp"),
          r"kind: 'ftp' is not one of rest, files, database \[bad_source\]", "failed", NOTHING),
    Fault("feed that nobody knows", _entry(kind="files", files=_FILES, feed="weather"),
          r"feed: 'weather' is not one of dossiers, progress \[bad_source\]", "failed", NOTHING),
    Fault("missing section", _entry(kind="rest"),
          r"rest: the section is missing \[bad_source\]", "failed", NOTHING),
    Fault("address that is none", _entry(kind="rest", rest={"url": "shop.example"}),
          r"rest.url: String should match pattern '\^https\?://' \[bad_source\]",
          "failed", NOTHING),
    Fault("field that is not in the form", _entry(kind="files", files=_FILES, colour="red"),
          r"colour: Extra inputs are not permitted \[bad_source\]", "failed", NOTHING),
    Fault("bearer without its variable",
          _entry(kind="rest", rest={"url": "http://127.0.0.1:9", "auth": {"kind": "bearer"}}),
          r"rest.auth: env is needed: .* \[bad_source\]", "failed", NOTHING),
    Fault("dialect that nobody knows", _rest(_TWO, dialect="klingon"),
          r"dialect: 'klingon' is not one of .* and no such file exists \[bad_dialect\]",
          "failed", NOTHING),
    Fault("dialect with a precision that is none", _rest(_TWO, dialect="faulty.yml"),
          r"dialect faulty.yml: precision: Input should be 'second', 'day' or 'guess' "
          r"\[bad_dialect\]", "failed", NOTHING),
]  # fmt: skip

FILES = [
    Fault("table that is sound", _file("a.csv", _TABLE, dialect="shop-csv"), None,
          counts=(3, 3, 0, 0)),
    Fault("table with a line that has a cell too many",
          _file("a.csv", _TABLE.replace("0002,", "0002,,"), dialect="shop-csv"),
          "malformed_row: 1 quarantined", rule=("", "malformed_row")),
    Fault("table with a line that breaks off",
          _file("a.csv", _TABLE.replace(ROW.format(2), ROW.format(2)[:60]), dialect="shop-csv"),
          "malformed_row: 1 quarantined", rule=("", "malformed_row")),
    Fault("table without its header",
          _file("a.csv", _TABLE.split("\n", 1)[1], dialect="shop-csv"),
          r"files.path: a.csv: no column 'Mã hồ sơ' in the first 4 lines \[header_missing\]",
          "failed", NOTHING),
    Fault("table of wide characters with a mark",
          _file("a.csv", _TABLE.encode("utf-16"), dialect="shop-csv"), None, counts=(3, 3, 0, 0)),
    Fault("table of wide characters without a mark",
          _file("a.csv", _TABLE.encode("utf-16-le"), dialect="shop-csv"),
          r"files.path: a.csv: the bytes are no text \[wrong_encoding\]", "failed", NOTHING),
    Fault("table with a damaged letter in a line",
          _file("a.csv", _TABLE.encode().replace("Bí".encode(), b"B\xed", 1), dialect="shop-csv"),
          "malformed_row: 1 quarantined", counts=(3, 2, 0, 1)),
    Fault("table with a line of totals",
          _file("a.csv", _TABLE.replace(ROW.format(2), ",,,,,,,,,Tổng cộng: 2,20000,,"),
                dialect="shop-csv"),
          "total_row: 1 quarantined", rule=("", "total_row")),
    Fault("lines of records of which one is broken",
          _file("a.ndjson", "\n".join([json.dumps(record(1)), json.dumps(record(2))[:-30],
                                       json.dumps(record(3))])),
          "malformed_row: 1 quarantined", rule=("", "malformed_row")),
    Fault("lines of records of which one is a list",
          _file("a.ndjson", "\n".join([json.dumps(record(1)), "[1]", json.dumps(record(3))])),
          "not_a_record: 1 quarantined", rule=("", "not_a_record")),
    Fault("workbook that is none", _file("a.xlsx", b"PK\x03\x04" + bytes(100)),
          r"files.path: a.xlsx: the workbook is cut or is none \[unreadable_file\]",
          "failed", NOTHING),
    Fault("columnar file that is none", _file("a.parquet", b"PAR1" + bytes(100)),
          r"files.path: a.parquet: the Parquet file is cut or is none \[truncated_file\]",
          "failed", NOTHING),
    Fault("archive that is cut", _file("a.zip", b"PK\x03\x04" + bytes(100)),
          r"files.path: a.zip: the archive is cut or is none \[truncated_file\]",
          "failed", NOTHING),
    Fault("file of records that is sound", _file("a.json", json.dumps([record(1), record(2)])),
          None, counts=ALL_TAKEN),
    Fault("file of records that is cut", _file("a.json", json.dumps([record(1)])[:-30]),
          r"files.path: a.json: the answer is cut or is no JSON \[truncated_page\]",
          "failed", NOTHING),
    Fault("compressed file that is cut",
          _file("a.json.gz", gzip.compress(json.dumps([record(1)]).encode())[:-20]),
          r"files.path: a.json.gz: the compressed file is cut \[truncated_file\]",
          "failed", NOTHING),
]  # fmt: skip

FAULTS = [*RECORDS, *PAGES, *ENTRIES, *FILES]
