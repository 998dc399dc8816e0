"""A change moved by a month: computed anew by one command, what was published before stays."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from pipelines.network.change_list import read_change_rows
from pipelines.settings import settings
from pipelines.warehouse.builds import plan_build
from pipelines.warehouse.tables import connect_reader
from tests.conftest import RunMotcua

MOVED = {"MOTCUA_NOW": "2026-07-02T06:00:00"}
LATER = {"MOTCUA_NOW": "2026-07-03T06:00:00"}
_SAID = """select network_hash, count(*), sum(numerator) from log.published_figure
group by network_hash order by min(published_at)"""


@pytest.fixture(scope="module")
def moved(
    published_home: Path, tmp_path_factory: pytest.TempPathFactory, run_motcua: RunMotcua
) -> Path:
    """A home in which the ward's shop was folded a month later than the list assumes."""
    home = tmp_path_factory.mktemp("moved") / "home"
    shutil.copytree(published_home, home)
    done = run_motcua(home, "changes", "move", "shop-00691", "--to", "2024-08-01", env=MOVED)
    assert done.returncode == 0, done.stderr
    assert "shop-00691: 2024-07-01 → 2024-08-01" in done.stderr
    return home


def ask(home: Path, sql: str) -> list[tuple[object, ...]]:
    connection = connect_reader(home / "warehouse" / "motcua.duckdb")
    try:
        return connection.sql(sql).fetchall()
    finally:
        connection.close()


def test_the_models_have_the_change_where_the_lists_have_it(
    moved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTCUA_HOME", str(moved))
    columns = (
        "change_id", "kind", "effective_on", "is_date_assumed", "from_code", "to_code", "share",
        "is_share_assumed", "is_default", "source", "is_edited",
    )  # fmt: skip
    models = ask(moved, f"select {', '.join(columns)} from stg_reference__unit_changes")
    lists = read_change_rows(settings().reference_dir).select(columns).rows()
    assert sorted(map(str, models)) == sorted(map(str, lists))
    assert ask(moved, "select shop_folded_on from dim_shop where unit_key = '00691@'") == [
        (date(2024, 8, 1),)
    ]


def test_what_was_published_before_stays_and_is_restated_as_a_change_of_units(
    moved: Path, published_home: Path, run_motcua: RunMotcua
) -> None:
    # a figure is said again only where it is another
    assert ask(moved, _SAID) == ask(published_home, _SAID)
    pointers = [json.loads((h / "serving" / "CURRENT.json").read_text()) for h in
                (published_home, moved)]  # fmt: skip
    assert (moved / "serving" / f"{pointers[0]['version']}.duckdb").exists()
    assert pointers[0]["version"] != pointers[1]["version"]
    done = run_motcua(moved, "restatement", "--since", "2026-07-01", "--format", "json", env=LATER)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["cause"] == "unit_change"
    # dossiers are counted where their code says: the day of a counter's move moves none of them
    assert answer["rows"] == []


def test_the_build_after_a_move_was_whole_and_the_next_adds_to_it(
    moved: Path, published_home: Path, tmp_path: Path
) -> None:
    build = "select kind, base_id, is_done, rules_hash from build.state"
    [was], [(kind, base, is_done, hashed)] = ask(published_home, build), ask(moved, build)
    assert (kind, base, is_done) == ("whole", None, True)
    assert hashed != was[3]
    copy = tmp_path / "motcua.duckdb"
    shutil.copyfile(moved / "warehouse" / "motcua.duckdb", copy)
    assert plan_build(copy, str(hashed)).kind == "increment"


def test_a_move_that_contradicts_the_units_ends_with_one_line_and_changes_nothing(
    moved: Path, run_motcua: RunMotcua
) -> None:
    edits = (moved / "unit_change_edits.csv").read_text(encoding="utf-8")
    done = run_motcua(moved, "changes", "move", "shop-00721", "--to", "2025-08-01", env=LATER)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "unit_change_edits.csv: row 3: shop-00721: to_code: 026 is no unit in force on that day"
        " (2025-08-01)"
    ]
    assert (moved / "unit_change_edits.csv").read_text(encoding="utf-8") == edits


@pytest.mark.parametrize(
    "command",
    [("run",), ("demo", "--dossiers", "100", "--no-dashboard"), ("changes", "check"),
     ("changes", "list"), ("simulate", "--out", "province", "--dossiers", "100"),
     ("changes", "move", "shop-00721", "--to", "2024-08-01")],
    ids=" ".join,
)  # fmt: skip
def test_lists_that_contradict_themselves_are_refused_before_anything_is_done(
    tmp_path: Path, run_motcua: RunMotcua, command: tuple[str, ...]
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "unit_change_edits.csv").write_text(
        "change_id,effective_date,date_is_assumed,share,share_is_assumed,source\n"
        "shop-00691,soon,,,,\nunit-00688-00691,,,2,,\n"
    )
    (home / "sources.yml").write_text("sources: []\n")
    done = run_motcua(home, *command)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "unit_change_edits.csv: row 2: shop-00691: effective_date: must be a day like 2025-07-01,"
        " not soon",
        "unit_change_edits.csv: row 3: unit-00688-00691: share: must be from 0 to 1, not 2",
    ]
    assert not (home / "landing").exists()
    assert not list(home.glob("warehouse/*.duckdb"))


def test_the_list_of_changes_tells_what_is_assumed_and_edited(
    moved: Path, run_motcua: RunMotcua
) -> None:
    done = run_motcua(moved, "changes", "list", "--format", "json", env=LATER)
    assert done.returncode == 0, done.stderr
    rows = {row["change_id"]: row for row in json.loads(done.stdout)["rows"]}
    assert len(rows) == 212
    ward = rows["shop-00691"]
    assert (ward["effective_on"], ward["is_edited"]) == ("2024-08-01", True)
    assert (ward["is_date_assumed"], ward["is_planned"], ward["share"]) == (True, False, 1.0)
    unknown = run_motcua(moved, "changes", "move", "shop-1", "--to", "2024-08-01")
    assert (unknown.returncode, len(unknown.stderr.splitlines())) == (2, 1)
