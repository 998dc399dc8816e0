"""What iGate and OpenCPS say, in their own words, means what the national record means."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.intake.sources import Source
from pipelines.settings import PROJECT_ROOT, settings
from pipelines.warehouse.merge import Merged, load_batch
from pipelines.warehouse.tables import connect_writer
from tests.integration.shop_tables import pull, state

RECEIVED, DUE = datetime(2025, 3, 3, 8), datetime(2025, 3, 10, 17)
FINISHED, RETURNED = datetime(2025, 3, 7, 10, 30, 15), datetime(2025, 3, 8, 9)


def igate(number: int, **changed: object) -> dict[str, Any]:
    """A dossier of iGate's search service with its result."""

    def written(moment: datetime) -> str:
        return f"{moment:%Y-%m-%dT%H:%M:%S}.000+0700"

    return {
        "id": f"5f{number:022x}",
        "code": f"000.00.30.H22-250303-{number:04d}",
        "dossierStatus": {"id": 4, "name": "Có kết quả"},
        "applyMethod": {"id": "2", "name": "Trực tuyến"},
        "appliedDate": written(RECEIVED),
        "acceptedDate": written(RECEIVED),
        "appointmentDate": written(DUE),
        "completedDate": written(FINISHED),
        "returnedDate": None,
        "procedure": {"code": "1.001000.000.00.00.H22", "sector": {"code": "HT"}},
        "agency": {"id": "62", "code": "000.00.30.H22", "name": "Huyện Vị Xuyên"},
        "agencyLevel": {"code": "QUANHUYEN"},
        "applicant": {"data": {"fullname": "Công Dân Bí Mật", "phoneNumber": "+84912345678"}},
        "task": [{"createdDate": written(RECEIVED), "assignee": {"fullname": "Cán Bộ Kín"}}],
        "updated_at": written(FINISHED),
    } | changed


def opencps(number: int, *, in_milliseconds: bool = True, **changed: object) -> dict[str, Any]:
    """A dossier of OpenCPS that is done; moments as its service or as its forms write them."""

    def written(moment: datetime) -> object:
        if in_milliseconds:
            return int((moment - datetime(1970, 1, 1, 7)).total_seconds() * 1000)
        return f"{moment:%d/%m/%Y %H:%M:%S}"

    return {
        "dossierNo": f"000.00.30.H22-250303-{number:04d}",
        "serviceCode": "1.001000",
        "govAgencyCode": "30",
        "govAgencyName": "Huyện Vị Xuyên",
        "domainCode": "HT",
        "submitDate": written(RECEIVED),
        "receiveDate": written(RECEIVED),
        "dueDate": written(DUE),
        "extendDate": written(DUE),
        "releaseDate": written(FINISHED),
        "finishDate": written(RETURNED),
        "dossierStatus": "done",
        "dossierSubStatus": "",
        "viaPostal": 1,
        "originality": 1,
        "applicantIdType": "citizen",
        "applicantName": "Công Dân Bí Mật",
        "updated_at": written(RETURNED),
    } | changed


def take(home: Path, dialect: str, records: list[dict[str, Any]]) -> Merged:
    (home / "told.json").write_text(json.dumps(records, ensure_ascii=False))
    source = Source.model_validate(
        {
            "id": "shop-dossiers", "kind": "files", "system": "shop", "dialect": dialect,
            "files": {"path": "told.json"},
        }
    )  # fmt: skip
    outcome = pull(home, source)
    assert (outcome.status, outcome.error) == ("ok", None)
    writer = connect_writer(home / "motcua.duckdb")
    try:
        batch = home / "landing" / outcome.feed / outcome.source / outcome.pull_id
        return load_batch(writer, batch, outcome, settings().reference_dir, home)
    finally:
        writer.close()


def landed(home: Path) -> pl.DataFrame:
    return pl.read_parquet(home / "landing" / "**" / "*.parquet")


@pytest.fixture
def known_channel(tmp_path: Path) -> str:
    """iGate's dialect once the province has said what its channels mean."""
    text = (PROJECT_ROOT / "data" / "dialects" / "igate.yml").read_text()
    before, channels, after = text.partition("  KenhThucHien:\n")
    (tmp_path / "dialects").mkdir()
    compared = after.replace('"2": chua-doi-chieu-2', '"2": "2"')
    (tmp_path / "dialects" / "igate-here.yml").write_text(before + channels + compared)
    return "igate-here"


@pytest.mark.parametrize("in_milliseconds", [True, False])
def test_a_dossier_of_opencps_is_read_in_both_of_its_ways_to_write_a_moment(
    in_milliseconds: bool, tmp_path: Path
) -> None:
    merged = take(tmp_path, "opencps", [opencps(1, in_milliseconds=in_milliseconds)])
    assert (merged.accepted, merged.quarantined) == (1, 0), merged.findings
    (row,) = state(tmp_path)[0].to_dicts()
    assert (row["submitted_at"], row["received_at"], row["due_sent_at"]) == (
        RECEIVED,
        RECEIVED,
        DUE,
    )
    assert (row["finished_at"], row["returned_at"]) == (FINISHED, RETURNED)
    assert row["source_updated_at"] == RETURNED
    assert (row["status_code"], row["channel"], row["unit_code"]) == ("10", "2", "030")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("receiving", "1"),
        ("processing", "4"),
        ("waiting", "5"),
        ("releasing", "9"),
        ("denied", "3"),
    ],
)
def test_a_word_of_opencps_is_a_national_status(word: str, status: str, tmp_path: Path) -> None:
    take(tmp_path, "opencps", [opencps(1, dossierStatus=word)])
    assert state(tmp_path)[0]["status_code"].to_list() == [status]


@pytest.mark.parametrize(
    ("dialect", "record", "field"),
    [
        ("opencps", opencps(1, dossierStatus="pausing"), "TrangThaiHoSo"),
        ("opencps", opencps(1, originality=2), "KenhThucHien"),
        ("igate", igate(1, dossierStatus={"id": 2}), "TrangThaiHoSo"),
        ("igate", igate(1, dossierStatus={"id": 9}), "TrangThaiHoSo"),
        ("igate", igate(1, dossierStatus={"id": 16}), "TrangThaiHoSo"),
        ("igate", igate(1, applyMethod={"id": 1}), "KenhThucHien"),
        ("igate", igate(1), "KenhThucHien"),
    ],
)
def test_a_code_that_nobody_compared_is_reported_and_not_taken_for_a_national_one(
    dialect: str, record: dict[str, Any], field: str, tmp_path: Path
) -> None:
    merged = take(tmp_path, dialect, [record])
    assert (merged.accepted, merged.quarantined) == (0, 1)
    assert [(finding[0], finding[1]) for finding in merged.findings] == [("unknown_code", field)]


def test_a_dossier_of_igate_is_read_once_its_channels_are_compared(
    known_channel: str, tmp_path: Path
) -> None:
    records = [igate(1), igate(2, dossierStatus={"id": 0}, acceptedDate="", completedDate=None)]
    merged = take(tmp_path, known_channel, records)
    assert (merged.accepted, merged.quarantined) == (2, 0), merged.findings
    first, second = state(tmp_path)[0].to_dicts()
    assert (first["received_at"], first["due_sent_at"]) == (RECEIVED, DUE)
    assert (first["finished_at"], first["source_updated_at"]) == (FINISHED, FINISHED)
    assert (first["status_code"], first["channel"], first["unit_code"]) == ("9", "2", "030")
    assert (second["status_code"], second["received_at"]) == ("1", None)
    told = str(landed(tmp_path).rows())
    assert not [t for t in ("Công Dân Bí Mật", "84912345678", "Cán Bộ Kín") if t in told]
