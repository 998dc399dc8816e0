"""What mergers did, from the marts to the answer: the panel counts what the metrics count, a plain
day leaves the estimates alone, a moved change is estimated anew and the first answer stays."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

from pipelines.analysis.impact import estimate as entry
from pipelines.cli import app
from pipelines.defs.manifest import semantic_manifest
from pipelines.effects import step
from pipelines.effects.costs import read_costs
from pipelines.effects.estimate import EstimateError, estimate
from pipelines.effects.given import read_given
from pipelines.serving.impact import read_effect_history, read_impact_tables
from pipelines.serving.metrics.snapshot import SealedSnapshot
from pipelines.serving.publish import publish
from pipelines.serving.snapshot import Snapshot, current_snapshot
from pipelines.settings import settings
from pipelines.warehouse.tables import connect_writer
from tests.conftest import SMALL_HOME_NOW

LATER = datetime.fromisoformat(SMALL_HOME_NOW) + timedelta(hours=6)


@pytest.fixture(scope="module")
def snapshot(published_home: Path) -> Snapshot:
    return current_snapshot(published_home / "serving")


PAIRS = {
    "received": (
        "select month_on, sum(received_n), sum(online_n), sum(digitized_n) from imp_panel",
        "select date_trunc('month', received_on)::date, sum(received_n), sum(online_n),"
        " sum(digitized_n) from met_received",
    ),
    "results": (
        "select month_on, sum(resolved_n), sum(result_due_n), sum(e_result_n) from imp_panel",
        "select date_trunc('month', finished_on)::date, sum(resolved_n), sum(result_due_n),"
        " sum(e_result_n) from met_resolved",
    ),
    "classes": (
        "select month_on, sum(early_n), sum(on_time_n), sum(late_n + no_due_date_n) from imp_panel",
        "select date_trunc('month', counted_on)::date, sum(early_n), sum(on_time_n),"
        " sum(late_n + no_due_date_n) from met_deadline where definition = 'ii06a'",
    ),
}


@pytest.mark.parametrize("what", PAIRS)
def test_the_panel_counts_what_the_metrics_count(snapshot: Snapshot, what: str) -> None:
    ours, theirs = PAIRS[what]
    with duckdb.connect(str(snapshot.file), read_only=True) as db:
        counted = [
            {row for row in db.sql(f"{sql} group by 1").fetchall() if any(row[1:])}
            for sql in (ours, theirs)
        ]
    assert len(counted[0]) > 50
    assert counted[0] == counted[1]


def ask(home: Path, *args: str) -> dict[str, Any]:
    words = ["impact", *args, "--format", "json"]
    done = CliRunner().invoke(app, words, env={"MOTCUA_HOME": str(home)})
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_every_change_has_one_headline_for_each_outcome(
    published_home: Path, snapshot: Snapshot
) -> None:
    answer = ask(published_home)
    assert answer["snapshot"] == snapshot.version
    assert answer["estimated_for"] == answer["as_of"] == "2026-06-30"
    changes = {row["impact_id"]: row for row in answer["changes"]}
    assert set(changes) == {
        "shop-00691", "shop-00721", "shop-00769", "shop-01021", "shop-mergers",
        "network-2025-07-01",
    }  # fmt: skip
    keys = [(row["impact_id"], row["outcome"]) for row in answer["rows"]]
    assert len(keys) == len(set(keys))
    assert {row["definition"] for row in answer["rows"] if row["outcome"] == "late_rate"} == {
        "ii06a"
    }
    for row in answer["rows"]:
        assert (row["estimate"] is None) == (row["status"] is not None), row
        assert row["sentence_vi"] and row["sentence_en"]


def test_the_same_day_gives_the_published_estimates_and_another_day_others(
    published_home: Path,
) -> None:
    asked = ("--change", "shop-mergers", "--all", "--on")
    same = ask(published_home, *asked, "2024-07-01")
    assert same["is_published"] is False
    assert len(same["rows"]) > 10
    for row in same["rows"]:
        said = row["published_estimate"]
        wanted = None if said is None else pytest.approx(said, rel=1e-9, abs=1e-12)
        assert row["estimate"] == wanted, row
    other = ask(published_home, *asked, "2024-03-01")
    assert {row["effective_on"] for row in other["rows"]} == {"2024-03-01"}
    assert any(row["estimate"] != row["published_estimate"] for row in other["rows"])


def test_what_shops_cost_is_estimated_where_it_is_said(
    published_home: Path, snapshot: Snapshot, tmp_path: Path
) -> None:
    (tmp_path / "unit_costs.csv").write_text(
        "level,cost_per_shop_month,valid_from,valid_to\n"
        "commune,20000000,,\ndistrict,80000000,,\nprovince,300000000,,\n"
    )
    reference = settings().reference_dir
    sealed = SealedSnapshot(snapshot.file)
    try:
        published = read_impact_tables(sealed).effect
        costs = read_costs(tmp_path, reference)
        found = estimate(read_given(sealed.run, costs, date(2026, 6, 30)), sealed.run).effect
    finally:
        sealed.close()
    assert published.filter(outcome="cost_per_dossier").is_empty()
    with_costs = found.filter(outcome="cost_per_dossier", is_headline=True)
    assert "network-2025-07-01" in with_costs["impact_id"].to_list()
    # what is not of costs is as it was published
    others = found.filter(pl.col("outcome") != "cost_per_dossier")
    # in any order, and to the ninth digit: sums of floats know theirs
    assert_frame_equal(
        others.drop("second_opinion"), published.drop("second_opinion"),
        check_row_order=False, rel_tol=1e-9, abs_tol=1e-12,
    )  # fmt: skip


@pytest.mark.parametrize("what", ["no dossier at all", "units that are not the province's"])
def test_where_there_is_nothing_to_estimate_it_is_said_why(
    snapshot: Snapshot, tmp_path: Path, what: str
) -> None:
    sealed = SealedSnapshot(snapshot.file)
    try:
        costs = read_costs(tmp_path, settings().reference_dir)
        given = read_given(sealed.run, costs, date(2026, 6, 30))
        panel = given.panel.with_columns(unit_key=pl.lit("boston@"), level=pl.lit("open"))
        found = estimate(
            replace(given, panel=panel if what.startswith("units") else panel.clear()), sealed.run
        )
    finally:
        sealed.close()
    assert found.change.height > 0
    said = found.effect.group_by("impact_id").agg(pl.col("status").is_not_null().any())
    reasoned = set(said.filter("status")["impact_id"])
    reasoned |= set(found.change.filter(pl.col("reason_en").is_not_null())["impact_id"])
    assert reasoned == set(found.change["impact_id"])
    # quantiles are asked of the dossiers, which this snapshot has
    others = found.effect.filter(
        ~pl.col("outcome").is_in(["working_days_median", "working_days_p90"])
    )
    assert others["estimate"].null_count() == others.height
    assert found.effect["sentence_vi"].null_count() == 0


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (("--change", "shop-1"), 2, "change shop-1: is none of"),
        (("--outcome", "joy"), 2, "outcome joy: is none of"),
        (("--on", "2024-08-01"), 2, "--on: needs --change"),
        (("--change", "unit-00688-00691", "--on", "2024-08-01"), 2, "name network-2025-07-01"),
    ],
)
def test_a_wrong_question_is_refused_in_one_line(
    published_home: Path, args: tuple[str, ...], status: int, said: str
) -> None:
    refused = CliRunner().invoke(app, ["impact", *args], env={"MOTCUA_HOME": str(published_home)})
    assert refused.exit_code == status
    assert said in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


@pytest.fixture
def home(published_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small home's warehouse and snapshots, to go on with."""
    for part in ("warehouse", "serving"):
        shutil.copytree(published_home / part, tmp_path / part)
    monkeypatch.setenv("MOTCUA_HOME", str(tmp_path))
    return tmp_path


def go_on(hours: int = 0) -> tuple[str | None, Snapshot]:
    """Estimate where it is due, and publish."""
    config, at = settings(), LATER + timedelta(hours=hours)
    done = step.estimate_if_due(config, f"run{hours:05d}", at)
    published = publish(
        config.warehouse_file, config.serving_dir, manifest=semantic_manifest(),
        run_id=f"run{hours:05d}", published_at=at, keep=5,
    )  # fmt: skip
    return done.why, published.snapshot


def history(snapshot: Snapshot) -> pl.DataFrame:
    sealed = SealedSnapshot(snapshot.file)
    try:
        return read_effect_history(sealed)
    finally:
        sealed.close()


def test_a_plain_day_leaves_the_estimates_as_they_are(home: Path, snapshot: Snapshot) -> None:
    why, after = go_on()
    assert why is None
    said = history(after)
    assert set(said["snapshot"]) == {snapshot.version}
    assert said["stands"].all()
    sealed = SealedSnapshot(after.file)
    assert said.height == read_impact_tables(sealed).effect.height > 60
    sealed.close()


def test_a_change_on_another_day_is_estimated_anew_and_the_first_answer_stays(
    home: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connect_writer(settings().warehouse_file)
    connection.execute(
        "update main.dim_unit_change set effective_on = '2024-08-01' where change_id = 'shop-00691'"
    )
    connection.close()
    monkeypatch.setattr(step, "network_hash", lambda: "moved")
    why, after = go_on()
    assert why == "another network"
    said = history(after).filter(pl.col("impact_id") == "shop-00691", pl.col("is_headline"))
    by_day = said.group_by("effective_on", "snapshot", "stands").len().sort("effective_on")
    assert [(str(day), version, stands) for day, version, stands, _ in by_day.iter_rows()] == [
        ("2024-07-01", snapshot.version, False),
        ("2024-08-01", after.version, True),
    ]
    # of the network's change nothing is another but what hangs on the days a shop was open
    again = history(after).filter(impact_id="network-2025-07-01", snapshot=after.version)
    assert set(again["outcome"]) == {"dossiers_per_shop_day"}


def test_a_step_that_breaks_says_where_in_one_line_and_leaves_the_estimates(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_args: object, **_named: object) -> None:
        raise KeyError("a value of somebody's data")

    monkeypatch.setattr(entry, "estimate_impacts", break_down)
    monkeypatch.setattr(step, "network_hash", lambda: "moved")
    with pytest.raises(EstimateError) as broken:
        go_on()
    text = str(broken.value)
    assert text.startswith("what mergers did could not be estimated: KeyError")
    assert "somebody" not in text and "\n" not in text
    monkeypatch.undo()
    monkeypatch.setenv("MOTCUA_HOME", str(home))
    assert go_on(1)[0] is None
