"""Restatement: what was published, what is now, and parts that sum to the difference exactly."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.serving.restatement import Cause, Rules
from pipelines.serving.restatement.split import KEYS, PARTS, split_differences
from pipelines.serving.restatement.wording import say_restated
from pipelines.warehouse.tables import connect_writer
from tests.conftest import RunMotcua
from tests.faults.shops import record
from tests.keeping.paper import PaperHome

SCHEMA = {
    "unit_code": pl.String, "unit_valid_from": pl.Date, "metric": pl.String,
    "definition": pl.String, "period": pl.String, "numerator": pl.Int64, "denominator": pl.Int64,
}  # fmt: skip


def figures(*rows: tuple[str, str, int | None, int | None]) -> pl.DataFrame:
    """Figures of one month: unit, metric, numerator, denominator."""
    whole = [(unit, None, metric, None, "2025-03", n, d) for unit, metric, n, d in rows]
    return pl.DataFrame(whole, schema=SCHEMA, orient="row").select(
        *KEYS, "numerator", "denominator"
    )


def split(
    then: pl.DataFrame, between: pl.DataFrame, now: pl.DataFrame, cause: Cause = "rule"
) -> list[dict[str, Any]]:
    rows = split_differences(then, between, now, cause).to_dicts()
    for row in rows:
        if row["difference"] is not None:
            assert row["difference"] == sum(row[name] for name in PARTS)
            assert row["difference"] == pytest.approx(row["now"] - row["then"])
    return rows


def test_a_difference_is_late_data_and_what_the_rules_made_of_the_same_data() -> None:
    [row] = split(
        figures(("030", "received", 10, None)),
        figures(("030", "received", 12, None)),
        figures(("030", "received", 15, None)),
    )
    assert (row["then"], row["now"], row["late_data"], row["rule"]) == (10, 15, 3, 2)
    assert (row["unit_change"], row["rule_and_unit"], row["log_mended"]) == (0, 0, 0)


def test_a_share_is_split_unrounded_and_sums_exactly() -> None:
    [row] = split(
        figures(("030", "late_rate", 1, 3)),
        figures(("030", "late_rate", 2, 7)),
        figures(("030", "late_rate", 3, 11)),
        "unit_change",
    )
    assert row["unit_change"] == 2 / 7 - 1 / 3
    assert row["late_data"] == 3 / 11 - 2 / 7


def test_what_is_the_same_is_not_told_and_a_share_whose_parts_moved_is() -> None:
    same = figures(("030", "received", 10, None), ("030", "late_rate", 0, 0))
    assert split(same, same, same) == []
    half, other = figures(("030", "late_rate", 1, 2)), figures(("030", "late_rate", 2, 4))
    [row] = split(half, other, other)
    assert (row["then"], row["now"], row["difference"]) == (0.5, 0.5, 0)


def test_a_unit_that_is_no_more_gave_its_count_away() -> None:
    nothing = figures()
    [row] = split(figures(("00691", "received", 4, None)), nothing, nothing, "unit_change")
    assert (row["now"], row["difference"], row["unit_change"]) == (0, -4, -4)


def test_what_was_never_said_has_no_difference() -> None:
    now = figures(("024", "received", 4, None), ("024", "late_rate", 1, 4))
    for row in split(figures(), now, now):
        assert row["then"] is None
        assert row["difference"] is None
        assert row["now"] is not None


def test_a_share_over_nothing_has_no_difference() -> None:
    [row] = split(
        figures(("030", "late_rate", 0, 0)),
        figures(("030", "late_rate", 0, 0)),
        figures(("030", "late_rate", 1, 2)),
    )
    assert (row["then"], row["now"], row["difference"]) == (None, 0.5, None)


@pytest.mark.parametrize(
    ("then", "cause"),
    [
        (Rules("a", "n"), "log_mended"),
        (Rules("b", "n"), "rule"),
        (Rules("a", "m"), "unit_change"),
        (Rules("b", "m"), "rule_and_unit"),
        (Rules("a", None), "rule_and_unit"),
    ],
)
def test_the_cause_is_what_changed_between_the_two_publications(then: Rules, cause: Cause) -> None:
    assert then.changed_to(Rules("a", "n")) == cause


def test_each_line_is_a_sentence_in_both_languages() -> None:
    [row] = split(
        figures(("030", "late_rate", 1, 4)),
        figures(("030", "late_rate", 2, 4)),
        figures(("030", "late_rate", 3, 4)),
    )
    label = ("Tỷ lệ quá hạn", "Late")
    vi, en = say_restated(row, "Huyện Vị Xuyên", label, is_share=True)
    assert vi == (
        "2025-03, Huyện Vị Xuyên: Tỷ lệ quá hạn 25,00% → 75,00%: dữ liệu đến muộn +25,00 điểm %,"
        " quy tắc thay đổi +25,00 điểm %."
    )
    assert en == (
        "2025-03, Huyện Vị Xuyên: Late 25.00% → 75.00%: data that came late +25.00 points,"
        " changed rules +25.00 points."
    )


@pytest.fixture(scope="module")
def restated(
    early_home: Path, tmp_path_factory: pytest.TempPathFactory, run_motcua: RunMotcua
) -> Path:
    """A home that published in June, was told of a dossier of March in July, and ran again."""
    home = PaperHome(tmp_path_factory.mktemp("restated") / "home", pulls=24 * 110)
    shutil.copytree(early_home, home.root)
    home.land(record(7, updated_at="2025-07-07T09:00:00"))
    nobody = home.root / "sources.yml"
    nobody.write_text("sources: []\n")
    done = run_motcua(home.root, "run", env={"MOTCUA_NOW": "2025-08-01T06:00:00"})
    assert done.returncode == 0, done.stderr
    return home.root


def ask(home: Path, run_motcua: RunMotcua, *more: str) -> dict[str, Any]:
    done = run_motcua(
        home, "restatement", "--since", "2025-07-05", "--period", "2025-03", "--format", "json",
        *more, env={"MOTCUA_NOW": "2025-08-01T07:00:00"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.long
def test_a_dossier_told_late_is_late_data_and_nothing_else(
    restated: Path, run_motcua: RunMotcua
) -> None:
    answer = ask(restated, run_motcua)
    [row] = [row for row in answer["rows"] if row["metric"] == "received"]
    assert (row["unit_code"], row["difference"], row["late_data"]) == ("030", 1, 1)
    assert {r["metric"] for r in answer["rows"]} >= {"received", "resolved", "digitization_rate"}
    assert {r["unit_code"] for r in answer["rows"]} == {"030"}
    assert all(row[name] in (0, None) for row in answer["rows"] for name in PARTS[1:])


@pytest.mark.long
@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ("rules_hash = 'of another rule'", "rule"),
        ("network_hash = 'of another network'", "unit_change"),
        ("rules_hash = 'other', network_hash = 'other'", "rule_and_unit"),
        ("rules_hash = rules_hash", "log_mended"),
    ],
)
def test_a_figure_published_under_other_rules_is_split_from_late_data(
    restated: Path, tmp_path: Path, run_motcua: RunMotcua, changed: str, cause: str
) -> None:
    home = tmp_path / "home"
    shutil.copytree(restated, home)
    connection = connect_writer(home / "warehouse" / "motcua.duckdb")
    early = "published_at < '2025-07-05'"
    connection.execute(f"update log.published_figure set {changed} where {early}")
    connection.execute(
        "update log.published_figure set numerator = numerator + 2 where metric = 'received'"
        f" and period = '2025-03' and unit_code = '030' and {early}"
    )
    connection.close()
    answer = ask(home, run_motcua, "--metric", "received", "--unit", "030")
    [row] = answer["rows"]
    assert answer["cause"] == cause
    assert (row["difference"], row["late_data"], row[cause]) == (-1, 1, -2)


@pytest.mark.long
def test_rules_that_changed_since_the_last_publication_are_refused(
    restated: Path, tmp_path: Path, run_motcua: RunMotcua
) -> None:
    import duckdb

    home = tmp_path / "home"
    shutil.copytree(restated, home)
    pointer = json.loads((home / "serving" / "CURRENT.json").read_text())
    with duckdb.connect(str(home / "serving" / f"{pointer['version']}.duckdb")) as db:
        db.execute("update meta set value = 'older' where key = 'rules_hash'")
    done = run_motcua(home, "restatement", "--since", "2025-07-05")
    assert done.returncode == 1
    assert "run `motcua run` first" in done.stderr
    workbook = tmp_path / "restatement.xlsx"
    told = run_motcua(
        restated, "restatement", "--since", "2025-07-05", "--format", "xlsx", "--out",
        str(workbook),
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert pl.read_excel(workbook).height > 0
