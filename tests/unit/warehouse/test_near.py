"""What a load puts aside of the log changes nothing but what it costs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.intake.landing import read_outcome
from pipelines.warehouse.merge import Merged, load_batch
from pipelines.warehouse.near import put_aside
from pipelines.warehouse.tables import content_hash
from tests.faults.shops import record
from tests.unit.warehouse.test_merge import REFERENCE, Warehouse

HISTORY = [record(n) for n in range(1, 101)]
LATER = "2025-03-18T01:00:00"
# of the same codes: known, changed, told twice, another dossier's; and new ones, twice as well
DAY: list[tuple[str, list[Any]]] = [
    ("shop", [record(1), record(2, updated_at=LATER), record(101), record(101), "text"]),
    ("other", [record(1), record(102)]),
    ("shop", [
        record(2, updated_at=LATER), record(101), record(103),
        record(3, MaTTHC="1.001025", NgayTiepNhan="20250304080000"),
        record(103, MaTTHC="1.001025", NgayTiepNhan="20250304080000"),
    ]),
]  # fmt: skip


def load_day(home: Path, *, is_aside: bool) -> tuple[list[Merged], dict[str, str], list[int]]:
    """What a day did to a log of a hundred dossiers, and how many rows were put aside."""
    warehouse = Warehouse(home)
    try:
        warehouse.take(HISTORY)
        folders = [warehouse.land(records, shop=shop) for shop, records in DAY]
        batches = [(folder, read_outcome(folder)) for folder in folders]
        near = put_aside(warehouse.db, batches) if is_aside else {}
        counts = [
            int(warehouse.rows(f"select count(*) from {name}")[0][0]) for name in near.values()
        ]
        merged = [load_batch(warehouse.db, *batch, REFERENCE, None, near) for batch in batches]
        tables = ("dossier_version", "quarantine", "outcome")
        return merged, {n: content_hash(warehouse.db, f"log.{n}") for n in tables}, counts
    finally:
        warehouse.db.close()


def test_a_day_on_a_long_log_does_what_every_batch_alone_does(tmp_path: Path) -> None:
    aside, tables, counts = load_day(tmp_path / "aside", is_aside=True)
    alone, right, _ = load_day(tmp_path / "alone", is_aside=False)
    assert counts == [3]
    assert [m.counts() for m in aside] == [m.counts() for m in alone]
    assert tables == right
    assert [m.accepted for m in alone] == [2, 2, 1]
    assert alone[2].findings == (("dossier_code_collision", "MaHoSo", 2),)


def test_rows_aside_that_lack_a_dossier_would_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = load_day(tmp_path / "right", is_aside=True)[0]
    monkeypatch.setattr("pipelines.warehouse.near.dossier_code", lambda codes: codes.str.head(3))
    lacking = load_day(tmp_path / "lacking", is_aside=True)[0]
    assert [m.accepted for m in lacking] != [m.accepted for m in right]


def test_a_load_that_is_large_beside_the_log_puts_nothing_aside(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    try:
        folders = [warehouse.land(HISTORY), warehouse.land(HISTORY, shop="other")]
        assert put_aside(warehouse.db, [(f, read_outcome(f)) for f in folders]) == {}
    finally:
        warehouse.db.close()
