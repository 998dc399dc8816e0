"""Publishing: what is wrong is not published, the pointer moves whole, figures are remembered."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.serving.publish import Published, VerificationError, publish
from pipelines.serving.snapshot import (
    NoSnapshotError,
    current_snapshot,
    point_to,
)
from pipelines.warehouse.tables import connect_reader, connect_writer

PUBLISHED_AT = datetime(2026, 7, 1, 6)
PublishCopy = Callable[..., Published]


@pytest.fixture
def home(published_home: Path, tmp_path: Path) -> Path:
    """A copy of the small home's warehouse and snapshots, to be spoilt."""
    for part in ("warehouse", "serving"):
        shutil.copytree(published_home / part, tmp_path / part)
    return tmp_path


@pytest.fixture(scope="module")
def manifest(published_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The semantic manifest that the small home's snapshot carries."""
    with duckdb.connect(
        str(current_snapshot(published_home / "serving").file), read_only=True
    ) as db:
        body = db.sql("select body from meta_document where name = 'semantic_manifest'").fetchall()
    file = tmp_path_factory.mktemp("manifest") / "semantic_manifest.json"
    file.write_text(body[0][0], encoding="utf-8")
    return file


@pytest.fixture
def publish_again(home: Path, manifest: Path) -> PublishCopy:
    """Publish what the copy holds, some hours later, after changing it by SQL."""

    def again(change: str = "", hours: int = 0, keep: int = 5) -> Published:
        file = home / "warehouse" / "motcua.duckdb"
        if change:
            connection = connect_writer(file)
            connection.execute(change)
            connection.close()
        return publish(
            file,
            home / "serving",
            manifest=manifest,
            run_id=f"run{hours:05d}",
            published_at=PUBLISHED_AT + timedelta(hours=hours),
            keep=keep,
        )

    return again


def said(home: Path) -> int:
    connection = connect_reader(home / "warehouse" / "motcua.duckdb")
    try:
        return connection.sql("select count(*) from log.published_figure").fetchall()[0][0]
    finally:
        connection.close()


def one(table: str, change: str, condition: str = "true") -> str:
    """SQL that changes a single row."""
    where = f"rowid = (select min(rowid) from main.{table} where {condition})"
    return f"{change.format(table=f'main.{table}')} where {where}"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (one("fct_dossier", "delete from {table}"), "dossiers: "),
        (one("met_received", "update {table} set received_n = received_n + 1"), "received: "),
        (
            one("fct_dossier", "update {table} set closed_at = null", "state = 'resolved'"),
            "accepted = open \\+ closed: 1 in the snapshot",
        ),
        (
            one(
                "met_deadline",
                "update {table} set classified_n = classified_n + 1",
                "definition = 'ii06a'",
            ),
            "classified = resolved: ",
        ),
        (
            one("met_received", "update {table} set digitized_n = 10000 * received_n"),
            "digitization_rate is ",
        ),
        (one("met_received", "update {table} set online_n = -10000"), "online_rate is -"),
        (
            one("met_received", "update {table} set today_unit_key = unit_key", "level <> 'open'"),
            "in 2021-0[1-3]: .* as it was, .* on today's boundaries",
        ),
    ],
    ids=["a dossier is lost", "one received too many", "closed without a time",
         "one classified too many", "a share above 1", "a share below 0",
         "a dossier without a unit of today"],
)  # fmt: skip
def test_a_wrong_total_is_not_published_and_the_pointer_stays(
    home: Path, publish_again: PublishCopy, change: str, message: str
) -> None:
    before, figures = current_snapshot(home / "serving"), said(home)
    with pytest.raises(VerificationError, match=message):
        publish_again(change)
    assert current_snapshot(home / "serving") == before
    assert said(home) == figures
    assert [p.name for p in (home / "serving").iterdir() if p.suffix == ".duckdb"] == [
        before.file.name
    ]


def test_a_sound_warehouse_is_published_under_a_new_version(
    home: Path, publish_again: PublishCopy
) -> None:
    before = current_snapshot(home / "serving")
    published = publish_again()
    assert current_snapshot(home / "serving") == published.snapshot != before
    assert before.file.exists()
    with duckdb.connect(str(published.snapshot.file), read_only=True) as db:
        meta = dict(db.sql("select key, value from meta").fetchall())
    assert meta["version"] == published.snapshot.version
    assert meta["data_as_of"] == "2026-06-30"
    assert meta["is_synthetic"] == "true"
    assert len(json.loads(meta["watermarks"])) == 28
    assert meta["run_id"] == "run00000"
    assert meta["rules_hash"]


def test_published_figures_grow_by_changed_ones_alone(
    home: Path, publish_again: PublishCopy
) -> None:
    figures = said(home)
    assert figures > 1_000
    publish_again()
    assert said(home) == figures
    publish_again(
        one(
            "met_deadline",
            "update {table} set early_n = early_n - 1, late_n = late_n + 1",
            "definition = 'ii06a' and early_n > 0",
        ),
        hours=1,
    )
    assert said(home) == figures + 2
    connection = connect_reader(home / "warehouse" / "motcua.duckdb")
    try:
        newest = connection.sql(
            "select metric from log.published_figure where published_at >"
            f" timestamp '{PUBLISHED_AT}' order by all"
        ).fetchall()
    finally:
        connection.close()
    assert newest == [("early_rate",), ("late_rate",)]


def test_the_last_versions_and_the_current_one_are_kept(
    home: Path, publish_again: PublishCopy
) -> None:
    first = current_snapshot(home / "serving")
    versions = [publish_again(hours=n, keep=2).snapshot for n in range(3)]
    kept = set((home / "serving").glob("*.duckdb"))
    assert kept == {versions[-1].file, versions[-2].file}
    assert first.file not in kept


def test_rolling_back_is_pointing_to_an_older_version(
    home: Path, publish_again: PublishCopy
) -> None:
    before = current_snapshot(home / "serving")
    publish_again()
    point_to(home / "serving", before.version)
    assert current_snapshot(home / "serving") == before


def test_readers_never_see_half_a_pointer(tmp_path: Path) -> None:
    versions = [f"motcua-{n:040d}" for n in range(2)]
    for version in versions:
        (tmp_path / f"{version}.duckdb").touch()
    point_to(tmp_path, versions[0])
    seen: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(current_snapshot(tmp_path).version)

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(200):
        point_to(tmp_path, versions[n % 2])
    done.set()
    reader.join()
    assert set(seen) == set(versions)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "CURRENT.json",
        *(f"{v}.duckdb" for v in versions),
    ]


def test_a_pointer_to_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoSnapshotError, match="nothing has been published yet"):
        current_snapshot(tmp_path)
    point_to(tmp_path, "motcua-gone")
    with pytest.raises(NoSnapshotError, match="names motcua-gone, but that file is gone"):
        current_snapshot(tmp_path)
