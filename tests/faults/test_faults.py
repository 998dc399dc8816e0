"""What a shop does wrong is one clear line, stops nobody else, and loses nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

import duckdb
import pytest

from pipelines.serving.snapshot import current_snapshot
from tests.faults.cases import FAULTS, FILES, Fault
from tests.faults.conftest import RunShops
from tests.faults.shops import PERSONAL, Shops, Told, page, record
from tests.faults.traces import find_texts, table_texts


@pytest.fixture(scope="module")
def told(
    tmp_path_factory: pytest.TempPathFactory, run_shops: RunShops, find_port: Callable[[], int]
) -> Told:
    """One run over all faulty shops of the table and a sound one."""
    shops = Shops(tmp_path_factory.mktemp("faulty-province"), find_port())
    shops.rest("sound-shop", page([record(n) for n in range(1, 6)]))
    (shops.home / "faulty.yml").write_text("name: faulty\nprecision: minute\n")
    for fault in FAULTS:
        fault.build(shops, fault.source)
    return run_shops(shops)


def name_of(fault: Fault) -> str:
    return fault.sentence


@pytest.mark.parametrize("fault", FAULTS, ids=name_of)
def test_a_fault_is_one_line_that_names_source_field_and_rule(told: Told, fault: Fault) -> None:
    lines = told.lines(fault.source)
    if fault.line is None:
        assert lines == []
        return
    assert len(lines) == 1, lines
    assert re.fullmatch(f"{fault.source}: {fault.line}", lines[0]), lines[0]


@pytest.mark.parametrize("fault", FAULTS, ids=name_of)
def test_the_outcome_says_status_and_accounts_for_every_record(told: Told, fault: Fault) -> None:
    outcome = told.outcomes[fault.source]
    assert outcome["status"] == fault.status
    names = ("records_in", "accepted", "unchanged", "quarantined")
    assert tuple(outcome[name] for name in names) == fault.counts
    assert outcome["records_in"] == sum(outcome[name] for name in names[1:])


@pytest.mark.parametrize("fault", [f for f in FAULTS if f.rule], ids=name_of)
def test_quarantine_names_place_field_and_rule(told: Told, fault: Fault) -> None:
    rows = [row for row in told.quarantine if row["source"] == fault.source]
    assert [(row["field"], row["rule"]) for row in rows] == [fault.rule]
    assert rows[0]["position"] == 2


def test_the_rest_of_the_run_goes_on_and_is_published(told: Told) -> None:
    assert told.status == 3, told.stderr
    assert "Traceback" not in told.stderr + told.stdout
    outcome = told.outcomes["sound-shop"]
    assert (outcome["status"], outcome["accepted"]) == ("ok", 5)
    with duckdb.connect(str(current_snapshot(told.home / "serving").file), read_only=True) as db:
        published = dict(db.sql("select source, count(*) from fct_dossier group by 1").fetchall())
    assert published["sound-shop"] == 5
    accepted = {f.source: f.counts[1] for f in FAULTS if f.sentence != "same dossier told anew"}
    assert {source: published.get(source, 0) for source in accepted} == accepted


def test_every_source_of_the_list_has_an_outcome(told: Told) -> None:
    assert set(told.outcomes) == {"sound-shop", *(fault.source for fault in FAULTS)}


def test_nothing_but_faults_is_reported(told: Told) -> None:
    named = [ln.split(":")[0] for ln in told.stderr.splitlines() if re.match(r"[a-z-]{8,}: ", ln)]
    assert sorted(named) == sorted(f.source for f in FAULTS if f.line is not None)


def test_a_file_that_was_taken_is_archived_and_one_that_was_not_stays(told: Told) -> None:
    for fault in FILES:
        waiting = [p for p in (told.home / "inbox" / fault.source).iterdir() if p.is_file()]
        assert bool(waiting) == (fault.status == "failed"), fault.sentence


def test_no_personal_value_is_left_anywhere(told: Told) -> None:
    texts = [*PERSONAL.values(), "xin chào", "một tờ", "Xã Không Có", "gọi số"]
    assert find_texts(told.stderr + told.stdout, texts) == []
    assert find_texts(str(told.quarantine) + str(told.outcomes), texts) == []
    seen = 0
    for place, content in table_texts(told.home):
        assert find_texts(content, texts) == [], place
        seen += 1
    assert seen > 40


def test_a_personal_value_that_was_left_would_be_seen(told: Told, tmp_path_factory) -> None:
    home = tmp_path_factory.mktemp("leaky")
    (home / "landing").mkdir()
    (home / "warehouse").mkdir()
    phone = PERSONAL["SoDienThoai"]
    duckdb.sql(f"copy (select ['{phone}'] as a) to '{home}/landing/p.parquet' (compression zstd)")
    with duckdb.connect(str(home / "warehouse" / "motcua.duckdb")) as db:
        db.execute(f"create table t as select {{'x': '{phone}'}} as a")
    (home / "landing" / "outcome.json").write_text(phone)
    found = {place for place, text in table_texts(home) if find_texts(text, [phone])}
    assert found == {"landing/p.parquet", "warehouse/motcua.duckdb: main.t", "landing/outcome.json"}


def test_a_province_in_which_nobody_answers_publishes_nothing_and_says_why(
    tmp_path_factory: pytest.TempPathFactory, run_shops: RunShops, find_port: Callable[[], int]
) -> None:
    shops = Shops(tmp_path_factory.mktemp("silent-province"), find_port())
    shops.add("silent-shop", kind="rest", rest={"url": "http://127.0.0.1:9/dossiers"})
    told = run_shops(shops)
    assert told.status == 1
    assert "Traceback" not in told.stderr
    assert told.lines("silent-shop") == [
        "silent-shop: rest.url: no answer (ConnectError) after 4 tries [unreachable]"
    ]
    assert "no pull has brought anything yet: there is nothing to publish" in told.stderr
    assert not (shops.home / "serving" / "CURRENT.json").exists()
    assert told.outcomes["silent-shop"]["status"] == "failed"
