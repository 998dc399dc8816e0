"""The order in which versions arrive changes nothing: an old copy that arrives late never wins."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipelines.dbt_project import dbt_environment, lend_parse
from pipelines.intake.canonical import ALLOW_LIST_VERSION, DOSSIER
from pipelines.intake.dialects import load_dialect
from pipelines.intake.landing import LandingBatch, Outcome, read_outcome
from pipelines.intake.readers import Envelope, read_json
from pipelines.settings import PROJECT_ROOT, settings
from pipelines.warehouse.merge import load_batch
from pipelines.warehouse.tables import connect_reader, connect_writer
from tests.faults.shops import page, record

MODELS = PROJECT_ROOT / "models"
FIRST_PULL = datetime(2025, 3, 20, 6)
RECEIVED = {"TrangThaiHoSo": "4", "NgayKetThucXuLy": "", "updated_at": "2025-03-03T09:00:00"}
WAITING = {"TrangThaiHoSo": "5", "NgayKetThucXuLy": "", "updated_at": "2025-03-05T09:00:00"}
FINISHED = {"updated_at": "2025-03-08T01:00:00"}
# told at the same second as the finish, with fewer events: it is the older one
SAME_SECOND = {"TrangThaiHoSo": "4", "NgayKetThucXuLy": "", "updated_at": "2025-03-08T01:00:00"}
VERSIONS = (RECEIVED, WAITING, FINISHED, SAME_SECOND)


def land(home: Path, body: str, place: int) -> Path:
    """One page as a batch of its own, an hour after the one before."""
    fetched_at = FIRST_PULL + timedelta(hours=place)
    outcome = Outcome(
        pull_id=f"{fetched_at:%Y%m%dT%H%M%S}-0000-{place}", run_id=str(place), source="shop",
        identity="shop", feed="dossiers", kind="rest", fetched_at=fetched_at,
        window_to=fetched_at, dialect="national", allow_list_version=ALLOW_LIST_VERSION,
    )  # fmt: skip
    batch = LandingBatch(home / "landing", outcome)
    read = read_json(
        [body.encode()], record=DOSSIER, dialect=load_dialect("national"),
        envelope=Envelope("data", "updated_at"), file="answer",
        reference=settings().reference_dir,
    )  # fmt: skip
    batch.add(read.frame)
    return batch.close()


ORDERS = list(itertools.permutations(range(len(VERSIONS))))


@pytest.fixture(scope="module")
def newest_of_every_order(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The current dossiers the models find: dossier n was told its versions in the n-th order."""
    home = tmp_path_factory.mktemp("orders")
    file = home / "motcua.duckdb"
    writer = connect_writer(file)
    try:
        for place in range(len(VERSIONS)):
            told = [record(n, **VERSIONS[order[place]]) for n, order in enumerate(ORDERS)]
            folder = land(home, page(list(told)), place)
            load_batch(writer, folder, read_outcome(folder), settings().reference_dir, None)
    finally:
        writer.close()
    done = subprocess.run(
        [Path(sys.executable).with_name("dbt"), "build", "--select", "+int_dossier_current",
         "--exclude-resource-types", "test", "unit_test",
         "--project-dir", ".", "--profiles-dir", ".",
         "--target-path", str(lend_parse(home / "target")), "--log-path", str(home / "logs")],
        cwd=MODELS, env=os.environ | dbt_environment(file),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    reader = connect_reader(file)
    try:
        return reader.sql(
            """select dossier_code, status_code, finished_at, source_updated_at,
                (select count(*) from log.dossier_version as v
                where v.dossier_code = d.dossier_code) as version_n
            from int_dossier_current as d"""
        ).pl()
    finally:
        reader.close()


def test_every_order_of_arrival_gives_the_same_current_dossier(
    newest_of_every_order: pl.DataFrame,
) -> None:
    assert newest_of_every_order.height == len(ORDERS)
    assert newest_of_every_order.drop("dossier_code").unique().height == 1


def test_the_current_dossier_is_the_newest_version_even_when_an_old_copy_arrives_last(
    newest_of_every_order: pl.DataFrame,
) -> None:
    row = newest_of_every_order.row(0, named=True)
    assert row["status_code"] == "9"
    assert row["finished_at"] == datetime(2025, 3, 7, 10)


def test_every_version_is_kept_whatever_the_order(newest_of_every_order: pl.DataFrame) -> None:
    assert newest_of_every_order["version_n"].unique().to_list() == [len(VERSIONS)]


def test_a_version_known_already_is_unchanged_whenever_it_comes_again(tmp_path: Path) -> None:
    connection = connect_writer(tmp_path / "motcua.duckdb")
    try:
        told = []
        for place, n in enumerate((0, 2, 0, 2, 1)):
            folder = land(tmp_path, page([record(1, **VERSIONS[n])]), place)
            merged = load_batch(
                connection, folder, read_outcome(folder), settings().reference_dir, None
            )
            told.append((merged.accepted, merged.unchanged, merged.quarantined))
    finally:
        connection.close()
    assert told == [(1, 0, 0), (1, 0, 0), (0, 1, 0), (0, 1, 0), (1, 0, 0)]
