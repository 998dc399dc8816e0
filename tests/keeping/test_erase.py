"""An erased dossier is gone, byte for byte, and does not come in again; the rest is conserved."""

from __future__ import annotations

import hashlib
import hmac
import shutil
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines.intake.erasures import ErasureKeyError, hmac_codes, read_register
from pipelines.intake.privacy import pseudonym_key
from pipelines.warehouse.erase import Erased, ErasureError, erase
from pipelines.warehouse.tables import connect_reader, connect_writer
from tests.conftest import RunMotcua
from tests.faults.shops import record
from tests.keeping.paper import REFERENCE, PaperHome, files_with, step

CODE = "000.00.30.H22-250303-0002"
OTHERS = [record(n) for n in (1, 3, 4)]
LATER = "2025-03-09T01:00:00"


def erase_from(home: PaperHome, code: str = CODE, source: str = "shop-dossiers") -> Erased:
    return erase(
        home.warehouse, home.landing, REFERENCE, home.root,
        source=source, code=code, by="Văn phòng", reason="Theo yêu cầu",
        at=datetime(2025, 3, 25),
    )  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> PaperHome:
    """Two versions of a dossier, one of them told twice, a bad one, its steps, and others."""
    home = PaperHome(tmp_path_factory.mktemp("built") / "home")
    home.take(record(2), *OTHERS)
    home.take(record(2, TrangThaiHoSo="10", NgayTra="20250307110000", updated_at=LATER), record(2))
    home.take(record(2, TrangThaiHoSo="77"), record(5))
    home.take(record(2, TrangThaiHoSo="77"))
    home.take(step(CODE), step(CODE, "20250307100000", "9"), step(OTHERS[0]["MaHoSo"]),
              feed="progress")  # fmt: skip
    return home


@pytest.fixture
def home(built: PaperHome, tmp_path: Path) -> PaperHome:
    """A copy of it, to be changed."""
    return built.copy_to(tmp_path / "home")


def test_no_byte_of_an_erased_dossier_stays_in_log_and_landing(home: PaperHome) -> None:
    assert len(files_with(home.root, CODE)) == 6
    assert erase_from(home) == Erased(versions=2, steps=2, quarantined=1, landed=7)
    assert files_with(home.root, CODE) == []
    landed = pl.concat(
        pl.read_parquet(path, columns=["MaHoSo", "_defect", "_position"])
        for path in home.landing.rglob("part-*.parquet")
    )
    assert landed.filter(MaHoSo=CODE).is_empty()
    assert landed.filter(_defect="erased").height == 7
    assert home.rows("select count(*) from log.dossier_version") == [(4,)]


def test_a_code_that_was_only_deleted_lingers_in_the_file(home: PaperHome) -> None:
    connection = connect_writer(home.warehouse)
    connection.execute("delete from log.dossier_version where dossier_code = ?", [CODE])
    connection.execute("delete from log.progress where dossier_code = ?", [CODE])
    connection.close()
    assert "warehouse/motcua.duckdb" in files_with(home.root, CODE)


def test_records_stay_conserved_and_a_replay_equals_the_log_after_an_erasure(
    home: PaperHome,
) -> None:
    counts = "select accepted, unchanged, quarantined from log.outcome order by pull_id"
    assert home.rows(counts) == [(4, 0, 0), (1, 1, 0), (1, 0, 1), (0, 0, 1), (3, 0, 0)]
    erase_from(home)
    home.check_conserved()
    assert home.rows(counts) == [(3, 0, 1), (0, 0, 2), (1, 0, 1), (0, 0, 1), (1, 0, 2)]
    before = home.hashes()
    done = home.replay()
    assert done.is_compared
    assert done.differences == ()
    assert home.hashes() == before


def test_two_erasures_of_one_batch_are_counted_as_a_replay_counts_them(home: PaperHome) -> None:
    erase_from(home)
    erase_from(home, OTHERS[1]["MaHoSo"])
    home.check_conserved()
    assert home.replay().differences == ()


def test_what_is_told_of_it_later_is_quarantined_without_content(home: PaperHome) -> None:
    erase_from(home)
    [merged] = home.take(record(2, updated_at="2025-03-28T01:00:00"), record(6))
    assert (merged.accepted, merged.quarantined) == (1, 1)
    assert merged.findings == (("erased", "", 1),)
    records = home.rows("select distinct record from log.quarantine where rule = 'erased'")
    assert all('"MaHoSo":null' in text and '"NgayTiepNhan":null' in text for (text,) in
               records if "ThoiDiemXuLy" not in text)  # fmt: skip
    assert files_with(home.root, CODE) == []


def test_a_pull_under_way_during_the_erasure_is_cleaned_when_it_is_loaded(home: PaperHome) -> None:
    folder = home.land(record(2, updated_at="2025-03-28T01:00:00"))
    part = folder / "part-00001.parquet"
    raw = part.read_bytes()
    erase_from(home)
    part.write_bytes(raw)
    home.load()
    assert pl.read_parquet(part)["MaHoSo"].to_list() == [None]
    assert home.rows("select count(*) from log.dossier_version where dossier_code = ?", [CODE]) == [
        (0,)
    ]


def test_an_erasure_that_was_interrupted_is_completed_by_asking_again(home: PaperHome) -> None:
    parts = {path: path.read_bytes() for path in home.landing.rglob("part-*.parquet")}
    erase_from(home)
    after = home.hashes()
    for path, raw in parts.items():
        path.write_bytes(raw)
    assert erase_from(home).landed == 7
    assert home.hashes() == after
    assert home.replay().differences == ()


@pytest.mark.parametrize(
    ("source", "code", "line"),
    [
        ("nobody", CODE, "nobody: no source or system of that name has told anything"),
        ("shop", "000.00.30.H22-250303-9999", "shop: no such dossier is kept: nothing was erased"),
    ],
)
def test_what_is_not_there_is_not_erased_and_the_line_names_no_code(
    home: PaperHome, source: str, code: str, line: str
) -> None:
    before = home.hashes()
    with pytest.raises(ErasureError) as refused:
        erase_from(home, code, source)
    assert str(refused.value) == line
    assert home.hashes() == before
    assert read_register(home.landing) == []


def test_with_another_key_nothing_is_loaded_rather_than_let_in(
    home: PaperHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    erase_from(home)
    monkeypatch.setenv("MOTCUA_PSEUDONYM_KEY", "another key")
    with pytest.raises(ErasureKeyError, match="give the other one back"):
        home.take(record(2))


def test_a_tombstone_is_the_hmac_of_system_and_code(home: PaperHome) -> None:
    marks = hmac_codes(pl.Series([CODE, "Đ-1"]), "shop").to_list()
    assert marks == [
        hmac.new(pseudonym_key(), f"erasure|shop|{code}".encode(), hashlib.sha256).hexdigest()
        for code in (CODE, "Đ-1")
    ]
    erase_from(home)
    [tombstone] = read_register(home.landing)
    assert tombstone.code_hmac == marks[0]
    assert home.rows("select code_hmac, erased_by, reason from log.erasure") == [
        (marks[0], "Văn phòng", "Theo yêu cầu")
    ]


@pytest.mark.long
def test_no_byte_of_it_is_left_in_a_home_that_ran_again(
    early_home: Path, tmp_path: Path, run_motcua: RunMotcua
) -> None:
    home = tmp_path / "home"
    shutil.copytree(early_home, home, ignore=shutil.ignore_patterns("list-*"))
    connection = connect_reader(home / "warehouse" / "motcua.duckdb")
    source, code = connection.execute(
        "select source, dossier_code from log.dossier_version where dossier_code in"
        " (select dossier_code from log.progress) order by all limit 1"
    ).fetchall()[0]
    connection.close()
    (home / "sources.yml").write_text("sources: []\n")
    env = {"MOTCUA_NOW": "2025-08-01T06:00:00", "MOTCUA_KEEP_SNAPSHOTS": "1"}
    assert files_with(home, code)
    words = ("--reason", "Theo yêu cầu", "--by", "Văn phòng")
    done = run_motcua(home, "erase", "--source", source, "--dossier", code, *words, env=env)
    assert done.returncode == 0, done.stderr
    assert "still holds it until it is retired" in done.stderr
    assert code not in done.stdout + done.stderr
    assert [Path(name).parent.name for name in files_with(home, code)] == ["serving"]
    done = run_motcua(home, "run", env=env)
    assert done.returncode == 0, done.stderr
    assert files_with(home, code) == []
