"""The contract: every rule with a record that keeps it and one that breaks it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
import pytest

from pipelines.intake.canonical import DOSSIER, PROGRESS, Feed
from pipelines.intake.contracts import CONTRACTS, Checked, check
from pipelines.intake.dialects import Dialect, load_dialect
from pipelines.intake.readers import Envelope, read_json
from pipelines.intake.typed import Context
from pipelines.settings import settings
from tests.faults.shops import page, record

FETCHED = datetime(2025, 3, 20, 6)
REFERENCE = settings().reference_dir
STEP = {
    "MaHoSo": "000.00.30.H22-250303-0001",
    "ThoiDiemXuLy": "20250304090000",
    "TrangThai": "4",
    "PhongBanXuLy": "Lãnh đạo sở",
    "updated_at": "2025-03-04T10:00:00",
}


def judge(records: list[Any], feed: Feed = "dossiers", dialect: Dialect | None = None) -> Checked:
    """What the contract makes of records as they arrive."""
    dialect = dialect or load_dialect("national")
    read = read_json(
        [page(records).encode()], record=DOSSIER if feed == "dossiers" else PROGRESS,
        dialect=dialect, envelope=Envelope("data", "updated_at"), file="answer",
        reference=REFERENCE,
    )  # fmt: skip
    return check(read.frame, feed, Context(dialect, REFERENCE, FETCHED))


# name -> (rule, field, what breaks it, what is just allowed)
RULES: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "id": ("no_code", "MaHoSo", {"MaHoSo": "30-1"}, {"MaHoSo": "000.00.30.h22-250303-00002"}),
    "status": ("unknown_code", "TrangThaiHoSo", {"TrangThaiHoSo": "0"}, {"TrangThaiHoSo": "10"}),
    "no status": ("unknown_code", "TrangThaiHoSo", {"TrangThaiHoSo": ""}, {}),
    "channel": ("unknown_code", "KenhThucHien", {"KenhThucHien": "9"}, {"KenhThucHien": ""}),
    "submission": ("impossible_date", "NgayNopHoSo", {"NgayNopHoSo": "2025-02-30"},
                   {"NgayNopHoSo": ""}),
    "reception": ("impossible_date", "NgayTiepNhan", {"NgayTiepNhan": "20250303256000"}, {}),
    "due date": ("impossible_date", "NgayHenTra", {"NgayHenTra": "20250010"},
                 {"NgayHenTra": "00000000"}),
    "finish": ("impossible_date", "NgayKetThucXuLy", {"NgayKetThucXuLy": "07/03/2025"},
               {"NgayKetThucXuLy": "2025-03-07T10:00:00.5"}),
    "return": ("impossible_date", "NgayTra", {"NgayTra": "2025-03-32"}, {"NgayTra": "null"}),
    "refusal": ("impossible_date", "NgayTuChoi", {"NgayTuChoi": "1/1"}, {"NgayTuChoi": ""}),
    "supplement": ("impossible_date", "DanhSachHoSoBoSung",
                   {"DanhSachHoSoBoSung": [{"NgayHenTraMoi": "2025-02-30"}]},
                   {"DanhSachHoSoBoSung": [{"NgayBoSung": "20250304080000",
                                            "NgayTiepNhanBoSung": ""}]}),
    "envelope": ("impossible_date", "updated_at", {"updated_at": "2025-02-30T00:00:00"},
                 {"updated_at": ""}),
    "fee": ("bad_fee", "DanhSachLePhi", {"DanhSachLePhi": [{"Gia": "-1"}]},
            {"DanhSachLePhi": [{"Gia": "0"}, {"Gia": "1.500.000"}, {"Gia": ""}]}),
    "accepted": ("accepted_without_reception", "NgayTiepNhan",
                 {"NgayTiepNhan": "", "TrangThaiHoSo": "2", "NgayKetThucXuLy": ""},
                 {"NgayTiepNhan": "", "TrangThaiHoSo": "1", "NgayKetThucXuLy": ""}),
    "finished": ("finished_without_time", "NgayKetThucXuLy", {"NgayKetThucXuLy": ""},
                 {"NgayKetThucXuLy": "", "NgayTra": "20250307100000"}),
    "order of times": ("finish_before_reception", "NgayKetThucXuLy",
                       {"NgayKetThucXuLy": "20250303075959"},
                       {"NgayKetThucXuLy": "20250303080000"}),
    "order of days": ("finish_before_reception", "NgayKetThucXuLy",
                      {"NgayKetThucXuLy": "20250302000000"},
                      {"NgayKetThucXuLy": "20250303000000"}),
    "future": ("event_in_future", "latest_event", {"NgayTra": "20250321060001"},
               {"NgayTra": "20250321060000"}),
    "far due date": ("due_too_far", "NgayHenTra", {"NgayHenTra": "20350320060001"},
                     {"NgayHenTra": "20350320060000"}),
    "unit": ("unknown_unit", "MaHoSo",
             {"MaHoSo": "999.99.99.H22-250303-0002", "DonViXuLy": ""},
             {"MaHoSo": "999.99.99.H22-250303-0002", "DonViXuLy": "Huyện Vị Xuyên"}),
    "list": ("wrong_type", "DanhSachLePhi", {"DanhSachLePhi": {"Gia": "1"}},
             {"DanhSachLePhi": ""}),
    "code": ("wrong_type", "MaTTHC", {"MaTTHC": ["1.001000"]}, {"MaTTHC": ""}),
}  # fmt: skip


@pytest.mark.parametrize("name", RULES)
def test_a_record_that_breaks_a_rule_is_set_aside_by_its_name(name: str) -> None:
    rule, field, broken, _ = RULES[name]
    judged = judge([record(1), record(2, **broken), record(3)])
    assert judged.bad.select("position", "rule", "field").rows() == [(2, rule, field)]
    assert judged.good.height == 2


@pytest.mark.parametrize("name", RULES)
def test_a_record_that_just_keeps_a_rule_passes(name: str) -> None:
    *_, kept = RULES[name]
    judged = judge([record(1), record(2, **kept)])
    assert judged.bad.is_empty(), judged.bad.rows()
    assert judged.good.height == 2


def test_every_rule_of_the_contract_has_a_case_here() -> None:
    written = {
        tuple((*name.split("__"), "")[:2])
        for contract in CONTRACTS.values()
        for cls in contract.__mro__
        for name in vars(cls)
        if "__" in name.strip("_") and not name.startswith("_")
    }
    tried = {(rule, field) for rule, field, *_ in RULES.values()}
    steps = {("unknown_code", "TrangThai"), ("impossible_date", "ThoiDiemXuLy"),
             ("event_in_future", "ThoiDiemXuLy")}  # fmt: skip
    assert written - tried - steps == set()


def test_of_several_broken_rules_the_first_written_names_the_row() -> None:
    judged = judge([record(2, MaHoSo="", TrangThaiHoSo="99", NgayHenTra="mai")])
    assert judged.bad["rule"].to_list() == ["no_code"]


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, []),
        ({"TrangThai": "77"}, [("unknown_code", "TrangThai")]),
        ({"ThoiDiemXuLy": ""}, [("impossible_date", "ThoiDiemXuLy")]),
        ({"ThoiDiemXuLy": "20250304"}, []),
        ({"ThoiDiemXuLy": "20250321060001"}, [("event_in_future", "ThoiDiemXuLy")]),
        ({"MaHoSo": ""}, [("no_code", "MaHoSo")]),
    ],
)
def test_a_step_keeps_the_contract_of_steps(
    changed: dict[str, str], found: list[tuple[str, str]]
) -> None:
    judged = judge([STEP | changed], "progress")
    assert judged.bad.select("rule", "field").rows() == found


def test_an_empty_channel_means_in_person_and_is_flagged() -> None:
    good = judge([record(1, KenhThucHien=""), record(2)]).good
    assert good.select("channel", "is_channel_assumed").rows() == [("1", True), ("1", False)]


def test_a_time_of_midnight_has_day_precision_where_the_dialect_guesses() -> None:
    good = judge([record(1, NgayHenTra="20250310000000"), record(2)]).good
    assert good["is_due_sent_at_day"].to_list() == [True, False]


def test_a_far_due_date_passes_where_the_dialect_knows_no_terms() -> None:
    dialect = Dialect(name="city", due_limit_years=None)
    assert judge([record(1, NgayHenTra="20590310170000")], dialect=dialect).bad.is_empty()


def test_quarantine_keeps_the_record_without_what_was_dropped_or_masked() -> None:
    judged = judge([record(2, TrangThaiHoSo="gọi 0912345678")])
    text = judged.bad["record"].item()
    assert "0912345678" not in text
    assert "Bí Mật" not in text
    assert '"TrangThaiHoSo":"masked"' in text
    assert '"MaHoSo":"000.00.30.H22-250303-0002"' in text


def test_every_record_is_in_one_of_the_two_frames() -> None:
    records = [record(n, **RULES[name][2]) for n, name in enumerate(RULES, start=1)]
    judged = judge([*records, *(record(n) for n in range(100, 120))])
    assert judged.good.height + judged.bad.height == len(records) + 20
    assert sorted(pl.concat([judged.good["_position"], judged.bad["position"]])) == list(
        range(1, len(records) + 21)
    )
