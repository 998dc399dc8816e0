"""A real city's log, its official label, and our figures (`make real`)."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
from pathlib import Path

import polars as pl
import pytest

from pipelines.settings import PROJECT_ROOT
from tests.conftest import RunMotcua
from tests.real.compare_labels import compare, label_of

DATA = PROJECT_ROOT.parent / "shared" / "data"
FILE = DATA / "boston311_2011H2.csv.gz"
SCRIPT = PROJECT_ROOT / "tests" / "real" / "run_boston.sh"
needs_data = pytest.mark.skipif(
    not FILE.exists(), reason=f"the City of Boston's log {FILE.name} is not beside the checkout"
)


def run_script(home: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(SCRIPT)],
        env=os.environ | {"MOTCUA_HOME": str(home)} | env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def boston(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home with Boston's log published, and the report of `make real`."""
    home = tmp_path_factory.mktemp("boston")
    done = run_script(home)
    assert done.returncode == 0, done.stderr
    return home, done.stdout


@needs_data
def test_every_request_of_boston_is_accounted_for(
    boston: tuple[Path, str], run_motcua: RunMotcua
) -> None:
    done = run_motcua(boston[0], "sources", "outcomes", "--format", "json")
    (outcome,) = json.loads(done.stdout)["rows"]
    assert outcome["records_in"] == 58_251
    parts = (outcome["accepted"], outcome["unchanged"], outcome["quarantined"])
    assert sum(parts) == 58_251
    assert outcome["status"] == "ok"


@needs_data
def test_our_instant_class_agrees_with_every_label_of_the_city(boston: tuple[Path, str]) -> None:
    found = compare(boston[0], FILE)
    assert (found.closed_agreeing, found.closed_with_label) == (43_664, 43_664)


@needs_data
def test_requests_without_a_due_date_stand_apart(
    boston: tuple[Path, str], run_motcua: RunMotcua
) -> None:
    found = compare(boston[0], FILE)
    assert found.without_due == 10_981
    assert found.open_without_due == 232
    for definition in ("instant", "ii06a"):
        done = run_motcua(
            boston[0], "metrics", "--metric", "no_due_date", "--metric", "resolved",
            "--definition", definition, "--format", "json",
        )  # fmt: skip
        figures = {row["metric"]: row["numerator"] for row in json.loads(done.stdout)["rows"]}
        assert figures == {"no_due_date": 10_749, "resolved": 54_570}


@needs_data
def test_the_share_late_differs_between_the_date_and_the_instant_rule(
    boston: tuple[Path, str], run_motcua: RunMotcua
) -> None:
    late = {}
    for definition in ("instant", "ii06a"):
        done = run_motcua(
            boston[0], "metrics", "--metric", "late", "--definition", definition,
            "--format", "json",
        )  # fmt: skip
        late[definition] = json.loads(done.stdout)["rows"][0]["numerator"]
    assert late["instant"] - late["ii06a"] == 693
    assert compare(boston[0], FILE).moved_to_on_time == 693


@needs_data
def test_three_rates_are_all_called_on_time_and_differ_in_whom_they_count(
    boston: tuple[Path, str],
) -> None:
    rates = compare(boston[0], FILE).rates
    assert [f"{100 * rate.on_time / rate.counted:.1f}" for rate in rates] == [
        "80.2",
        "75.5",
        "81.5",
    ]
    assert [(rate.on_time, rate.counted) for rate in rates] == [
        (46_572, 58_093), (35_591, 47_112), (35_591, 43_664),
    ]  # fmt: skip
    for rate in rates:
        assert rate.on_time == rate.on_time_by_label
        assert rate.population in boston[1]


@needs_data
def test_the_report_of_make_real_says_all_of_it(boston: tuple[Path, str]) -> None:
    assert boston[1].splitlines() == compare(boston[0], FILE).lines()
    assert "43,664 of 43,664" in boston[1]


@needs_data
@pytest.mark.parametrize(
    "changed",
    [{"closed_agreeing": 43_663}, {"accepted": 58_250}, {"no_due_date": 10_748}],
    ids=["one label", "one record", "one request without due date"],
)
def test_a_comparison_that_misses_one_request_is_not_whole(
    boston: tuple[Path, str], changed: dict[str, int]
) -> None:
    found = compare(boston[0], FILE)
    assert found.is_whole
    assert not dataclasses.replace(found, **changed).is_whole


def test_only_a_late_class_is_the_overdue_label() -> None:
    classes = pl.DataFrame({"c": ["early", "on_time", "late"]})
    assert classes.select(label_of("c")).to_series().to_list() == ["ONTIME", "ONTIME", "OVERDUE"]


def test_make_real_without_the_data_says_so_in_one_line_and_fails(tmp_path: Path) -> None:
    done = run_script(tmp_path / "home", MOTCUA_REAL_DATA=str(tmp_path))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "boston311_2011H2.csv.gz is absent" in done.stderr
