"""`motcua snapshots`: which versions there are, and rolling back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from pipelines.cli import app
from pipelines.serving.leases import Lease
from pipelines.serving.retention import keep_version
from pipelines.serving.snapshot import current_snapshot, point_to

VERSIONS = ("motcua-20260629T060000-aa", "motcua-20260630T060000-bb", "motcua-20260701T060000-cc")


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command line on a home with three versions."""
    monkeypatch.setenv("MOTCUA_HOME", str(tmp_path))
    folder = tmp_path / "serving"
    folder.mkdir()
    for version in VERSIONS:
        with duckdb.connect(str(folder / f"{version}.duckdb")) as db:
            db.execute("create table meta as select 'data_as_of' as key, '2026-06-28' as value")
    point_to(folder, VERSIONS[-1])
    return lambda *words: CliRunner().invoke(app, ["snapshots", *words])


def test_the_list_says_what_is_current_read_and_named(
    call: Callable[..., Result], tmp_path: Path
) -> None:
    keep_version(tmp_path / "serving", VERSIONS[0], "form 2026Q2 signed")
    with Lease(tmp_path / "serving" / f"{VERSIONS[1]}.duckdb"):
        rows = json.loads(call("list", "--format", "json").stdout)["rows"]
    assert [row["version"] for row in rows] == list(reversed(VERSIONS))
    assert [row["state"] for row in rows] == ["current", "", ""]
    assert [row["is_held"] for row in rows] == [False, True, False]
    assert [row["named_by"] for row in rows] == [None, None, "form 2026Q2 signed"]
    assert {row["data_as_of"] for row in rows} == {"2026-06-28"}


def test_rolling_back_moves_the_pointer_and_the_list_says_from_where(
    call: Callable[..., Result], tmp_path: Path
) -> None:
    done = call("roll-back", VERSIONS[1])
    assert done.exit_code == 0, done.output
    assert current_snapshot(tmp_path / "serving").version == VERSIONS[1]
    rows = json.loads(call("list", "--format", "json").stdout)["rows"]
    assert [row["state"] for row in rows] == ["rolled back from", "current", ""]


def test_rolling_back_to_no_version_is_one_line_and_changes_nothing(
    call: Callable[..., Result], tmp_path: Path
) -> None:
    done = call("roll-back", "motcua-gone")
    assert done.exit_code == 1
    assert current_snapshot(tmp_path / "serving").version == VERSIONS[-1]


def test_a_home_without_snapshots_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_HOME", str(tmp_path))
    assert CliRunner().invoke(app, ["snapshots", "list"]).exit_code == 1
