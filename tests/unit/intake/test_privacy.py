"""The allow-list by field and value: what is no code, enumeration, time or number goes."""

from __future__ import annotations

import re

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.intake.canonical import RECORDS, Field, Kind
from pipelines.intake.dialects import Dialect, load_dialect
from pipelines.intake.privacy import (
    MASKED,
    allow,
    is_kept_code,
    listed_texts,
    mask_listed,
    pseudonym,
)
from pipelines.settings import settings as product_settings

REFERENCE = product_settings().reference_dir
# a phone or a citizen's number anywhere in a text
IDENTITY = re.compile(r"(?<![0-9])((0|84)[0-9]{9}|0(0[1-9]|[1-8][0-9]|9[0-6])[0-9]{9})(?![0-9])")
LEADING_ZERO = re.compile(r"^0[0-9]{9,}$|^\+")
CODE_LIKE = re.compile(r"[0-9A-Za-z._/\- :T+Z,]{1,40}")


def let_through(kind: Kind, *texts: str | None) -> list[str | None]:
    """What the allow-list makes of the texts of a field of a kind."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select {allow(Field('f', kind), 'v')} from"
            " (select unnest(?::varchar[]) as v, unnest(range(len(?::varchar[]))) as n) order by n",
            [list(texts), list(texts)],
        ).fetchall()
    return [row[0] for row in rows]


def mask(field: str, *texts: str, dialect: Dialect | None = None) -> list[str | None]:
    """What becomes of the texts of a listed field."""
    with duckdb.connect() as connection:
        connection.execute("create table t (n integer, f varchar)".replace(" f ", f" {field} "))
        connection.executemany("insert into t values (?, ?)", list(enumerate(texts)))
        mask_listed(connection, "t", field, dialect or load_dialect("national"), REFERENCE)
        return [row[0] for row in connection.sql(f"select {field} from t order by n").fetchall()]


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        ("code", "000.00.30.H22-250303-0001", "000.00.30.H22-250303-0001"),
        ("code", "1.013225", "1.013225"),
        ("code", "00691", "00691"),
        ("code", "NA", "NA"),
        ("code", "  1.013225 ", "1.013225"),
        ("code", "A1" * 20, "A1" * 20),
        ("code", "A1" * 20 + "A", MASKED),
        ("code", "BTXH", "BTXH"),
        ("code", "CSDLQG-DC", "CSDLQG-DC"),
        ("code", "KQ.G05.000.00.00.H22", "KQ.G05.000.00.00.H22"),
        ("code", "1.013225.000.00.00.H22", "1.013225.000.00.00.H22"),
        ("code", "000.00.30.H01-240115-0001", "000.00.30.H01-240115-0001"),
        ("code", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
        ("code", "5f8a3cabcdefab12f45678c1", "5f8a3cabcdefab12f45678c1"),
        ("code", "HG.12", "HG.12"),
        ("code", "NGUYEN.VAN.AN", MASKED),
        ("code", "NGUYENVANAN", MASKED),
        ("code", "nguyen-van-a", MASKED),
        ("code", "LE-VAN-A", MASKED),
        ("code", "Tran-An", MASKED),
        ("code", "NGUYEN.VAN.AN-250303-0001", MASKED),
        ("code", "0912.345.678", MASKED),
        ("code", "0912.345.678-250303-0001", MASKED),
        ("code", "0219-3866-1234", MASKED),
        ("code", "001-085-012-345", MASKED),
        ("code", "123.456.789", MASKED),
        ("code", "CMND-123456789", MASKED),
        ("enum", "NGUYEN_VAN_AN", MASKED),
        ("enum", "0912-345-678", MASKED),
        ("time", "0912 345 678", MASKED),
        ("time", "0912.345.678", MASKED),
        ("time", "091 2345 678", MASKED),
        ("time", "+84 912 345 678", MASKED),
        ("time", "123 456 789", MASKED),
        ("time", "03/03/2025 08:00", "03/03/2025 08:00"),
        ("time", "08:00:01 03/03/2025", "08:00:01 03/03/2025"),
        ("time", "1741000000000", "1741000000000"),
        ("time", "2025-03-03T08:00:00.000+0700", "2025-03-03T08:00:00.000+0700"),
        ("number", "123456789", MASKED),
        ("number", "84912345000", MASKED),
        ("number", "1090012345", MASKED),
        ("number", "150000000", "150000000"),
        ("number", "150.000.000", "150.000.000"),
        ("code", "hồ sơ của tôi", MASKED),
        ("code", "ten@thu.example", MASKED),
        ("code", "001085012345", MASKED),
        ("code", "0912345678", MASKED),
        ("code", "+84912345678", MASKED),
        ("code", "123456789", MASKED),
        ("code", "000000001", MASKED),
        ("code", "CD-0912345678", MASKED),
        ("code", "CD.001085012345", MASKED),
        ("code", "", None),
        ("code", "   ", None),
        ("code", "null", None),
        ("code", None, None),
        ("enum", "10", "10"),
        ("enum", "Công dân", MASKED),
        ("enum", "0912345678", MASKED),
        ("time", "20250303080000", "20250303080000"),
        ("time", "2025-03-03T08:00:00.123", "2025-03-03T08:00:00.123"),
        ("time", "2025-03-03T08:00:00+07:00", "2025-03-03T08:00:00+07:00"),
        ("time", "00000000000000", None),
        ("time", "0000-00-00 00:00:00", None),
        ("time", "", None),
        ("time", "hôm qua", MASKED),
        ("time", "0912345678", MASKED),
        ("time", "001085012345", MASKED),
        ("number", "150000", "150000"),
        ("number", "-5", "-5"),
        ("number", "150.000", "150.000"),
        ("number", "0912345678", MASKED),
        ("number", "miễn", MASKED),
        ("present", "tệp/của/công-dân.pdf", "1"),
        ("present", "", "0"),
        ("present", None, "0"),
    ],
)
def test_a_value_passes_only_as_what_its_field_may_hold(
    kind: Kind, text: str | None, kept: str | None
) -> None:
    assert let_through(kind, text) == [kept]


@settings(max_examples=40)
@given(
    texts=st.lists(
        st.one_of(
            st.text(max_size=45),
            st.from_regex(r"0(0[1-9]|[1-8][0-9]|9[0-6])[0-9]{9}", fullmatch=True),
            st.from_regex(r"[0-9]{8,13}", fullmatch=True),
            st.from_regex(r" ?(0|\+84|84)[0-9]{9} ?", fullmatch=True),
            st.emails(),
        ),
        min_size=1,
        max_size=30,
    ),
    kind=st.sampled_from(["code", "enum", "time", "number"]),
)
def test_whatever_comes_out_is_what_came_in_or_masked(texts: list[str], kind: Kind) -> None:
    texts = [text.replace("\x00", "") for text in texts]
    for text, kept in zip(texts, let_through(kind, *texts), strict=True):
        if kept is None or kept == MASKED:
            continue
        assert kept.strip() == text.strip()
        assert CODE_LIKE.fullmatch(kept)
        assert "@" not in kept
        # 84… may be an amount; a number with a leading zero or a sign is none
        assert not (LEADING_ZERO if kind == "number" else IDENTITY).search(kept)


@settings(max_examples=60)
@given(
    texts=st.lists(
        st.one_of(
            st.text("0123456789./_-aAbBzZ", max_size=20),
            st.from_regex(r"0[0-9]{8,11}([._/-][0-9]{1,4})?", fullmatch=True),
            st.from_regex(r"[A-Za-z]{1,8}([._/-][A-Za-z]{1,4}){0,3}", fullmatch=True),
            st.from_regex(r"1\.[0-9]{6}-TP[0-9]{2}", fullmatch=True),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_a_code_that_columns_keep_is_one_that_the_rules_keep(texts: list[str]) -> None:
    kept = pl.DataFrame({"v": texts}).select(is_kept_code(pl.col("v"))).to_series()
    chosen = [text for text, is_kept in zip(texts, kept, strict=True) if is_kept]
    assert let_through("code", *chosen) == chosen


def test_the_codes_of_a_usual_record_are_kept_in_columns() -> None:
    usual = ["1.011246-TP01", "CSDLQG-DC", "LP-1.011358", "BS-12910-0", "000.00.30.H22-250303-0001"]
    assert pl.DataFrame({"v": usual}).select(is_kept_code(pl.col("v"))).to_series().all()


@settings(max_examples=25)
@given(texts=st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=10, unique=True))
def test_a_text_on_no_list_becomes_an_unlisted_pseudonym(texts: list[str]) -> None:
    texts = [text.replace("\x00", "x") for text in texts]
    listed = listed_texts(REFERENCE)["DonViXuLy"]
    for text, kept in zip(texts, mask("DonViXuLy", *texts), strict=True):
        assert kept == text if text in listed else re.fullmatch(r"unlisted:[0-9a-f]{12}", str(kept))


def test_a_listed_text_is_kept_and_a_name_of_a_person_is_not() -> None:
    kept, gone, again = mask("PhongBanXuLy", "Lãnh đạo sở", "Ông Kín Tên", "Ông Kín Tên")
    assert kept == "Lãnh đạo sở"
    assert gone == again == f"unlisted:{pseudonym('Ông Kín Tên', key())}"
    assert mask("ChucDanh", "Chuyên viên", "Bà Kín Tên 0912345678")[0] == "Chuyên viên"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("UBND xã Lũng Cú", "Xã Lũng Cú"),
        ("Bộ phận TN&TKQ  TT. Vinh Quang", "Thị trấn Vinh Quang"),
        ("xa lung cu", "Xã Lũng Cú"),
        ("UBND xã Tả Lủng - H. Mèo Vạc", "Xã Tả Lủng, Huyện Mèo Vạc"),
        ("UBND tỉnh", "tinh"),
    ],
)
def test_the_name_of_a_unit_is_kept_in_the_words_of_the_list(text: str, kept: str) -> None:
    assert mask("DonViXuLy", text) == [kept]
    assert mask("DonViXuLy", kept) == [kept]


@settings(max_examples=50)
@given(
    name=st.sampled_from(sorted(listed_texts(REFERENCE)["DonViXuLy"])),
    person=st.sampled_from(["Kín Tên", "kín tên 0912345678", "(ông Kín)", "012345678901", "K"]),
    order=st.sampled_from(["{name} {person}", "{person} {name}", "UBND {name}, {person}"]),
)
def test_the_name_of_a_unit_brings_nobody_in_with_it(name: str, person: str, order: str) -> None:
    text = order.format(name=name, person=person)
    assert mask("DonViXuLy", text) == [f"unlisted:{pseudonym(text, key())}"]


@pytest.mark.parametrize("field", ["PhongBanXuLy", "ChucDanh"])
def test_other_fields_keep_what_is_listed_letter_by_letter_alone(field: str) -> None:
    [told] = mask(field, "UBND xã Lũng Cú")
    assert str(told).startswith("unlisted:")


def key() -> bytes:
    from tests.conftest import TEST_KEY

    return TEST_KEY.encode()


def test_a_pseudonym_needs_the_key() -> None:
    assert pseudonym("a", b"one") != pseudonym("a", b"two")
    assert pseudonym("a", b"one") == pseudonym("a", b"one")


def test_the_vocabulary_of_a_dialect_is_kept_unless_it_holds_an_identity() -> None:
    words = Dialect(name="city", vocabulary=("DonViXuLy",))
    kept = mask("DonViXuLy", "Public Works", "call 0912345678", "x@y.example", "w" * 81,
                dialect=words)  # fmt: skip
    assert kept[0] == "Public Works"
    assert all(str(text).startswith("unlisted:") for text in kept[1:])


def test_a_vocabulary_of_too_many_words_was_free_text() -> None:
    words = Dialect(name="city", vocabulary=("DonViXuLy",))
    kept = mask("DonViXuLy", *(f"word {n}" for n in range(501)), dialect=words)
    assert all(str(text).startswith("unlisted:") for text in kept)


@pytest.mark.parametrize(
    "name",
    [
        "ChuHoSo", "SoGiayToChuHoSo", "MaDoiTuong", "ThongTinKhac", "GhiChu", "ThongTinTra",
        "Email", "Fax", "SoDienThoai", "TrichYeuHoSo", "DinhDanhCHS", "NguoiXuLy",
        "NoiDungXuLy", "TenTepDinhKem", "DuongDanTaiTepTin", "TenTTHC", "SoBienNhan",
    ],
)  # fmt: skip
def test_a_personal_field_is_on_no_list(name: str) -> None:
    for record in RECORDS.values():
        allowed = {f.name for f in record.fields} | {
            f.name for ls in record.lists for f in ls.fields
        }
        assert name not in allowed | {ls.name for ls in record.lists}


def test_of_a_result_file_only_its_presence_is_kept() -> None:
    results = next(ls for ls in RECORDS["dossiers"].lists if ls.name == "DanhSachGiayToKetQua")
    kinds = {field.name: field.kind for field in results.fields}
    assert kinds["DuongDanTepTinKetQua"] == "present"
