"""Landing may be cut by age; the log is not, and a replay never loses what was cut."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipelines.warehouse.retention import Cut, cut_landing
from tests.conftest import RunMotcua
from tests.faults.shops import record
from tests.keeping.paper import PaperHome, step

LATER = "2025-03-09T01:00:00"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> PaperHome:
    home = PaperHome(tmp_path_factory.mktemp("built") / "home")
    home.take(record(1), record(2), record(3, TrangThaiHoSo="77"))
    home.take(step(record(1)["MaHoSo"]), feed="progress")
    home.take(record(1), record(2, TrangThaiHoSo="10", NgayTra="20250307110000", updated_at=LATER))
    return home


@pytest.fixture
def home(built: PaperHome, tmp_path: Path) -> PaperHome:
    """A copy of it, to be changed."""
    return built.copy_to(tmp_path / "home")


def cut(home: PaperHome, at: datetime, *, is_dry: bool = False) -> Cut:
    return cut_landing(home.warehouse, home.landing, days=1, at=at, is_dry=is_dry)


def parts(home: PaperHome) -> int:
    return len(list(home.landing.rglob("part-*.parquet")))


def test_only_old_batches_that_the_log_knows_are_cut(home: PaperHome) -> None:
    home.land(record(9))  # landed, not loaded
    at = home.now + timedelta(days=1)
    before = home.hashes()
    found = cut(home, at, is_dry=True)
    assert (found.batches, found.records, found.waiting) == (3, 6, 0)
    assert (parts(home), home.hashes()) == (4, before)
    assert cut(home, at) == found
    assert parts(home) == 1
    late = cut(home, at + timedelta(days=1))
    assert (late.batches, late.waiting) == (0, 1)
    assert home.rows("select count(*), sum(records_in) from log.landing_cut") == [(3, 6)]
    assert [m.accepted for m in home.load()] == [1]


def test_a_replay_keeps_the_rows_of_batches_that_were_cut(home: PaperHome) -> None:
    home.take(record(4))
    before = home.hashes()
    cut(home, home.now + timedelta(hours=23, minutes=30))
    assert parts(home) == 1
    known = "select dossier_code, content_hash, known_at, pull_id from log.dossier_version"
    rows = home.rows(f"{known} order by all")
    done = home.replay()
    assert (done.carried, done.differences, done.lost) == (3, (), 0)
    assert home.rows(f"{known} order by all") == rows
    after = home.hashes()
    assert {name for name in before if before[name] != after[name]} == {"landing_cut"}


def test_without_a_log_a_replay_says_what_is_lost(home: PaperHome) -> None:
    home.take(record(4))
    cut(home, home.now + timedelta(hours=23, minutes=30))
    home.warehouse.unlink()
    done = home.replay()
    assert (done.batches, done.records, done.lost, done.is_compared) == (1, 1, 3, False)


def test_a_part_that_is_gone_without_a_record_is_never_taken_for_unchanged(
    home: PaperHome,
) -> None:
    folder = home.land(record(8))
    (folder / "part-00001.parquet").unlink()
    with pytest.raises(RuntimeError, match="shop-dossiers: 0 of the 1 parts of pull p0004"):
        home.load()
    assert home.rows("select count(*) from log.outcome") == [(3,)]


def test_a_warehouse_that_cannot_be_read_is_kept_aside(home: PaperHome) -> None:
    home.warehouse.write_bytes(b"no database at all, of some length to be looked at")
    done = home.replay()
    assert done.unreadable is not None
    assert done.unreadable.name == "motcua.unreadable"
    assert done.unreadable.exists()
    assert done.records == 4


def test_retention_is_a_matter_of_configuration(home: PaperHome, run_motcua: RunMotcua) -> None:
    kept = run_motcua(home.root, "retention")
    assert "everything is kept for ever" in kept.stderr
    told = run_motcua(home.root, "retention", "--dry-run", env={"MOTCUA_KEEP_LANDING_DAYS": "30"})
    assert told.returncode == 0, told.stderr
    assert "3 batches older than 30 days" in told.stderr
    assert parts(home) == 3
