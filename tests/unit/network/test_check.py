"""Lists that contradict themselves are refused, each fault in one line with file, row and rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.network.check import find_faults, refuse_bad_network
from pipelines.network.faults import Fault, NetworkError
from tests.unit.network.lists import copy_lists, home_with, write_edits_text

CHANGES, UNITS, CODES = "unit_changes.csv", "units.csv", "unit_codes.csv"
SHOP = "shop-00691,shop_merger,2024-07-01,true,00691,024,1.0,false,true"
SPLIT = "unit-00688-00691,unit_split,2025-07-01,false,00688,00691,1.0,true,true"
OTHER = "unit-00688-00694,unit_split,2025-07-01,false,00688,00694,0.0,true,false"
CITY = "024,Thành phố Hà Giang"
ABOLISHED = "abolish-024,unit_abolished,2025-07-01,false,024,area-024,1.0,false,true"


def instead(row: str, **cells: str) -> str:
    """A row with some cells replaced."""
    names = ("change_id", "kind", "effective_date", "date_is_assumed", "from_code", "to_code",
             "share", "share_is_assumed", "is_default")  # fmt: skip
    return ",".join({**dict(zip(names, row.split(","), strict=True)), **cells}.values())


def more(row: str, *others: str) -> str:
    """Rows put in front of a row."""
    return "".join(f"{other},,\n" for other in others) + row


# what stands in the list, what takes its place, the line that says so
DEFECTS: dict[str, tuple[str, str, str, list[str]]] = {
    "no kind of change": (
        CHANGES, SHOP, instead(SHOP, kind="merger"),
        ["unit_changes.csv: shop-00691: kind: must be one of shop_merger, unit_merger,"
         " unit_split, unit_abolished, not merger"],
    ),
    "a day that is none": (
        CHANGES, SHOP, instead(SHOP, effective_date="2024-06-31"),
        ["unit_changes.csv: shop-00691: effective_date: must be a day like 2025-07-01,"
         " not 2024-06-31"],
    ),
    "a day in another form": (
        CHANGES, SHOP, instead(SHOP, effective_date="1/7/2024"),
        ["unit_changes.csv: shop-00691: effective_date: must be a day like 2025-07-01,"
         " not 1/7/2024"],
    ),
    "no day": (
        CHANGES, SHOP, instead(SHOP, effective_date=""),
        ["unit_changes.csv: shop-00691: effective_date: must be a day like 2025-07-01,"
         " not empty"],
    ),
    "a share above one": (
        CHANGES, SPLIT, instead(SPLIT, share="1.5"),
        ["unit_changes.csv: unit-00688-00691: share: must be from 0 to 1, not 1.5"],
    ),
    "a share below nothing": (
        CHANGES, OTHER, instead(OTHER, share="-0.1"),
        ["unit_changes.csv: unit-00688-00694: share: must be from 0 to 1, not -0.1"],
    ),
    "a share in words": (
        CHANGES, OTHER, instead(OTHER, share="half"),
        ["unit_changes.csv: unit-00688-00694: share: must be from 0 to 1, not half"],
    ),
    "neither true nor false": (
        CHANGES, SHOP, instead(SHOP, is_default="yes"),
        ["unit_changes.csv: shop-00691: is_default: must be one of true, false, not yes"],
    ),
    "shares that leave people out": (
        CHANGES, SPLIT, instead(SPLIT, share="0.5"),
        ["unit_changes.csv: unit-00688-00691: share: the shares of 00688 on 2025-07-01"
         " add up to 0.5, not 1"],
    ),
    "no default": (
        CHANGES, SPLIT, instead(SPLIT, is_default="false"),
        ["unit_changes.csv: unit-00688-00691: is_default: 0 of 00688 on 2025-07-01 are"
         " the default, not 1"],
    ),
    "two defaults": (
        CHANGES, OTHER, instead(OTHER, is_default="true"),
        ["unit_changes.csv: unit-00688-00691: is_default: 2 of 00688 on 2025-07-01 are"
         " the default, not 1"],
    ),
    "an identity that stands twice": (
        CHANGES, OTHER, instead(OTHER, change_id="unit-00688-00691"),
        ["unit_changes.csv: unit-00688-00691: change_id: stands twice"],
    ),
    "the same pair twice": (
        CHANGES, OTHER, more(OTHER, instead(OTHER, change_id="again")),
        ["unit_changes.csv: unit-00688-00694: to_code: the same pair as again"],
    ),
    "a unit to come that is none": (
        CHANGES, ABOLISHED, instead(ABOLISHED, to_code="area-999"),
        ["unit_changes.csv: abolish-024: to_code: area-999 is no unit in force on that"
         " day (2025-07-01)"],
    ),
    "a unit that merges before its end": (
        CHANGES, ABOLISHED, instead(ABOLISHED, effective_date="2025-06-01"),
        ["unit_changes.csv: abolish-024: to_code: area-024 is no unit in force on that"
         " day (2025-06-01)",
         "units.csv: 024: valid_to: ended on 2025-06-30 and no change says who took it over"],
    ),
    "a shop that moves after the end of its unit": (
        CHANGES, SHOP,
        instead(SHOP, effective_date="2025-08-01", from_code="00688", to_code="00694"),
        ["unit_changes.csv: shop-00691: from_code: 00688 is no unit in force on the day before"
         " (2025-07-31)"],
    ),
    "a unit that merges and goes on": (
        CHANGES, SHOP,
        more(SHOP, "early,unit_merger,2024-07-01,false,00691,00688,1.0,false,true"),
        ["unit_changes.csv: early: from_code: the unit goes on after 2024-06-30"],
    ),
    "no unit that gives": (
        CHANGES, SHOP, instead(SHOP, from_code=""),
        ["unit_changes.csv: shop-00691: from_code: must not be empty"],
    ),
    "a level that cannot merge so": (
        CHANGES, ABOLISHED, instead(ABOLISHED, to_code="00691"),
        ["unit_changes.csv: abolish-024: to_code: no unit_abolished of a district into"
         " a commune"],
    ),
    "an ended unit that nobody took over": (
        UNITS, CITY, f"00999,Xã Mất,commune,xa,024,,2025-06-30\n{CITY}",
        ["units.csv: 00999: valid_to: ended on 2025-06-30 and no change says who took it over"],
    ),
    "a shop folded into itself": (
        CHANGES, SHOP, instead(SHOP, to_code="00691"),
        ["unit_changes.csv: shop-00691: to_code: a shop cannot be folded into itself"],
    ),
    "a shop folded into one that is folded": (
        CHANGES, SHOP, instead(SHOP, to_code="00721"),
        ["unit_changes.csv: shop-00691: to_code: the shop of 00721 is itself folded on"
         " 2024-07-01"],
    ),
    "a cycle of two": (
        CHANGES, SHOP,
        more(instead(SHOP, to_code="00688"), instead(SHOP, change_id="back", from_code="00688",
             to_code="00691", effective_date="2024-08-01")),
        ["unit_changes.csv: back: to_code: a cycle: the shops of 00688 and 00691 are folded"
         " into one another"],
    ),
    "a shop folded twice": (
        CHANGES, SHOP,
        more(SHOP, instead(SHOP, change_id="before", to_code="026", effective_date="2023-07-03")),
        ["unit_changes.csv: shop-00691: from_code: the shop is folded already"],
    ),
    "a shop folded into two": (
        CHANGES, SHOP,
        more(instead(SHOP, share="0.5"), instead(SHOP, change_id="half", to_code="026",
             share="0.5", is_default="false")),
        ["unit_changes.csv: half: to_code: a shop is folded into one shop alone",
         "unit_changes.csv: shop-00691: from_code: the shop is folded already"],
    ),
    "a parent that is none": (
        UNITS, "08,Tỉnh Tuyên Quang,province,tinh,,2025-07-01,",
        "08,Tỉnh Tuyên Quang,province,tinh,999,2025-07-01,",
        ["units.csv: 08: parent_code: names no unit"],
    ),
    "a level that is none": (
        UNITS, "08,Tỉnh Tuyên Quang,province", "08,Tỉnh Tuyên Quang,region",
        ["units.csv: 08: level: must be one of province, district, commune, area,"
         " not region"],
    ),
    "a unit that ends before it begins": (
        UNITS, CITY, f"00999,Xã Ngược,commune,xa,024,2025-06-30,2025-06-01\n{CITY}",
        ["units.csv: 00999: valid_to: lies before valid_from",
         "units.csv: 00999: valid_to: ended on 2025-06-01 and no change says who took it over"],
    ),
    "two units of one code at once": (
        UNITS, "08,Tỉnh Tuyên Quang,province,tinh,,2025-07-01,",
        "08,Tỉnh Tuyên Quang,province,tinh,,2025-07-01,\n08,Tỉnh Khác,province,tinh,,2026-01-01,",
        ["units.csv: 08: valid_from: overlaps the validity of row 3"],
    ),
    "a code of no unit": (
        CODES, "000.00.24.H22,024,,2025-06-30", "000.00.24.H22,999,,2025-06-30",
        ["unit_codes.csv: 000.00.24.H22: unit_code: no unit in force then"],
    ),
    "a code of a unit that is no more": (
        CODES, "000.00.24.H22,024,,2025-06-30", "000.00.24.H22,024,2025-07-01,",
        ["unit_codes.csv: 000.00.24.H22: unit_code: no unit in force then"],
    ),
    "a code of two units at once": (
        CODES, "000.00.24.H22,024,,2025-06-30",
        "000.00.24.H22,024,,2025-06-30,true\n000.00.24.H22,026,2025-01-01,2025-06-30",
        ["unit_codes.csv: 000.00.24.H22: valid_from: overlaps the validity of row 3"],
    ),
    "a code since a day that is none": (
        CODES, "000.00.24.H22,024,,2025-06-30", "000.00.24.H22,024,today,2025-06-30",
        ["unit_codes.csv: 000.00.24.H22: valid_from: must be a day like 2025-07-01,"
         " not today"],
    ),
}  # fmt: skip


def said(fault: Fault) -> str:
    """The line of a fault without its row."""
    return str(fault).replace(f": row {fault.row}: ", ": ", 1)


def test_the_delivered_lists_hang_together(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    refuse_bad_network(home_with(monkeypatch, tmp_path))


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_contradiction_is_refused_with_its_row_and_rule(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, defect: str
) -> None:
    file, old, new, lines = DEFECTS[defect]
    config = home_with(monkeypatch, tmp_path / "home", copy_lists(tmp_path, file, old, new))
    faults = find_faults(config)
    assert [said(fault) for fault in faults] == lines
    for fault in faults:
        row = (tmp_path / fault.file).read_text(encoding="utf-8").splitlines()[fault.row - 1]
        assert row.startswith(f"{fault.name},")
    found = [str(fault) for fault in faults]
    assert all(f": row {fault.row}: " in line for fault, line in zip(faults, found, strict=True))
    with pytest.raises(NetworkError) as refused:
        refuse_bad_network(config)
    assert str(refused.value).splitlines() == found


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        (["shop-1,2024-08-01,,,,"], ["row 2: shop-1: change_id: is no change of unit_changes.csv"]),
        (
            ["shop-00691,2024-08-01,,,,", "shop-00691,2024-09-02,,,,"],
            ["row 3: shop-00691: change_id: is edited twice"],
        ),
        (["shop-00691,,,,,"], ["row 2: shop-00691: effective_date: nothing is edited"]),
        (
            ["shop-00721,2024-08-01,,,,", "shop-00691,soon,,,,"],
            ["row 3: shop-00691: effective_date: must be a day like 2025-07-01, not soon"],
        ),
        (
            ["unit-00688-00691,,,0.6,,"],
            ["row 2: unit-00688-00691: share: the shares of 00688 on 2025-07-01 add up to 0.6,"
             " not 1"],
        ),
        (
            ["shop-00691,2025-08-01,,,,"],
            ["row 2: shop-00691: to_code: 024 is no unit in force on that day (2025-08-01)"],
        ),
        (["unit-00688-00691,,,0.6,,", "unit-00688-00694,,,0.4,,"], []),
        (["shop-00691,2023-05-04,,,,"], []),
    ],
)  # fmt: skip
def test_what_a_home_edits_is_held_to_the_same_rules(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, rows: list[str], lines: list[str]
) -> None:
    write_edits_text(tmp_path, *rows)
    found = [str(fault) for fault in find_faults(home_with(monkeypatch, tmp_path))]
    assert found == [f"unit_change_edits.csv: {line}" for line in lines]


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        (UNITS, "", "units.csv: cannot be read as a table"),
        (CODES, "edoc_code,valid_to\n", "unit_codes.csv: unit_code: the column is missing"),
        (CHANGES, "change_id,kind\n", "unit_changes.csv: effective_date: the column is missing"),
    ],
)  # fmt: skip
def test_a_list_that_is_no_such_table_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str, text: str, line: str
) -> None:
    copy_lists(tmp_path)
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(NetworkError) as refused:
        find_faults(home_with(monkeypatch, tmp_path / "home", tmp_path))
    assert str(refused.value) == line


def test_every_fault_has_its_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copy_lists(tmp_path, CHANGES, SPLIT, instead(SPLIT, share="0.5", is_default="false"))
    faults = find_faults(home_with(monkeypatch, tmp_path / "home", tmp_path))
    assert [(fault.row, fault.field) for fault in faults] == [(6, "share"), (6, "is_default")]
