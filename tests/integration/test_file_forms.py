"""The same shop in every form of file gives the same state, or a clear outcome and no row lost."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipelines.intake.landing import Outcome
from pipelines.simulator.file_forms import FileForm, write_table
from pipelines.simulator.province import write_province
from pipelines.warehouse.merge import Merged
from tests.integration.shop_tables import (
    FEEDS,
    TIME_FORMAT,
    file_source,
    in_words,
    load,
    pull,
    state,
)

Tables = dict[str, pl.DataFrame]
WITH_TOTALS = {
    FileForm.CSV_TITLED, FileForm.XLSX, FileForm.XLSX_DATES, FileForm.XLSX_SERIALS,
    FileForm.XLSX_SHEETS, FileForm.XLSX_TCVN3, FileForm.XLSX_ZIP,
}  # fmt: skip


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("province")
    write_province(out, dossiers=300, seed=5, until=date(2025, 9, 15))
    return out


@pytest.fixture(scope="module")
def tables(province: Path) -> Tables:
    """Name of a file -> its rows: all dossiers of the systems as one shop's, in parts."""
    found: Tables = {}
    for feed in FEEDS:
        files = sorted(province.glob(f"systems/*/{feed}.parquet"))
        told = pl.concat([pl.read_parquet(file) for file in files]).sort("updated_at")
        is_late = pl.col("updated_at").dt.year() >= 2024
        for name, part in (("2023", told.filter(~is_late)), ("2025", told.filter(is_late))):
            latest = part.unique("MaHoSo", keep="last") if feed == "dossiers" else part
            found[f"{feed}-{name}"] = in_words(latest.sort("MaHoSo", maintain_order=True))
    return found


def deliver(home: Path, tables: Tables, form: FileForm, age: float = 3600) -> list[Path]:
    """Files of a form in the inbox of a home, changed `age` seconds ago."""
    inbox = home / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    files = [write_table(inbox / name, table, form, TIME_FORMAT) for name, table in tables.items()]
    for file in files:
        os.utime(file, (time.time() - age,) * 2)
    return files


def take(home: Path) -> tuple[list[Outcome], list[Merged]]:
    outcomes = [pull(home, file_source(feed, f"inbox/{feed}-*")) for feed in FEEDS]
    return outcomes, load(home, outcomes)


def assert_same_state(home: Path, other: Path) -> None:
    for ours, theirs in zip(state(home), state(other), strict=True):
        assert_frame_equal(ours, theirs)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, tables: Tables) -> Path:
    """A home that was given plain CSV in UTF-8."""
    home = tmp_path_factory.mktemp("plain")
    deliver(home, tables, FileForm.CSV)
    outcomes, merged = take(home)
    assert [o.status for o in outcomes] == ["ok", "ok"]
    assert sum(m.quarantined for m in merged) == 0
    dossiers, steps = state(home)
    assert dossiers.height > 250
    assert steps.height > 300
    return home


@pytest.mark.parametrize("form", FileForm)
def test_every_form_of_file_gives_the_state_of_the_plain_table(
    form: FileForm, tables: Tables, plain: Path, tmp_path: Path
) -> None:
    deliver(tmp_path, tables, form)
    outcomes, merged = take(tmp_path)
    assert [(o.status, o.error) for o in outcomes] == [("ok", None)] * 2
    assert_same_state(tmp_path, plain)
    sheets = len(tables) * (2 if form is FileForm.XLSX_SHEETS else 1)
    totals = sheets if form in WITH_TOTALS else 0
    assert sum(o.records_in for o in outcomes) == totals + sum(t.height for t in tables.values())
    assert {f[0] for m in merged for f in m.findings} == ({"total_row"} if totals else set())
    assert sum(m.quarantined for m in merged) == totals
    landed = "".join(
        str(pl.read_parquet(part).rows()) for part in tmp_path.glob("landing/**/*.parquet")
    )
    for name, table in tables.items():
        for header in ("Chủ hồ sơ", "Số điện thoại", "Người xử lý"):
            texts = table[header].drop_nulls().unique() if header in table.columns else ()
            assert not [text for text in texts if text and text in landed], (name, header)


def test_a_row_that_was_changed_is_seen_in_the_comparison(
    tables: Tables, plain: Path, tmp_path: Path
) -> None:
    name = max(name for name in tables if name.startswith("dossiers"))
    changed = tables[name].with_row_index().with_columns(
        pl.when(pl.col("index") == 7).then(pl.lit("01/09/2025 08:00:01"))
        .otherwise("Ngày hẹn trả").alias("Ngày hẹn trả")
    )  # fmt: skip
    deliver(tmp_path, tables | {name: changed.drop("index")}, FileForm.XLSX_SERIALS)
    take(tmp_path)
    with pytest.raises(AssertionError):
        assert_same_state(tmp_path, plain)


@pytest.mark.parametrize(
    "form", [FileForm.CSV, FileForm.CSV_ZIP, FileForm.JSON, FileForm.NDJSON_GZ, FileForm.XLSX]
)
def test_a_file_still_being_copied_is_left_and_taken_whole_by_the_next_run(
    form: FileForm, tables: Tables, plain: Path, tmp_path: Path
) -> None:
    files = deliver(tmp_path, {n: t for n, t in tables.items() if n.startswith("doss")}, form)
    source = file_source("dossiers", "inbox/dossiers-*")
    whole = files[1].read_bytes()
    files[1].write_bytes(whole[: len(whole) // 2 - 1])
    first = pull(tmp_path, source)
    assert (first.status, first.error_class) == ("partial", "still_being_copied")
    assert first.error == f"files.path: {files[1].name}: it is left for the next run"
    files[1].write_bytes(whole)
    second = pull(tmp_path, source)
    assert second.status == "ok"
    load(tmp_path, [first, second])
    assert_frame_equal(state(tmp_path)[0], state(plain)[0])


def test_a_table_that_grows_during_the_look_is_left(tables: Tables, tmp_path: Path) -> None:
    from threading import Timer

    (file, *_) = deliver(tmp_path, {"dossiers-2023": tables["dossiers-2023"]}, FileForm.CSV, 0)
    grow = Timer(0.15, lambda: file.write_bytes(file.read_bytes() * 2))
    grow.start()
    outcome = pull(tmp_path, file_source("dossiers", "inbox/*"))
    grow.join()
    assert (outcome.status, outcome.error_class) == ("failed", "still_being_copied")
    assert outcome.records_in == 0


@pytest.mark.parametrize(
    ("form", "error_class"),
    [
        (FileForm.CSV_GZ, "truncated_file"),
        (FileForm.CSV_ZIP, "truncated_file"),
        (FileForm.JSON, "truncated_page"),
        (FileForm.PARQUET, "truncated_file"),
        (FileForm.XLSX, "unreadable_file"),
    ],
)
def test_a_file_that_stays_cut_is_a_fault_and_stays_in_the_inbox(
    form: FileForm, error_class: str, tables: Tables, tmp_path: Path
) -> None:
    (file, *_) = deliver(tmp_path, {"dossiers-2023": tables["dossiers-2023"]}, form)
    file.write_bytes(file.read_bytes()[:-40])
    os.utime(file, (time.time() - 120,) * 2)
    outcome = pull(
        tmp_path,
        file_source("dossiers", "inbox/*", files={"path": "inbox/*", "after": "archive"}),
    )
    assert (outcome.status, outcome.error_class) == ("failed", error_class)
    assert file.exists()


def test_names_of_unfinished_copies_and_locks_are_no_deliveries(
    tables: Tables, tmp_path: Path
) -> None:
    (file, *_) = deliver(tmp_path, {"dossiers-2023": tables["dossiers-2023"]}, FileForm.CSV)
    for name in (
        "dossiers.csv.part",
        "dossiers.TMP",
        "d.csv.filepart",
        "~$dossiers.xlsx",
        ".d.csv",
    ):
        (file.parent / name).write_bytes(b"half a li")
    outcome = pull(tmp_path, file_source("dossiers", "inbox/*"))
    assert (outcome.status, outcome.records_in) == ("ok", tables["dossiers-2023"].height)


@pytest.fixture(scope="module")
def busiest(province: Path) -> str:
    """The system with the most records."""
    files = {p.parent.name: p for p in province.glob("systems/*/dossiers.parquet")}
    return max(files, key=lambda name: pl.read_parquet(files[name]).height)


@pytest.fixture(scope="module")
def over_rest(
    province: Path,
    busiest: str,
    tmp_path_factory: pytest.TempPathFactory,
    find_port: Callable[[], int],
    serving: Callable[[list[str], int], AbstractContextManager[None]],
) -> Path:
    """A home that pulled the system from its service."""
    port = find_port()
    program = (
        "import sys; from pathlib import Path; from pipelines.simulator.server import serve; "
        "serve(Path(sys.argv[1]), int(sys.argv[2]))"
    )
    home = tmp_path_factory.mktemp("over-rest")
    auth = {"kind": "bearer", "env": "MOTCUA_SIM_TOKEN"}
    with serving([sys.executable, "-c", program, str(province), str(port)], port):
        for feed in FEEDS:
            rest = {"url": f"http://127.0.0.1:{port}/{busiest}/{feed}", "auth": auth}
            source = file_source(feed, "", kind="rest", dialect="national", files=None, rest=rest)
            load(home, [pull(home, source)])
    return home


@pytest.mark.parametrize("kept", ["parquet", "ndjson", "ndjson.gz", "json", "csv"])
def test_the_file_of_a_system_loads_to_the_state_of_its_service(
    kept: str, province: Path, busiest: str, over_rest: Path, tmp_path: Path
) -> None:
    for feed in FEEDS:
        records = pl.read_parquet(province / "systems" / busiest / f"{feed}.parquet")
        target = tmp_path / f"{feed}.{kept}"
        if kept == "parquet":
            records.write_parquet(target)
        elif kept == "csv":  # lists stand in their cells as JSON
            lists = [name for name, kind in records.schema.items() if isinstance(kind, pl.List)]
            texts = {name: [json.dumps(item) for item in records[name].to_list()] for name in lists}
            records.with_columns(pl.Series(n, t) for n, t in texts.items()).write_csv(target)
        elif kept == "json":
            target.write_text(records.write_json())
        else:
            packed = "gzip" if kept.endswith("gz") else "uncompressed"
            records.write_ndjson(target, compression=packed)
    sources = [file_source(feed, f"{feed}.*", dialect="national") for feed in FEEDS]
    load(tmp_path, [pull(tmp_path, source) for source in sources])
    assert_same_state(tmp_path, over_rest)
    dossiers, _ = state(tmp_path)
    assert dossiers["components"].list.len().sum() > dossiers.height
