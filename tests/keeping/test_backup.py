"""A backup restores a home that answers equally; what is damaged or erased does not come back."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tarfile
import threading
from datetime import datetime
from pathlib import Path

import pytest

from pipelines.warehouse.backup import BackupError, back_up, mark_backups
from pipelines.warehouse.lock import writer_lock
from pipelines.warehouse.restore import Restored, restore
from pipelines.warehouse.tables import connect_reader, content_hash
from tests.conftest import TEST_KEY, RunMotcua
from tests.faults.shops import record
from tests.keeping.paper import REFERENCE, PaperHome, files_with
from tests.keeping.test_erase import CODE, erase_from

AT = datetime(2025, 4, 1, 2)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> PaperHome:
    home = PaperHome(tmp_path_factory.mktemp("built") / "home")
    home.take(*(record(n) for n in range(1, 5)))
    (home.root / "sources.yml").write_text("sources: []\n")
    (home.root / "exports.ndjson").write_text('{"rows": 1}\n')
    (home.root / "unit_change_edits.csv").write_text("change_id\n")
    (home.root / "export.csv").write_text("Nguyễn Văn Không Được Lưu\n")
    (home.root / "serving").mkdir()
    (home.root / "inbox").mkdir()
    (home.root / "inbox" / "raw.csv").write_text("Nguyễn Văn Không Được Lưu\n")
    (home.root / "dagster").mkdir()
    with sqlite3.connect(home.root / "dagster" / "runs.db") as db:
        db.execute("create table runs (id int)")
        db.execute("insert into runs values (7)")
    return home


@pytest.fixture
def home(built: PaperHome, tmp_path: Path) -> PaperHome:
    """A copy of it, to be changed."""
    return built.copy_to(tmp_path / "home")


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Where backups are kept."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


def keep(home: PaperHome, out: Path) -> Path:
    return back_up(home.root, home.warehouse, out, AT, lambda *_: None).file


def bring_back(file: Path, home: Path) -> Restored:
    return restore(file, home, REFERENCE, None, lambda *_: None)


def test_a_home_is_restored_whole_and_goes_on(home: PaperHome, shelf: Path, tmp_path: Path) -> None:
    file = keep(home, shelf)
    restored = bring_back(file, tmp_path / "new")
    assert restored.is_same_key
    again = PaperHome(tmp_path / "new", pulls=1)
    assert again.hashes() == home.hashes()
    with sqlite3.connect(again.root / "dagster" / "runs.db") as db:
        assert db.execute("select id from runs").fetchall() == [(7,)]
    assert (again.root / "exports.ndjson").read_text() == '{"rows": 1}\n'
    assert [merged.accepted for merged in again.take(record(9), record(1))] == [1]
    assert again.replay().differences == ()


def test_neither_key_nor_inbox_is_in_a_backup(home: PaperHome, shelf: Path, tmp_path: Path) -> None:
    file = keep(home, shelf)
    with tarfile.open(file) as tar:
        names = tar.getnames()
    assert not [name for name in names if name.startswith("inbox")]
    assert {"sources.yml", "unit_change_edits.csv"} <= set(names)
    assert "export.csv" not in names
    raw = file.read_bytes()
    assert TEST_KEY.encode() not in raw
    assert "Không Được Lưu".encode() not in raw
    assert file.stat().st_mode & 0o077 == 0


def test_another_key_is_told(
    home: PaperHome, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = keep(home, shelf)
    monkeypatch.setenv("MOTCUA_PSEUDONYM_KEY", "another key")
    assert not bring_back(file, tmp_path / "new").is_same_key


def test_a_home_that_is_not_empty_is_left_alone(home: PaperHome, shelf: Path) -> None:
    file = keep(home, shelf)
    before = home.hashes()
    with pytest.raises(BackupError, match="is not empty"):
        bring_back(file, home.root)
    assert home.hashes() == before


def damage(file: Path, how: str) -> None:
    raw = bytearray(file.read_bytes())
    with tarfile.open(file) as tar:
        warehouse = tar.getmember("warehouse/motcua.duckdb")
        manifest = tar.getmember("manifest.json")
    if how == "a bit of the warehouse":
        raw[warehouse.offset_data + warehouse.size // 2] ^= 1
    elif how == "the end is missing":
        raw = raw[: manifest.offset]
    elif how == "cut in the middle":
        raw = raw[: len(raw) // 3]
    elif how == "no archive":
        raw = bytearray(b"no archive at all")
    file.write_bytes(raw)


@pytest.mark.parametrize(
    "how", ["a bit of the warehouse", "the end is missing", "cut in the middle", "no archive"]
)
def test_a_damaged_backup_restores_nothing(
    home: PaperHome, shelf: Path, tmp_path: Path, how: str
) -> None:
    file = keep(home, shelf)
    damage(file, how)
    with pytest.raises(BackupError, match=r"files are not as they were|no whole backup"):
        bring_back(file, tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_path_that_leaves_the_home_is_refused(
    home: PaperHome, shelf: Path, tmp_path: Path
) -> None:
    file = keep(home, shelf)
    with tarfile.open(file, "a") as tar:
        tar.add(home.root / "sources.yml", "../outside.yml")
    with pytest.raises(BackupError, match="is no file of a backup"):
        bring_back(file, tmp_path / "new")
    assert not (tmp_path / "outside.yml").exists()


def test_what_was_erased_since_the_backup_is_erased_again(
    home: PaperHome, shelf: Path, tmp_path: Path
) -> None:
    file = keep(home, shelf)
    assert CODE.encode() in file.read_bytes()
    erase_from(home)
    assert mark_backups(home.root) == [str(file)]
    restored = bring_back(file, tmp_path / "new")
    assert restored.erased == 1
    assert files_with(tmp_path / "new", CODE) == []
    again = PaperHome(tmp_path / "new", pulls=1)
    assert again.hashes() == home.hashes()
    assert again.take(record(2))[0].findings == (("erased", "", 1),)


def test_a_backup_waits_for_the_writer_and_then_is_consistent(
    home: PaperHome, shelf: Path, tmp_path: Path
) -> None:
    made: list[Path] = []
    with writer_lock(home.warehouse, "a run"):
        thread = threading.Thread(target=lambda: made.append(keep(home, shelf)))
        thread.start()
        home.take(record(5))
        assert made == []
    thread.join(60)
    bring_back(made[0], tmp_path / "new")
    assert PaperHome(tmp_path / "new").hashes() == home.hashes()


def test_a_backup_is_on_record_and_never_written_over(home: PaperHome, shelf: Path) -> None:
    file = keep(home, shelf)
    [line] = (home.root / "backups.ndjson").read_text().splitlines()
    assert json.loads(line)["file"] == str(file)
    with pytest.raises(BackupError, match="is there already"):
        keep(home, file)
    with pytest.raises(BackupError, match=r"has to end in \.tar"):
        keep(home, shelf / "backup.tar.zst")
    assert [path.name for path in home.root.iterdir() if path.name.startswith(".")] == []


def test_a_restored_home_answers_as_the_one_that_was_kept(
    early_home: Path, shelf: Path, tmp_path: Path, run_motcua: RunMotcua
) -> None:
    home = tmp_path / "early"
    shutil.copytree(early_home, home)
    kept = run_motcua(home, "backup", "--out", str(shelf))
    assert kept.returncode == 0, kept.stderr
    assert "keep it elsewhere" in kept.stderr
    [file] = shelf.glob("*.tar")
    done = run_motcua(home, "restore", str(file), "--home", str(tmp_path / "new"))
    assert done.returncode == 0, done.stderr
    pointer = json.loads((tmp_path / "new" / "serving" / "CURRENT.json").read_text())
    for root in (home, tmp_path / "new"):
        assert (root / "serving" / f"{pointer['version']}.duckdb").exists()
    snapshots = [next((root / "serving").glob("*.duckdb")) for root in (home, tmp_path / "new")]
    assert snapshots[0].read_bytes() == snapshots[1].read_bytes()
    hashes: list[list[str]] = []
    for root in (home, tmp_path / "new"):
        connection = connect_reader(root / "warehouse" / "motcua.duckdb")
        tables = [name for (name,) in connection.sql(
            "select schema_name || '.' || table_name from duckdb_tables()"
            " where database_name = 'motcua' order by all").fetchall()]  # fmt: skip
        hashes.append([content_hash(connection, name) for name in tables])
        connection.close()
    assert hashes[0] == hashes[1]
    assert len(hashes[0]) > 40
