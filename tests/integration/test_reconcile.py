"""Figures that others report, held against ours: a planted case for every explanation."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.serving.publish import publish
from pipelines.serving.snapshot import current_snapshot
from pipelines.warehouse.replay import replay
from pipelines.warehouse.tables import connect_reader, connect_writer

COLUMNS = ("source", "unit_code", "unit_valid_from", "month", "figure", "value", "definition",
           "reported_at")  # fmt: skip
HELD = 4
LATE = 5
MARCH = datetime(2024, 3, 1)
Row = dict[str, Any]
Database = duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def home(published_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small home: records in quarantine, receptions and closings told late."""
    copy = tmp_path_factory.mktemp("reconcile")
    for part in ("warehouse", "serving"):
        shutil.copytree(published_home / part, copy / part)
    connection = connect_writer(copy / "warehouse" / "motcua.duckdb")
    connection.execute(
        """insert into log.quarantine by name
        select source, 'dossiers' as feed, 'impossible_date' as rule, 'NgayHenTra' as field,
            '{"_updated_at":"","MaHoSo":"000.00.00.H22-250314-000' || n || '"}' as record,
            1 as occurrence_n, n as content_hash, pull_id, fetched_at as known_at
        from range(?) as t(n), (select * from log.outcome
            where feed = 'dossiers' and list_contains(units, '02') limit 1)""",
        [HELD],
    )
    connection.execute(
        """insert into main.dq_told_late by name
        select '02@' as unit_key, event, date '2024-03-01' as month_on,
            date '2024-04-20' as told_on, state, class as class_ii06a,
            class as class_ii06a_vendor, class as class_half_day, class as class_instant,
            ? as dossiers_n
        from (values ('closed', 'resolved', 'early'), ('received', null, null))
            as t(event, state, class)""",
        [LATE],
    )
    connection.close()
    publish_again(copy, hour=9)
    return copy


def publish_again(home: Path, hour: int) -> None:
    with duckdb.connect(str(current_snapshot(home / "serving").file), read_only=True) as db:
        body = db.sql("select body from meta_document where name = 'semantic_manifest'").fetchall()
    manifest = home / "semantic_manifest.json"
    manifest.write_text(body[0][0], encoding="utf-8")
    publish(
        home / "warehouse" / "motcua.duckdb",
        home / "serving",
        manifest=manifest,
        run_id=f"again{hour:03d}",
        published_at=datetime(2026, 7, 1, hour),
        keep=5,
    )


@pytest.fixture(scope="module")
def snapshot(home: Path) -> Iterator[Database]:
    connection = duckdb.connect()
    connection.execute(f"attach '{current_snapshot(home / 'serving').file}' as s (read_only)")
    connection.execute("use s")
    yield connection
    connection.close()


def call(home: Path, *args: str) -> tuple[int, str, str]:
    told = CliRunner().invoke(
        app, ["reconcile", *args, "--format", "json"], env={"MOTCUA_HOME": str(home)}
    )
    return told.exit_code, told.stdout, told.stderr


@pytest.fixture
def explain(home: Path, tmp_path: Path) -> Callable[..., Row]:
    """Report one figure of a unit and month; what came of it."""

    def ask(figure: str, unit: tuple[str, Any], month: Any, value: float, **more: str) -> Row:
        code, valid_from = unit
        row = {"source": "portal", "unit_code": code, "unit_valid_from": valid_from or "",
               "month": f"{month:%Y-%m}", "figure": figure, "value": value} | more  # fmt: skip
        write(tmp_path / "reported.csv", [row])
        status, out, told = call(home, str(tmp_path / "reported.csv"))
        assert (status, told) == (0, "")
        return json.loads(out)["rows"][0]

    return ask


def write(file: Path, rows: list[Row]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def one(db: Database, sql: str) -> tuple[Any, ...]:
    found = db.sql(sql).limit(1).fetchall()
    assert found, "the small home has no such case"
    return found[0]


COUNTED = """
select unit_code, unit_valid_from, date_trunc('month', received_at)::date as month, count(*) as n
from fct_dossier where is_accepted group by all having n > 1 order by all
"""


def test_a_figure_that_equals_ours_is_equal(
    explain: Callable[..., Row], snapshot: Database
) -> None:
    code, valid_from, month, n = one(snapshot, COUNTED)
    row = explain("received", (code, valid_from), month, n)
    assert (row["explanation"], row["ours"], row["difference"]) == ("equal", n, 0)


def test_the_definition_that_would_match_is_named(
    explain: Callable[..., Row], snapshot: Database
) -> None:
    code, valid_from, month, by_second = one(
        snapshot,
        """select unit_code, unit_valid_from, date_trunc('month', finished_at)::date as month,
            count(*) filter (where class_instant = 'early') as n
        from fct_dossier where state = 'resolved' group by all
        having n <> count(*) filter (where class_ii06a = 'early') order by all""",
    )
    row = explain("early", (code, valid_from), month, by_second)
    assert row["explanation"] == "definition"
    assert row["definition"] == "ii06a"
    assert any(f"({name})" in row["detail_vi"] for name in ("half_day", "instant"))


def test_closed_counted_for_resolved_is_a_difference_of_definition(
    explain: Callable[..., Row], snapshot: Database
) -> None:
    code, valid_from, month, closed = one(
        snapshot,
        """select unit_code, unit_valid_from, date_trunc('month', closed_at)::date as month,
            count(*) as n
        from fct_dossier where closed_at is not null group by all
        having n > count(*) filter (where state = 'resolved')
            and count(*) filter (where state = 'resolved') > 0 order by all""",
    )
    row = explain("resolved", (code, valid_from), month, closed)
    assert (row["explanation"], row["count"]) == ("definition", closed)
    assert "withdrawn, refused and stopped" in row["detail_en"]


def test_d11_counting_by_the_day_of_return_is_a_difference_of_definition(
    explain: Callable[..., Row], snapshot: Database
) -> None:
    code, valid_from, month, returned = one(
        snapshot,
        """with told as (
            select unit_code, unit_valid_from, state,
                unnest([date_trunc('month', closed_at), date_trunc('month', returned_at)])::date
                    as month, unnest(['closed', 'returned']) as event
            from fct_dossier where closed_at is not null)
        select unit_code, unit_valid_from, month,
            count(*) filter (where event = 'returned' and state = 'resolved') as returned_n
        from told group by all
        having returned_n > 0
            and count(*) filter (where event = 'closed' and state = 'resolved') > 0
            and returned_n <> count(*) filter (where event = 'closed' and state = 'resolved')
            and returned_n <> count(*) filter (where event = 'closed')
        order by all""",
    )
    row = explain("resolved", (code, valid_from), month, returned)
    assert row["explanation"] == "definition"
    assert "day of return" in row["detail_en"]


@pytest.mark.parametrize(
    ("lacking", "reported_at", "words"),
    [(LATE, "", "bằng nhau"), (1, "", "nằm trong số đó"), (LATE + 1, "", None),
     (LATE, "2024-04-20", None)],
    ids=["all of them", "some of them", "more than that", "told by the day of the report"],
)  # fmt: skip
def test_what_was_told_after_the_report_explains_what_the_report_lacks(
    explain: Callable[..., Row],
    snapshot: Database,
    lacking: int,
    reported_at: str,
    words: str | None,
) -> None:
    (received,) = one(
        snapshot,
        """select count(*) from fct_dossier where is_accepted and unit_code = '02'
        and date_trunc('month', received_at) = date '2024-03-01'""",
    )
    row = explain("received", ("02", None), MARCH, received - lacking, reported_at=reported_at)
    assert row["difference"] == lacking
    assert row["explanation"] == ("late_data" if words else "unexplained")
    assert row["count"] == (LATE if words else None)
    assert (words or "Không giải thích được") in row["detail_vi"]


@pytest.mark.parametrize(
    ("reported_at", "explanation"), [("", "late_data"), ("2024-04-20", "unexplained")]
)
def test_a_closing_told_after_the_report_explains_an_open_dossier_too_many(
    explain: Callable[..., Row], reported_at: str, explanation: str
) -> None:
    ours = explain("open", ("02", None), MARCH, 100_000)["ours"]
    row = explain("open", ("02", None), MARCH, ours + 1, reported_at=reported_at)
    assert (row["explanation"], row["difference"]) == (explanation, -1)


@pytest.mark.parametrize("figure", ["early", "resolved", "early_rate"])
def test_a_finish_told_after_the_report_explains_what_its_class_lacks(
    explain: Callable[..., Row], snapshot: Database, figure: str
) -> None:
    early, resolved = one(
        snapshot,
        """select count(*) filter (where class_ii06a = 'early'), count(*) from fct_dossier
        where state = 'resolved' and unit_code = '02'
        and date_trunc('month', finished_at) = date '2024-03-01'""",
    )
    then = {"early": early - LATE, "resolved": resolved - LATE,
            "early_rate": round((early - LATE) / (resolved - LATE), 4)}  # fmt: skip
    row = explain(figure, ("02", None), MARCH, then[figure])
    assert (row["explanation"], row["count"]) == ("late_data", LATE)


@pytest.mark.parametrize(
    ("more", "explanation"), [(1, "quarantine"), (HELD, "quarantine"), (HELD + 1, "unexplained")]
)
def test_records_in_quarantine_explain_what_ours_lacks(
    explain: Callable[..., Row], snapshot: Database, more: int, explanation: str
) -> None:
    (received,) = one(
        snapshot,
        """select count(*) from fct_dossier where is_accepted and unit_code = '02'
        and date_trunc('month', received_at) = date '2025-03-01'""",
    )
    month = datetime(2025, 3, 1)
    row = explain("received", ("02", None), month, received + more)
    assert row["explanation"] == explanation
    assert row["count"] == (HELD if explanation == "quarantine" else None)


@pytest.mark.parametrize("figure", ["received", "late_rate"])
def test_a_report_by_the_boundaries_of_today_is_explained_by_the_change_of_units(
    explain: Callable[..., Row], snapshot: Database, figure: str, published_home: Path
) -> None:
    changes = Path(__file__).resolve().parents[2] / "data" / "reference" / "unit_changes.csv"
    day = "received_at" if figure == "received" else "finished_at"
    code, month, n, late, resolved = one(
        snapshot,
        f"""with change as (from read_csv('{changes}', all_varchar = true)
            where kind = 'unit_merger' and effective_date = '2025-07-01')
        select to_code, date_trunc('month', {day})::date as month, count(*),
            count(*) filter (where class_ii06a = 'late'),
            count(*) filter (where class_ii06a is not null)
        from fct_dossier join change on unit_code = from_code and unit_valid_from is null
        where is_accepted and {day} < '2025-07-01' and {day} >= '2025-01-01'
            and length(to_code) = 5
        group by all having count(distinct from_code) > 1 order by all""",
    )
    value = n if figure == "received" else round(late / resolved, 4)
    row = explain(figure, (code, "2025-07-01"), month, value)
    assert row["ours"] is None
    assert row["explanation"] == "unit_change"
    assert "thay đổi đơn vị" in row["detail_vi"]


def test_what_nothing_explains_stays_with_its_difference(
    explain: Callable[..., Row], snapshot: Database
) -> None:
    code, valid_from, month, n = one(snapshot, COUNTED)
    row = explain("received", (code, valid_from), month, n + 1000)
    assert (row["explanation"], row["difference"]) == ("unexplained", -1000)


BAD = {
    "source": [("source", ""), ("source", "một cửa"), ("source", "012345678901")],
    "unit_code": [("unit_code", "99999"), ("unit_code", "")],
    "unit_valid_from": [("unit_valid_from", "2025-07-02"), ("unit_valid_from", "1/7/2025")],
    "month": [("month", "2025-13"), ("month", "03/2025")],
    "figure": [("figure", "speed"), ("figure", "compared")],
    "value": [("value", "-1"), ("value", "2.5"), ("value", ""), ("value", "nan")],
    "definition": [("definition", "ii06a")],
    "reported_at": [("reported_at", "2024-01-01"), ("reported_at", "2999-01-01")],
}


def test_bad_rows_are_named_one_by_one_and_the_rest_goes_on(home: Path, tmp_path: Path) -> None:
    good: Row = {"source": "portal", "unit_code": "02", "month": "2025-03", "figure": "received",
                 "value": 5}  # fmt: skip
    broken = [(field, good | {name: value}) for field in BAD for name, value in BAD[field]]
    share = good | {"figure": "late_rate", "value": 81.5}
    early = good | {"figure": "early", "definition": "d766"}
    again = dict(good)
    broken += [("value", share), ("definition", early)]
    file = tmp_path / "rows.csv"
    write(file, [good, *(row for _, row in broken), again])
    status, out, told = call(home, str(file))
    answer = json.loads(out)
    assert status == 3
    assert [row["figure"] for row in answer["rows"]] == ["received"]
    expected = [(line, field) for line, (field, _) in enumerate(broken, start=3)]
    expected.append((len(broken) + 3, "figure"))
    assert [(bad["line"], bad["field"]) for bad in answer["rejected"]] == expected
    assert told.count("\n") == len(expected)
    assert "012345678901" not in told + out
    assert f"rows.csv, line {len(broken) + 3}: figure: already given on line 2" in told


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"source,unit_code,month,figure\n", "given.csv: column value is missing"),
        ("nguồn\n".encode("utf-16"), "given.csv: not UTF-8 text; save it as CSV UTF-8"),
        (None, "given.csv: No such file or directory"),
    ],
    ids=["a column too few", "another encoding", "no file"],
)
def test_a_file_that_is_no_list_of_figures_is_refused_in_one_line(
    home: Path, tmp_path: Path, content: bytes | None, line: str
) -> None:
    file = tmp_path / "given.csv"
    if content is not None:
        file.write_bytes(content)
    assert call(home, str(file)) == (1, "", f"{line}\n")


def test_reported_figures_are_kept_once_published_and_survive_a_replay(
    home: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "home"
    shutil.copytree(home, copy)
    row: Row = {"source": "kept", "unit_code": "02", "month": "2025-04", "figure": "received",
                "value": 5}  # fmt: skip
    file = tmp_path / "kept.csv"
    for value in (5, 5, 7):
        write(file, [row | {"value": value}])
        assert call(copy, str(file))[0] == 0
    warehouse = copy / "warehouse" / "motcua.duckdb"

    def kept() -> list[float]:
        connection = connect_reader(warehouse)
        try:
            rows = connection.sql(
                "select value from log.reported_figure where source = 'kept' order by value"
            ).fetchall()
        finally:
            connection.close()
        return [value for (value,) in rows]

    assert kept() == [5, 7]
    publish_again(copy, hour=10)
    status, out, _ = call(copy)
    shown = [r["reported"] for r in json.loads(out)["rows"] if r["source"] == "kept"]
    assert (status, shown) == (0, [7])
    replay(warehouse, copy / "landing", copy, None, lambda *_: None)
    assert kept() == [5, 7]


def test_a_snapshot_from_before_is_refused_with_what_to_run(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "serving", tmp_path / "serving")
    with duckdb.connect(str(current_snapshot(tmp_path / "serving").file)) as db:
        db.execute("drop table dq_told_late")
    status, out, told = call(tmp_path)
    assert (status, out) == (1, "")
    assert told.endswith("was published before figures could be reconciled: run `motcua run`\n")
