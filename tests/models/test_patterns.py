"""Pattern findings: every fault planted in a fifth of a source's records is found, no other."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipelines.settings import PROJECT_ROOT

RunDbt = Callable[..., subprocess.CompletedProcess[str]]
MODELS = PROJECT_ROOT / "models"
BUILD = ("run", "--select", "+dq_pattern")
Finding = tuple[str, str, str]

FIFTH = "hash(dossier_code) % 5 = 0"
ALL = "true"
# a whole stretch of months that holds a fifth of the dossiers, and a fifth of the shops
STRETCH = """coalesce(received_at, submitted_at) >= (
    select quantile_cont(coalesce(v.received_at, v.submitted_at), 0.75)
    from log.dossier_version as v where v.source = dossier_version.source)"""
SWAPPED = """make_timestamp(year({0}), day({0}), month({0}), hour({0}), minute({0}), second({0}))"""
MIDNIGHT = "received_at = date_trunc('day', received_at), is_received_at_day = true"
EQUAL = "submitted_at = received_at"
TWELVE = """received_at = case when hour(received_at) >= 13
    then received_at - interval 12 hour else received_at end"""
SWAP = f"""received_at = case when day(received_at) <= 12
    then {SWAPPED.format("received_at")} else received_at end"""

# source → pattern, field, what the fault writes, whose records bear it
PLANTED: dict[str, tuple[str, str, str, str]] = {
    "bac-me-district": ("midnight_only", "NgayTiepNhan", MIDNIGHT, FIFTH),
    "bac-quang-district": ("midnight_only", "NgayTiepNhan", MIDNIGHT, STRETCH),
    "dong-van-district": ("reception_equals_submission", "NgayTiepNhan", EQUAL, FIFTH),
    "hoang-su-phi-district": ("reception_equals_submission", "NgayTiepNhan", EQUAL, STRETCH),
    "ha-giang-city": ("hours_never_exceed_12", "NgayTiepNhan", TWELVE, ALL),
    "meo-vac-district": ("hours_never_exceed_12", "NgayTiepNhan", TWELVE, FIFTH),
    "quan-ba-district": ("day_month_swap", "NgayTiepNhan", SWAP, ALL),
    "vi-xuyen-district": ("day_month_swap", "NgayTiepNhan", SWAP, FIFTH),
    "quang-binh-district": (
        "constant_flag", "DuocThanhToanTrucTuyen", "online_payment_code = '1'", FIFTH),
    "xin-man-district": (
        "constant_flag", "DuocThanhToanTrucTuyen", "online_payment_code = '0'", ALL),
    "yen-minh-district": (
        "constant_flag", "HoSoCoThanhPhanSoHoa", "digitized_flag = '0'", FIFTH),
    "centre": ("constant_flag", "TaiKhoanDuocXacThucVoiVNeID", "vneid_flag = '0'", FIFTH),
}  # fmt: skip


def read_findings(warehouse_file: Path) -> set[Finding]:
    with duckdb.connect(str(warehouse_file), read_only=True) as db:
        return set(db.sql("select source, pattern, field from main.dq_pattern").fetchall())


def plant(warehouse_file: Path, written: dict[str, tuple[str, str]]) -> None:
    """Write a fault into the log of each source: source → what, whose records."""
    with duckdb.connect(str(warehouse_file)) as db:
        for source, (change, whose) in written.items():
            db.execute(
                f"update log.dossier_version set {change} where source = ? and ({whose})", [source]
            )


@pytest.fixture
def warehouse(published_home: Path, tmp_path: Path) -> Path:
    """The warehouse of a clean small province, one's own to spoil."""
    copy = tmp_path / "motcua.duckdb"
    shutil.copy(published_home / "warehouse" / "motcua.duckdb", copy)
    return copy


def test_a_clean_province_has_no_finding(published_home: Path) -> None:
    assert read_findings(published_home / "warehouse" / "motcua.duckdb") == set()


def test_every_pattern_in_a_fifth_of_the_records_or_in_all_is_found_and_nothing_else(
    warehouse: Path, run_dbt: RunDbt
) -> None:
    plant(warehouse, {s: (change, whose) for s, (_, _, change, whose) in PLANTED.items()})
    done = run_dbt(warehouse, *BUILD)
    assert done.returncode == 0, done.stdout[-3000:]
    expected = {(source, p, field) for source, (p, field, _, _) in PLANTED.items()}
    assert read_findings(warehouse) == expected


def test_a_source_whose_days_never_exceed_twelve_and_one_all_verified_are_found(
    warehouse: Path, run_dbt: RunDbt
) -> None:
    early = "received_at = received_at - to_days(((day(received_at) - 1) // 12 * 12)::int)"
    plant(
        warehouse,
        {
            "vi-xuyen-district": (early, ALL),
            "centre": ("vneid_flag = '1'", ALL),
            # too few records to say anything
            "lung-cu-commune": (MIDNIGHT, FIFTH),
            # a dialect that declares day precision marks absent times too
            "bac-me-district": (f"{MIDNIGHT}, is_returned_at_day = true", ALL),
            # nobody reads a flag that nobody sends
            "bac-quang-district": ("vneid_flag = null, online_payment_code = null", ALL),
        },
    )
    done = run_dbt(warehouse, *BUILD)
    assert done.returncode == 0, done.stdout[-3000:]
    assert read_findings(warehouse) == {
        ("vi-xuyen-district", "day_month_swap", "NgayTiepNhan"),
        ("centre", "constant_flag", "TaiKhoanDuocXacThucVoiVNeID"),
    }


def test_a_check_that_no_longer_looks_is_seen_to_fail(
    warehouse: Path, run_dbt: RunDbt, tmp_path: Path
) -> None:
    project = tmp_path / "models"
    shutil.copytree(MODELS, project, ignore=shutil.ignore_patterns("target", "logs"))
    (tmp_path / "data").symlink_to(PROJECT_ROOT / "data")
    file = project / "sql" / "intermediate" / "int_pattern_mark.sql"
    text = file.read_text(encoding="utf-8")
    right = "received_time = time '00:00:00'"
    assert right in text
    file.write_text(text.replace(right, "received_time = time '00:00:01'"), encoding="utf-8")
    plant(warehouse, {"bac-me-district": (MIDNIGHT, ALL), "centre": (EQUAL, ALL)})
    run_dbt(warehouse, *BUILD, project=project)
    assert {p for _, p, _ in read_findings(warehouse)} == {"reception_equals_submission"}
