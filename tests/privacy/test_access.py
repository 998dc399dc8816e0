"""What each role may see of dossiers, and that every export of them stands in the log."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import duckdb
import fastexcel
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.serving.access import (
    AccessError,
    Reader,
    columns_of,
    read_dossiers,
    resolve_units,
)
from pipelines.serving.exports import Export, ExportError, export
from pipelines.serving.metrics.snapshot import SealedSnapshot
from pipelines.serving.pseudonyms import dossier_pseudonym, hmac_sql, key_variables
from pipelines.serving.roles import Role, State
from pipelines.serving.workbooks import escape_cells

KEY = b"a key of the tests"
MINE, OTHER, LATER = "024@", "00691@", "00691@2025-07-01"
CODES = [f"000.00.24.H22-250303-{n:04d}" for n in range(1, 9)]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SealedSnapshot]:
    """Eight dossiers of three units, in every state, data as of 20 March."""
    file = tmp_path_factory.mktemp("serving") / "motcua-1.duckdb"
    rows = [
        (CODES[0], MINE, "open", "2025-03-19 17:00:00"),  # due yesterday: overdue
        (CODES[1], MINE, "open", "2025-03-20 17:00:00"),
        (CODES[2], MINE, "open", None),
        (CODES[3], MINE, "waiting", "2025-03-01 17:00:00"),
        (CODES[4], MINE, "resolved", "2025-03-01 17:00:00"),
        (CODES[5], OTHER, "open", "2025-03-01 17:00:00"),
        (CODES[6], LATER, "open", "2025-03-25 17:00:00"),
        (CODES[7], OTHER, "resolved", "2025-03-25 17:00:00"),
    ]
    with duckdb.connect(str(file)) as db:
        db.execute("create table meta (key varchar, value varchar)")
        db.execute("insert into meta values ('data_as_of', '2025-03-20'), ('version', 'motcua-1')")
        db.execute("create table dim_unit (unit_key varchar, unit_code varchar)")
        units = [[key, key.split("@")[0]] for key in (MINE, OTHER, LATER)]
        db.executemany("insert into dim_unit values (?, ?)", units)
        db.execute(
            """create table fct_dossier as select 'shop' as source, ''::varchar as dossier_code,
            ''::varchar as unit_key, ''::varchar as unit_code, 'commune' as level,
            'HT' as field_code, '=1+1' as procedure_code, '1' as channel, ''::varchar as state,
            true as is_accepted, 'early' as class_ii06a, 5 as working_minutes,
            timestamp '2025-03-03 08:00:01' as submitted_at,
            timestamp '2025-03-03 08:00:01' as received_at, null::timestamp as due_at,
            null::timestamp as finished_at, null::timestamp as returned_at,
            null::timestamp as closed_at limit 0"""
        )
        for code, unit, state, due in rows:
            db.execute(
                """insert into fct_dossier by name select 'shop' as source, ? as dossier_code,
                ? as unit_key, split_part(unit_key, '@', 1) as unit_code, ? as state,
                ?::timestamp as due_at, true as is_accepted, '=1+1' as procedure_code,
                timestamp '2025-03-03 08:00:01' as received_at""",
                [code, unit, state, due],
            )
    with closing(SealedSnapshot(file)) as opened:
        yield opened


def codes(snapshot: SealedSnapshot, reader: Reader, state: State) -> list[str]:
    return sorted(read_dossiers(snapshot, reader, state)["dossier_code"].to_list())


def test_a_leader_sees_no_dossier_at_all(snapshot: SealedSnapshot) -> None:
    assert columns_of(Role.leader) == {}
    for state in State:
        with pytest.raises(AccessError, match="a leader sees aggregates"):
            read_dossiers(snapshot, Reader(Role.leader), state, key=KEY)


def test_a_unit_leader_sees_the_own_units_open_and_overdue_dossiers(
    snapshot: SealedSnapshot,
) -> None:
    mine = Reader(Role.unit_leader, frozenset({MINE}))
    assert codes(snapshot, mine, State.open) == CODES[:4]
    assert codes(snapshot, mine, State.overdue) == CODES[:1]
    assert codes(snapshot, mine, State.waiting) == CODES[3:4]
    later = Reader(Role.unit_leader, frozenset({LATER}))
    assert codes(snapshot, later, State.open) == [CODES[6]]


@pytest.mark.parametrize("state", [State.all, State.resolved])
def test_a_unit_leader_sees_nothing_that_is_closed(snapshot: SealedSnapshot, state: State) -> None:
    with pytest.raises(AccessError, match="open and overdue"):
        read_dossiers(snapshot, Reader(Role.unit_leader, frozenset({MINE})), state)


def test_a_unit_leader_without_a_unit_sees_nothing(snapshot: SealedSnapshot) -> None:
    with pytest.raises(AccessError, match="name them with --unit"):
        read_dossiers(snapshot, Reader(Role.unit_leader), State.open)


def test_a_code_that_two_units_bore_is_no_unit(snapshot: SealedSnapshot) -> None:
    assert resolve_units(snapshot, ["024", LATER]) == {MINE, LATER}
    with pytest.raises(AccessError, match="00691 is the code of 00691@ and 00691@2025-07-01"):
        resolve_units(snapshot, ["00691"])
    with pytest.raises(AccessError, match="99999 is no unit"):
        resolve_units(snapshot, ["99999"])


def test_an_operator_sees_every_code(snapshot: SealedSnapshot) -> None:
    assert codes(snapshot, Reader(Role.operator), State.all) == CODES
    assert codes(snapshot, Reader(Role.operator, frozenset({OTHER})), State.all) == [
        CODES[5],
        CODES[7],
    ]


def test_what_an_analyst_gets_has_no_column_in_which_a_code_could_stand(
    snapshot: SealedSnapshot,
) -> None:
    said = " ".join(columns_of(Role.analyst).values())
    frame = read_dossiers(snapshot, Reader(Role.analyst), State.all, key=KEY)
    assert "dossier_code" not in frame.columns
    assert said.count("dossier_code") == columns_of(Role.analyst)["dossier_pseudonym"].count(
        "dossier_code"
    )
    assert not any(code in str(frame.to_dicts()) for code in CODES)
    assert pl.Datetime("us") not in frame.dtypes
    assert set(frame["dossier_pseudonym"]) == {dossier_pseudonym("shop", c, KEY) for c in CODES}


def test_a_pseudonym_is_stable_under_a_key_and_another_under_another(
    snapshot: SealedSnapshot,
) -> None:
    def ask(key: bytes) -> list[str]:
        frame = read_dossiers(snapshot, Reader(Role.analyst), State.all, key=key)
        return frame["dossier_pseudonym"].to_list()

    assert ask(KEY) == ask(KEY)
    assert not set(ask(KEY)) & set(ask(b"another key"))


@settings(max_examples=25)
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))),
    key=st.binary(min_size=1, max_size=200),
)
def test_the_engines_hmac_is_that_of_the_standard_library(texts: list[str], key: bytes) -> None:
    with duckdb.connect() as db:
        for name, value in key_variables(key).items():
            db.execute(f"set variable {name} = ?::varchar", [value])
        rows = db.execute(
            f"select t, {hmac_sql('t')} from (select unnest(?::varchar[]) as t)", [texts]
        ).fetchall()
    assert [row[0] for row in rows] == texts
    for text, ours in rows:
        assert ours == hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def entry(sha256: str) -> Export:
    return Export(
        at=datetime(2025, 3, 20, 6), who="lan", role="operator", units=[], state="open",
        columns=["dossier_code"], has_codes=True, rows=1, file="a.csv", sha256=sha256, snapshot="s",
    )  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_an_export_stands_in_the_log_with_the_files_own_sum(tmp_path: Path, form: str) -> None:
    frame = pl.DataFrame({"dossier_code": CODES[:2], "due_at": [datetime(2025, 3, 4, 8), None]})
    for number in (1, 2):
        export(frame, tmp_path / f"a.{form}", form, entry, tmp_path / "home")
        lines = (tmp_path / "home" / "exports.ndjson").read_text().splitlines()
        assert len(lines) == number
    sha256 = hashlib.sha256((tmp_path / f"a.{form}").read_bytes()).hexdigest()
    assert json.loads(lines[-1])["sha256"] == sha256
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"a.{form}", "home"]


def test_no_log_no_export(tmp_path: Path) -> None:
    (tmp_path / "exports.ndjson").mkdir()
    with pytest.raises(ExportError, match="nothing was exported"):
        export(pl.DataFrame({"a": [1]}), tmp_path / "a.csv", "csv", entry, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["exports.ndjson"]


def test_the_line_is_in_the_log_before_the_file_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[bool] = []

    def replace(self: Path, target: Path) -> None:
        there.append((tmp_path / "exports.ndjson").exists() and not target.exists())
        raise OSError("the machine stops here")

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(ExportError):
        export(pl.DataFrame({"a": [1]}), tmp_path / "a.csv", "csv", entry, tmp_path)
    assert there == [True]
    assert [p.name for p in tmp_path.iterdir()] == ["exports.ndjson"]


@pytest.mark.parametrize("text", ["=1+1", "+84", "-1", "@x", "\tx"])
def test_a_text_that_a_spreadsheet_would_compute_is_escaped(tmp_path: Path, text: str) -> None:
    frame = pl.DataFrame({"a": [text, "plain", None], "n": [-1, 2, 3]})
    assert escape_cells(frame)["a"].to_list() == [f"'{text}", "plain", None]
    assert escape_cells(frame)["n"].to_list() == [-1, 2, 3]
    export(frame, tmp_path / "a.csv", "csv", entry, tmp_path)
    assert f"'{text}" in (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    export(frame, tmp_path / "a.xlsx", "xlsx", entry, tmp_path)
    cells = fastexcel.read_excel(tmp_path / "a.xlsx").load_sheet(0).to_polars()
    assert cells["a"][0] == f"'{text}"


def test_a_workbook_that_cannot_hold_the_rows_is_refused(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": pl.int_range(1_048_576, eager=True)})
    with pytest.raises(ExportError, match="use --format csv"):
        export(frame, tmp_path / "a.xlsx", "xlsx", entry, tmp_path)
