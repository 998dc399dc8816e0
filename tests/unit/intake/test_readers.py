"""Forms of file, one property each: what is found, repaired, refused, and counted."""

from __future__ import annotations

import gzip
import io
import unicodedata
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from pipelines.intake.canonical import DOSSIER
from pipelines.intake.dialects import Dialect
from pipelines.intake.files import read_file
from pipelines.intake.readers import Batch, UnreadableError
from pipelines.intake.readers.encodings import find_encoding
from pipelines.intake.readers.legacy import in_tcvn3, in_vni
from pipelines.intake.sources import Files
from pipelines.settings import settings
from pipelines.simulator.tcvn3 import in_tcvn3 as simulated_tcvn3

REFERENCE = settings().reference_dir
CODE = "000.00.30.H22-250303-{:04d}"
SHOP = Dialect(
    name="shop",
    time_formats=("%d/%m/%Y %H:%M",),
    fields={
        "Mã hồ sơ": "MaHoSo", "Mã thủ tục": "MaTTHC", "Ngày nhận": "NgayTiepNhan",
        "Lệ phí": "fee_amount", "Đơn vị": "DonViXuLy", "Tình trạng": "TrangThaiHoSo",
    },
)  # fmt: skip
HEADER = list(SHOP.fields)
Cell = str | float | None


def row(number: int, **cells: Cell) -> list[Cell]:
    usual: dict[str, Cell] = {
        "Mã hồ sơ": CODE.format(number), "Mã thủ tục": "1.001025", "Ngày nhận": "03/03/2025 08:00",
        "Lệ phí": "50000", "Đơn vị": "Xã Đồng Văn", "Tình trạng": "9",
    }  # fmt: skip
    return list((usual | cells).values())


def workbook(*sheets: list[list[Cell]], date_1904: bool = False) -> bytes:
    body = io.BytesIO()
    book = xlsxwriter.Workbook(body, {"in_memory": True, "date_1904": date_1904})
    for rows in sheets:
        sheet = book.add_worksheet()
        for n, cells in enumerate(rows):
            for m, cell in enumerate(cells):
                if cell is not None:
                    sheet.write(n, m, cell) if not isinstance(cell, str) else sheet.write_string(
                        n, m, cell
                    )
    book.close()
    return body.getvalue()


def csv_of(*rows: list[Cell]) -> bytes:
    return "".join(",".join(str(c) for c in cells) + "\n" for cells in rows).encode()


def archive(**members: bytes) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return body.getvalue()


def read(
    tmp_path: Path, name: str, content: bytes, dialect: Dialect = SHOP, mib: int = 2048
) -> pl.DataFrame:
    path = tmp_path / name
    path.write_bytes(content)
    files = Files(path=name, expanded_mib=mib)
    frames = [
        batch.frame
        for batch in read_file(path, files, record=DOSSIER, dialect=dialect, reference=REFERENCE)
    ]
    return pl.concat(frames)


def test_a_header_is_found_below_titles_and_rows_are_counted_from_it(tmp_path: Path) -> None:
    body = workbook([["UBND"], [], ["Sổ"], HEADER, row(1), [], row(2), [None, "Tổng số: 2"]])
    frame = read(tmp_path, "a.xlsx", body)
    assert frame["_position"].to_list() == [1, 3, 4]
    assert frame["_defect"].to_list() == [None, None, "total_row"]
    assert frame["_file"].unique().to_list() == ["a.xlsx#1"]
    assert frame.row(2, named=True)["MaTTHC"] is None


@pytest.mark.parametrize(
    "label", ["Tổng cộng", "TỔNG SỐ: 3", "Tổng", "cộng", unicodedata.normalize("NFD", "Tổng cộng")]
)
def test_a_row_of_totals_is_a_rule_of_its_own(tmp_path: Path, label: str) -> None:
    frame = read(tmp_path, "a.csv", csv_of(HEADER, row(1), [label, "", "", "50000", "", ""]))
    assert frame["_defect"].to_list() == [None, "total_row"]


def test_a_dossier_whose_cells_speak_of_a_total_is_none(tmp_path: Path) -> None:
    frame = read(tmp_path, "a.csv", csv_of(HEADER, row(1, **{"Đơn vị": "Tổng cộng"})))
    assert frame["_defect"].to_list() == [None]


@pytest.mark.parametrize(
    ("cells", "field", "kept"),
    [
        ({"Ngày nhận": 45719.3333333333}, "NgayTiepNhan", "2025-03-03 08:00:00"),
        ({"Ngày nhận": 45719.0}, "NgayTiepNhan", "2025-03-03 00:00:00"),
        # ten digits behind the point are the day's fraction, not a telephone
        ({"Ngày nhận": 45719.0833333333}, "NgayTiepNhan", "2025-03-03 02:00:00"),
        ({"Lệ phí": 50000.0}, "fee_amount", "50000"),
        ({"Lệ phí": "50000.00"}, "fee_amount", "50000"),
        ({"Lệ phí": "50.000"}, "fee_amount", "50.000"),
        ({"Tình trạng": "9.0"}, "TrangThaiHoSo", "9"),
        ({"Mã thủ tục": 1.001}, "MaTTHC", "1.001000"),
        ({"Mã thủ tục": "1.5"}, "MaTTHC", "1.5"),
        ({"Mã thủ tục": "NA"}, "MaTTHC", "NA"),
        ({"Đơn vị": in_tcvn3("Xã Đồng Văn")}, "DonViXuLy", "Xã Đồng Văn"),
        ({"Đơn vị": in_vni("Huyện Vị Xuyên")}, "DonViXuLy", "Huyện Vị Xuyên"),
        ({"Đơn vị": unicodedata.normalize("NFD", "Xã Đồng Văn ")}, "DonViXuLy", "Xã Đồng Văn"),
    ],
)
def test_what_a_spreadsheet_did_to_a_value_is_undone(
    tmp_path: Path, cells: dict[str, Cell], field: str, kept: str
) -> None:
    frame = read(tmp_path, "a.xlsx", workbook([HEADER, row(1, **cells)]))
    assert frame[field].to_list() == [kept]


def test_day_numbers_of_a_workbook_that_counts_from_1904_begin_there(tmp_path: Path) -> None:
    body = workbook([HEADER, row(1, **{"Ngày nhận": 44257.5})], date_1904=True)
    assert read(tmp_path, "a.xlsx", body)["NgayTiepNhan"].to_list() == ["2025-03-03 12:00:00"]


def test_an_old_text_that_is_on_no_list_is_not_guessed(tmp_path: Path) -> None:
    body = workbook([HEADER, row(1, **{"Đơn vị": in_tcvn3("Bà Kín Tên")})])
    assert str(read(tmp_path, "a.xlsx", body)["DonViXuLy"][0]).startswith("unlisted:")


def test_both_tables_of_old_letters_agree() -> None:
    units = pl.read_csv(REFERENCE / "units.csv", infer_schema=False)["name_vi"]
    assert [in_tcvn3(name) for name in units] == [simulated_tcvn3(name) for name in units]


def test_a_bare_number_is_a_time_in_a_text_only_where_the_dialect_says_so(tmp_path: Path) -> None:
    body = csv_of(HEADER, row(1, **{"Ngày nhận": "45719.5"}))
    assert read(tmp_path, "a.csv", body)["NgayTiepNhan"][0] == "45719.5"
    told = SHOP.model_copy(update={"excel_serials": True})
    assert read(tmp_path, "a.csv", body, told)["NgayTiepNhan"][0] == "2025-03-03 12:00:00"


def test_every_sheet_with_the_header_is_read_or_the_one_that_is_named(tmp_path: Path) -> None:
    body = workbook([["Bìa"]], [HEADER, row(1)], [HEADER, row(2), row(3)])
    assert read(tmp_path, "a.xlsx", body)["_file"].to_list() == ["a.xlsx#2"] + ["a.xlsx#3"] * 2
    one = SHOP.model_copy(update={"sheet": "Sheet3"})
    assert read(tmp_path, "a.xlsx", body, one).height == 2
    none = SHOP.model_copy(update={"sheet": "Sheet9"})
    with pytest.raises(UnreadableError, match="no sheet 'Sheet9'"):
        read(tmp_path, "a.xlsx", body, none)


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Mã hồ sơ".encode(), "utf-8-sig"),
        (b"id,code", "utf-8-sig"),
        ("Mã hồ sơ".encode("utf-8-sig"), "utf-8-sig"),
        ("Mã hồ sơ".encode("utf-16"), "utf-16"),
        (b"M\xe3 h\xf4\xcc s\xf5", "cp1258"),
        ("Mã hồ sơ của xã Đồng Văn".encode() + b"\xe3", "utf-8-sig"),
    ],
    ids=["utf-8", "ascii", "mark", "wide", "code page", "damaged letter"],
)
def test_an_encoding_is_found_from_the_bytes(text: bytes, codec: str) -> None:
    assert find_encoding(text, "auto") == codec


@pytest.mark.parametrize("name", ["a[1].csv", "a*.csv", "a'b.csv", "a b?.csv"])
def test_a_name_that_looks_like_a_pattern_is_the_name_of_one_file(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "a1.csv").write_bytes(csv_of(HEADER, row(8), row(9)))
    assert read(tmp_path, name, csv_of(HEADER, row(1))).height == 1


def test_quoted_line_breaks_stay_in_their_cell(tmp_path: Path) -> None:
    body = csv_of(HEADER, row(1, **{"Đơn vị": '"Xã\nĐồng Văn"'}), row(2), [*row(3), "x"], row(4))
    frame = read(tmp_path, "a.csv", body)
    assert frame["_position"].to_list() == [1, 2, 3, 4]
    assert frame["_defect"].to_list() == [None, None, "malformed_row", None]


def test_members_of_an_archive_are_files_and_none_of_them_is_a_path(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    body = archive(**{
        "../../evil.csv": csv_of(HEADER, row(1)),
        "sub/b.csv.gz": gzip.compress(csv_of(HEADER, row(2))),
        "__MACOSX/._b.csv": b"\x00\x05", "sub/~$c.xlsx": b"lock",
    })  # fmt: skip
    frame = read(inbox, "a.zip", body)
    assert frame["_file"].to_list() == ["a.zip#001", "a.zip#002"]
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["a.zip"]


@pytest.mark.parametrize(
    ("bad", "line"),
    [
        (b"", "member 2: the table is empty"),
        (archive(x=b"y"), "member 2: the bytes are no text"),
        (b"a,b\n", "member 2: no column 'M\u00e3 h\u1ed3 s\u01a1' in the first 2 lines"),
    ],
)
def test_a_bad_member_is_told_and_the_others_are_read(
    tmp_path: Path, bad: bytes, line: str
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(archive(**{"a.csv": csv_of(HEADER, row(1)), "b.csv": bad,
                                "c.csv": csv_of(HEADER, row(3))}))  # fmt: skip
    taken: list[Batch] = []
    with pytest.raises(UnreadableError) as caught:
        taken.extend(
            read_file(path, Files(path="a.zip"), record=DOSSIER, dialect=SHOP, reference=REFERENCE)
        )
    codes = [batch.frame["MaHoSo"][0] for batch in taken]
    assert codes == [CODE.format(1), CODE.format(3)]
    assert str(caught.value) == line


@pytest.mark.parametrize("name", ["a.csv.gz", "a.zip", "a.xlsx"])
def test_what_unpacks_to_more_than_the_bound_is_refused(tmp_path: Path, name: str) -> None:
    large = b"x" * (3 << 20)
    body = {
        "a.csv.gz": gzip.compress(large),
        "a.zip": archive(**{"a.csv": large}),
        "a.xlsx": archive(**{"xl/workbook.xml": large}),
    }[name]
    with pytest.raises(UnreadableError) as caught:
        read(tmp_path, name, body, mib=1)
    assert caught.value.error_class == "too_large"


def test_numbers_and_moments_of_a_parquet_file_are_read_as_what_they_are(tmp_path: Path) -> None:
    frame = pl.DataFrame({
        "Mã hồ sơ": [CODE.format(1), None], "Lệ phí": [50000.0, 1.5], "Tình trạng": [9, 10],
        "Ngày nhận": pl.Series(["2025-03-03T01:00:00"] * 2).str.to_datetime(time_zone="UTC"),
    })  # fmt: skip
    body = io.BytesIO()
    frame.write_parquet(body)
    kept = read(tmp_path, "a.parquet", body.getvalue())
    assert kept["fee_amount"].to_list() == ["50000", "1.5"]
    assert kept["TrangThaiHoSo"].to_list() == ["9", "10"]
    assert kept["NgayTiepNhan"][0] == "2025-03-03T01:00:00Z"


def test_nothing_of_a_reader_is_left_in_memory_or_on_disk(tmp_path: Path) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    before = set(tmp_path.parent.rglob("*"))
    read(tmp_path, "a.csv", csv_of(HEADER, row(1)).decode().encode("utf-16"))
    assert MemoryFileSystem().find("/") == []
    assert {p.name for p in set(tmp_path.parent.rglob("*")) - before} == {"a.csv"}


@pytest.mark.parametrize(
    ("cell", "defect", "items"),
    [
        ('"[{""MaThanhPhanHoSo"": ""TP1"", ""TenTepDinhKem"": ""kín.pdf""}]"', None, ["TP1"]),
        ("[]", None, []),
        ("", None, None),
        ("một tờ", "wrong_type__TaiLieuNop", None),
        ('"{""a"": 1}"', "wrong_type__TaiLieuNop", None),
    ],
)
def test_a_national_list_stands_in_its_cell_as_json(
    tmp_path: Path, cell: str, defect: str | None, items: list[str] | None
) -> None:
    body = f"MaHoSo,updated_at,TaiLieuNop\n{CODE.format(1)},2025-03-08T01:00:00,{cell}\n".encode()
    kept = read(tmp_path, "a.csv", body, Dialect(name="national")).row(0, named=True)
    assert (kept["_defect"], kept["_updated_at"]) == (defect, "2025-03-08T01:00:00")
    found = kept["TaiLieuNop"]
    assert (found and [item["MaThanhPhanHoSo"] for item in found]) == (items or found)
    assert "kín" not in str(kept) and "tờ" not in str(kept)
