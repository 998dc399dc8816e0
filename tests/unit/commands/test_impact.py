"""What `motcua impact` says where there is nothing to say, and costs that stop a run."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.serving.snapshot import point_to
from pipelines.warehouse.tables import connect_writer


def call(home: Path, *args: str) -> tuple[int, str]:
    told = CliRunner().invoke(app, args, env={"MOTCUA_HOME": str(home)})
    return told.exit_code, told.stderr.strip()


def test_the_command_explains_itself(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["impact", "--help"], env={"MOTCUA_HOME": str(tmp_path)})
    assert told.exit_code == 0
    for option in ("--change", "--outcome", "--on", "--history", "--all"):
        assert option in told.stdout


def test_nothing_published_is_one_line(tmp_path: Path) -> None:
    assert call(tmp_path, "impact") == (
        1, "nothing has been published yet: run `motcua demo` or `motcua run`",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("args", "status"), [((), 1), (("--change", "shop-00691", "--on", "2024-08-01"), 1)]
)
def test_a_snapshot_from_before_says_so_in_one_line(
    tmp_path: Path, args: tuple[str, ...], status: int
) -> None:
    serving = tmp_path / "serving"
    serving.mkdir()
    connection = connect_writer(serving / "motcua-old.duckdb")
    connection.execute(
        "create table main.meta as select 'data_as_of' as key, '2025-06-01' as value"
    )
    connection.close()
    point_to(serving, "motcua-old")
    assert call(tmp_path, "impact", *args) == (
        status, "motcua-old says nothing of mergers: run `motcua run --whole`",
    )  # fmt: skip
    assert call(tmp_path, "impact", "--history")[0] == 0


def test_costs_that_cannot_be_used_stop_a_run_before_it_begins(tmp_path: Path) -> None:
    (tmp_path / "unit_costs.csv").write_text(
        "level,cost_per_shop_month,valid_from,valid_to\nward,5,,\n"
    )
    assert call(tmp_path, "run") == (
        1, "unit_costs.csv: row 2: level: must be one of province, district, commune",
    )  # fmt: skip
    assert not (tmp_path / "warehouse").exists()
