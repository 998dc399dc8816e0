"""`motcua score766`: its JSON, its tables and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from pipelines.cli import app


def call(home: Path, *args: str) -> Result:
    return CliRunner().invoke(app, ["score766", *args], env={"MOTCUA_HOME": str(home)})


def ask(home: Path, *args: str) -> dict[str, Any]:
    told = call(home, *args, "--format", "json")
    assert told.exit_code == 0, told.stderr
    return json.loads(told.stdout)


def test_json_holds_every_item_of_the_whole(published_home: Path) -> None:
    told = ask(published_home, "--period", "2025Q1")
    assert (told["period"], told["as_of"], told["is_period_over"]) == ("2025Q1", "2026-06-30", True)
    (row,) = told["rows"]
    assert (row["unit_code"], row["level"], row["max_points"], row["band"]) == (
        None, None, 100.0, None,
    )  # fmt: skip
    measured = [item for item in row["items"] if item["points"] is not None]
    assert row["measurable_points"] == sum(item["max_points"] for item in measured)
    assert row["points"] == pytest.approx(sum(item["points"] for item in measured), abs=0.05)
    for item in measured:
        assert item["ratio"] == pytest.approx(item["numerator"] / item["denominator"])
    for item in row["items"]:
        assert (item["status"] == "no_feed") == bool(item["needs"])


def test_a_unit_is_named_by_code_and_validity(published_home: Path) -> None:
    told = ask(published_home, "--period", "2025", "--unit", "00691")
    named = [(row["unit_code"], row["unit_valid_from"]) for row in told["rows"]]
    assert named == [("00691", None), ("00691", "2025-07-01")]


def test_levels_have_a_score_each(published_home: Path) -> None:
    told = ask(published_home, "--period", "2024", "--by", "level")
    assert [row["level"] for row in told["rows"]] == ["commune", "district", "province"]


def test_a_period_that_is_not_over_says_so(published_home: Path) -> None:
    assert ask(published_home, "--period", "2026")["is_period_over"] is False


def test_csv_holds_the_items_of_one_score_and_a_line_for_each_of_several(
    published_home: Path,
) -> None:
    one = call(published_home, "--period", "2025", "--format", "csv").stdout.splitlines()
    assert len(one) == 1 + 21 + 1
    assert one[-1].startswith("total,")
    assert " of 100 points measurable" in one[-1]
    several = call(published_home, "--period", "2025", "--by", "level", "--format", "csv")
    head, *lines = several.stdout.splitlines()
    assert head.startswith("unit_code,unit_valid_from,level,points,measurable_points")
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["--period", "2025-13"], "'2025-13' is no period; write 2025-03, 2025Q1 or 2025"),
        (["--period", "2030"], "2030 begins after the data's last day, 2026-06-30"),
        (["--period", "2021"], "no item of the score is in force on 2021-12-31"),
    ],
)
def test_what_cannot_be_scored_is_one_line_and_two(
    published_home: Path, args: list[str], line: str
) -> None:
    told = call(published_home, *args)
    assert (told.exit_code, told.stderr.strip()) == (2, line)


def test_an_unknown_unit_is_one_line_and_two(published_home: Path) -> None:
    told = call(published_home, "--period", "2025", "--unit", "no-such-unit")
    assert told.exit_code == 2
    assert told.stderr.startswith("unknown unit 'no-such-unit'")
    assert len(told.stderr.strip().splitlines()) == 1
