"""The dbt unit tests of the models hold, and see a model that is wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_ROOT
from pipelines.warehouse.tables import connect_writer

RunDbt = Callable[..., subprocess.CompletedProcess[str]]
UNIT_TESTS = ("test", "--select", "resource_type:unit_test")
MODELS = PROJECT_ROOT / "models"

# model → what is written there, and what a mistake would write
DEFECTS = {
    "stg_log__dossier_version": ("'not item.is_deleted'", "'true'"),
    "int_dossier_current": ("{{ newest_version_first() }}", "known_at desc, content_hash"),
    "int_dossier_stated": (
        "when dossier.status_code in ('9', '10') then 'resolved'",
        "when dossier.status_code in ('8', '9', '10') then 'resolved'",
    ),
    "int_dossier_classified": (
        "when cast(finished_at as date) = cast(due_at as date) then 'on_time'",
        "when finished_at <= due_at then 'on_time'",
    ),
    "int_wait_found": ("where status_code = '6'", "where status_code in ('5', '6')"),
    "int_wait_merged": ("max(until_at) over (", "lag(until_at) over ("),
    "int_worktime_day": ("day.kind in ('work', 'weekend')", "day.kind in ('work')"),
    "int_worktime_bucket": ("~ ' + 1'", "~ ' + 0'"),
    "int_procedure_term": (
        "offered.is_own desc, offered.valid_from desc",
        "offered.valid_from desc",
    ),
    "int_dossier_term": ("and short.valid_to", "and short.valid_to - 1"),
    "int_dossier_due_first": ("where term_unit is not null", "where true"),
    "int_dossier_due": ("bool_and(from_at <= due_before_at)", "bool_and(true)"),
    "int_wait_restarted": ("wait.until_at > term.received_at", "wait.until_at >= term.received_at"),
    "int_dossier_due_shifted": ("and not dossier.is_due_sent_anew", ""),
    "int_dossier_due_d766": ("coalesce(first_answered_at, closed_at)", "first_answered_at"),
    "int_dossier_placed": ("and coded.code_place < today.share_to", ""),
    "dim_unit_successor": (" * step.share_from", " * step.share_to"),
    "int_dossier_period": (
        "coalesce(cast(first_answered_at as date) > end_on, true)",
        "first_answered_at is null",
    ),
    "dim_rule": (") - 1,", "),"),
    "met_class_move": (
        "state = 'withdrawn' and '{{ definition }}' <> 'd766'",
        "state = 'withdrawn'",
    ),
    "met_deadline": ("'ii06a', 'ii06a_vendor', 'half_day'", "'ii06a', 'half_day'"),
    "met_due": (
        "cast(due_at as date) > cast(due_computed_at as date)",
        "due_at > due_computed_at",
    ),
    "dim_unit_change": ("> former.unit_valid_from", ">= former.unit_valid_from"),
    "imp_panel": ("where state = 'resolved'", "where finished_at is not null"),
    "dim_procedure": ("false as is_known", "true as is_known"),
    "fct_balance_event": ("cast(due_at as date) + 1", "cast(due_at as date)"),
    "met_stock": ("ends.last_n + 1", "ends.last_n"),
    "int_dossier_answered": (
        "when is_answered then waited_seconds <= ",
        "when is_answered then waited_seconds < ",
    ),
    "fct_dossier": ("located.fee_amount > 0 and", "located.fee_amount >= 0 and"),
    "met_submitted": (
        "state = 'not_accepted' and status_code = '3'",
        "status_code in ('1', '3')",
    ),
    "met_received": ("where is_accepted", "where received_at is not null or components_n > 4"),
    "met_resolved": ("coalesce(yields_result, true)", "coalesce(yields_result, false)"),
    "met_returned": ("cast(returned_at as date)", "cast(finished_at as date)"),
    "dq_told_late": ("min(coalesce(source_updated_at", "max(coalesce(source_updated_at"),
    "stg_log__quarantine": ("century='20'", "century='19'"),
}


@pytest.fixture(scope="module")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory, run_dbt: RunDbt) -> Path:
    """All tables without a row: a unit test takes the columns of its inputs from them."""
    warehouse_file = tmp_path_factory.mktemp("empty") / "motcua.duckdb"
    connect_writer(warehouse_file).close()
    types = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
    done = run_dbt(warehouse_file, "build", "--empty", *types)
    assert done.returncode == 0, done.stdout[-3000:]
    return warehouse_file


def test_every_unit_test_of_the_models_holds(empty_warehouse: Path, run_dbt: RunDbt) -> None:
    done = run_dbt(empty_warehouse, *UNIT_TESTS)
    assert done.returncode == 0, done.stdout[-5000:]
    statuses = read_statuses(empty_warehouse)
    assert {model for model, _ in statuses} == set(DEFECTS)
    assert set(statuses.values()) == {"pass"}


def test_the_unit_tests_see_a_model_that_is_wrong(
    empty_warehouse: Path, run_dbt: RunDbt, tmp_path: Path
) -> None:
    project = tmp_path / "models"
    shutil.copytree(MODELS, project, ignore=shutil.ignore_patterns("target", "logs"))
    (tmp_path / "data").symlink_to(PROJECT_ROOT / "data")
    for model, (right, wrong) in DEFECTS.items():
        (file,) = project.rglob(f"{model}.sql")
        text = file.read_text(encoding="utf-8")
        assert right in text, f"{model} no longer reads {right!r}"
        file.write_text(text.replace(right, wrong), encoding="utf-8")
    copy = tmp_path / "motcua.duckdb"
    shutil.copy(empty_warehouse, copy)
    run_dbt(copy, *UNIT_TESTS, project=project)
    failing = {model for (model, _), status in read_statuses(copy).items() if status == "fail"}
    assert failing == set(DEFECTS)


def read_statuses(warehouse_file: Path) -> dict[tuple[str, str], str]:
    """(model, unit test) → status of the last run."""
    file = warehouse_file.parent / "target" / "run_results.json"
    results = json.loads(file.read_text(encoding="utf-8"))["results"]
    statuses: dict[tuple[str, str], str] = {}
    for result in results:
        kind, _, model, *name = str(result["unique_id"]).split(".", 3)
        if kind == "unit_test":
            statuses[model, name[0]] = str(result["status"])
    return statuses
