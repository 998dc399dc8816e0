"""Names of units as systems write them: seen through where one can be meant, never guessed."""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.network.names import find_named, listed_names
from pipelines.network.resolve import resolve_units
from pipelines.network.units import read_units
from pipelines.settings import settings

REFERENCE = settings().reference_dir
OLD, NEW = date(2025, 6, 30), date(2025, 7, 1)
UNITS = read_units(REFERENCE).filter(pl.col("level") != "area")
NAMES = UNITS["unit_name_vi"].unique().sort().to_list()
SHORT = {"Xã": "X.", "Phường": "P.", "Thị trấn": "TT.", "Thành phố": "TP.", "Huyện": "H."}
OFFICES = ["", "UBND ", "Ủy ban nhân dân ", "Uỷ ban nhân dân ", "Bộ phận một cửa ",
           "Bộ phận TN&TKQ ", "Bộ phận Tiếp nhận và Trả kết quả - UBND ",
           "Trung tâm Phục vụ hành chính công "]  # fmt: skip


def units_of(*texts: str) -> list[set[tuple[str, date | None]]]:
    """The units that each text may name, whatever the day."""
    found = find_named(pl.Series(texts), REFERENCE)
    return [
        set(found.filter(text=text).select("unit_code", "unit_valid_from").iter_rows())
        for text in texts
    ]


def unit_on(day: date, name: str | None, reference: Path = REFERENCE) -> str | None:
    """The unit of a record that says only a name."""
    frame = pl.DataFrame({"dossier_code": ["nothing"], "unit_name_vi": [name], "unit_day": [day]})
    return resolve_units(frame.cast({"unit_name_vi": pl.String}), reference)["unit_code"][0]


def without_marks(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return bare.replace("đ", "d").replace("Đ", "D")


@pytest.mark.parametrize(
    ("name", "day", "unit"),
    [
        ("UBND xã Lũng Cú", OLD, "00715"),
        ("Ủy ban nhân dân xã Lũng Cú", NEW, "00715"),
        ("Uỷ ban nhân dân huyện Vị Xuyên", OLD, "030"),
        ("Uỷ ban nhân dân huyện Vị Xuyên", NEW, None),
        ("Bộ phận một cửa xã Vị Xuyên", NEW, "00913"),
        ("Bộ phận TN&TKQ UBND TT. Vinh Quang", OLD, "01021"),
        ("TT Vinh Quang", OLD, "01021"),
        ("P.Trần Phú", OLD, "00691"),
        ("P. Hà Giang 2", NEW, "00691"),
        ("TP.HÀ GIANG", OLD, "024"),
        ("H. Vị Xuyên", OLD, "030"),
        ("x. lũng  cú", OLD, "00715"),
        ("xa lung cu", OLD, "00715"),
        ("UBND xã Lung Cu", OLD, "00715"),
        ("Xã Lùng Cú", OLD, None),
        ("Xã Tả Lủng", OLD, None),
        ("Xã Tả Lủng, huyện Đồng Văn", OLD, "00742"),
        ("xã Tả Lủng - Mèo Vạc", OLD, "00796"),
        ("UBND X. Tả Lủng (H. Mèo Vạc)", OLD, "00796"),
        ("xa ta lung, huyen dong van, tinh ha giang", OLD, "00742"),
        ("xã Tả Lủng - Vị Xuyên", OLD, None),
        ("Phường Trần Phú, Thành phố Hà Giang", OLD, "00691"),
        ("Phường Trần Phú, Thành phố Hà Giang", NEW, None),
        ("Trung tâm phục vụ hành chính công tỉnh", OLD, "02"),
        ("Trung tâm Phục vụ Hành chính công tỉnh", NEW, "08"),
        ("Trung tâm Phục vụ Hành chính công tỉnh Hà Giang", NEW, None),
        ("UBND tỉnh Tuyên Quang", NEW, "08"),
        ("Vị Xuyên", OLD, None),
        ("UBND", OLD, None),
        ("xã", OLD, None),
        ("Phòng Tư pháp huyện Vị Xuyên", OLD, None),
        ("Huyện Vị Xuyên Nguyễn Văn Kín", OLD, None),
        ("", OLD, None),
        (None, OLD, None),
    ],
)
def test_a_name_is_the_unit_of_that_name_on_the_day(
    name: str | None, day: date, unit: str | None
) -> None:
    assert unit_on(day, name) == unit


@given(
    name=st.sampled_from(NAMES), office=st.sampled_from(OFFICES),
    form=st.sampled_from(["NFC", "NFD"]), is_short=st.booleans(),
    case=st.sampled_from([str, str.upper, str.lower]),
    blanks=st.sampled_from([" ", "  ", "\u00a0"]), around=st.sampled_from(["", " ", "\t"]),
)  # fmt: skip
def test_however_it_is_written_a_name_is_that_of_the_list(
    name: str, office: str, form: str, is_short: bool, case: type[str], blanks: str, around: str
) -> None:
    kind = next((k for k in SHORT if name.startswith(k)), None)
    written = name.replace(kind, SHORT[kind], 1) if is_short and kind else name
    text = unicodedata.normalize(form, around + case(office + written) + around)  # pyright: ignore
    text = text.replace(" ", blanks)
    assert units_of(text) == units_of(name)
    assert listed_names(pl.Series([text]), REFERENCE) == {text: name}


@given(name=st.sampled_from(NAMES))
def test_without_diacritics_a_name_stays_all_that_it_may_be(name: str) -> None:
    [bare] = units_of(without_marks(name))
    bearing = UNITS.filter(
        pl.col("unit_name_vi").map_elements(without_marks, pl.String) == without_marks(name)
    )
    assert bare == set(bearing.select("unit_code", "unit_valid_from").iter_rows())


@given(name=st.sampled_from(NAMES), place=st.integers(0), mark=st.sampled_from("áàảãạ"))
def test_a_name_with_other_diacritics_is_another_name(name: str, place: int, mark: str) -> None:
    letters = [at for at, c in enumerate(name) if without_marks(c).lower() == "a"]
    if not letters:
        return
    at = letters[place % len(letters)]
    other = name[:at] + mark + name[at + 1 :]
    if other.lower() != name.lower():
        assert units_of(other) == [set()] or other in NAMES


@given(name=st.sampled_from(NAMES), more=st.text(st.characters(categories=["L"]), min_size=3))
def test_a_text_with_more_than_a_name_is_none(name: str, more: str) -> None:
    assert units_of(f"{name} Nguyễn {more}") == [set()]


@given(name=st.sampled_from(NAMES), day=st.sampled_from([OLD, NEW]))
def test_what_is_kept_of_a_name_says_what_the_name_said(name: str, day: date) -> None:
    for text in (f"UBND {name}", without_marks(name)):
        [kept] = listed_names(pl.Series([text]), REFERENCE).values()
        assert unit_on(day, kept) == unit_on(day, text)
        assert listed_names(pl.Series([kept]), REFERENCE) == {kept: kept}


def reference_with(folder: Path, *rows: str) -> Path:
    """The lists with more units."""
    for file in ("units.csv", "unit_codes.csv"):
        text = (REFERENCE / file).read_text(encoding="utf-8")
        if file == "units.csv":
            text += "".join(f"{row}\n" for row in rows)
        (folder / file).write_text(text, encoding="utf-8")
    return folder


def test_two_names_that_differ_in_diacritics_alone_are_told_apart_by_them_or_the_day(
    tmp_path: Path,
) -> None:
    lists = reference_with(
        tmp_path,
        "90001,Xã Bản Lùng,commune,xa,030,,2025-06-30",
        "90002,Xã Bán Lũng,commune,xa,030,,2025-06-30",
        "90003,Xã Bản Lùng,commune,xa,08,2025-07-01,",
    )
    assert unit_on(OLD, "xã Bản Lùng", lists) == "90001"
    assert unit_on(OLD, "Xã Bán Lũng", lists) == "90002"
    assert unit_on(OLD, "xa ban lung", lists) is None, "two bear it that day"
    assert unit_on(NEW, "xa ban lung", lists) == "90003", "one bears it that day"
    assert unit_on(OLD, "Xa Bán Lung", lists) == "90002", "a mark that is there decides"
    kept = listed_names(pl.Series(["UBND xa ban lung", "x. Bán Lung"]), lists)
    assert kept == {"UBND xa ban lung": "xa ban lung", "x. Bán Lung": "Xã Bán Lũng"}
    assert unit_on(NEW, "xa ban lung", lists) == "90003"


def test_the_tone_stands_on_either_letter_of_a_syllable(tmp_path: Path) -> None:
    lists = reference_with(tmp_path, "90001,Xã Hòa Thủy,commune,xa,030,,2025-06-30")
    assert unit_on(OLD, "Xã Hoà Thuỷ", lists) == "90001"
    assert unit_on(OLD, "Xã Hoá Thuỷ", lists) is None
