"""However a system misbehaves: the current state is that of a well-behaved one, or the outcome
says clearly why not yet, and no row is lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from tests.faults.behaviours import (
    BOTH,
    BY_DAY,
    CASES,
    HEALED,
    LASTING,
    LATER,
    PLANTED,
    TOLD,
    Case,
)
from tests.faults.equal import hash_marts
from tests.faults.misbehaving import (
    LOG,
    OUTAGE,
    PAGE_SIZE,
    Province,
    Serving,
    days_of_june,
    find_differences,
    hash_content,
)
from tests.faults.prepared import build_models

SEED = 7


@pytest.fixture(scope="module")
def province(
    tmp_path_factory: pytest.TempPathFactory, serving: Serving, find_port: Callable[[], int]
) -> Province:
    """All systems of the table, pulled and loaded."""
    province = Province(tmp_path_factory.mktemp("misbehaving"), find_port(), SEED, TOLD)
    province.write(3_300, since=date(2025, 1, 1))
    with province.serve(serving, province.days[0]):
        province.pull_rounds()
    province.load()
    return province


@pytest.fixture(scope="module")
def right(province: Province) -> pl.DataFrame:
    """The state that comes of the well-behaved system: all that the records tell."""
    return province.state(HEALED[0])


def name_of(case: Case) -> str:
    return case.sentence


def test_the_well_behaved_system_gives_every_dossier_and_every_step(
    province: Province, right: pl.DataFrame
) -> None:
    system = province.folder / "systems" / HEALED[0].system
    dossiers = pl.read_parquet(system / "dossiers.parquet")["MaHoSo"].n_unique()
    steps = pl.read_parquet(system / "progress.parquet").height
    assert (right["kind"] == "dossier").sum() == dossiers > 100
    assert (right["kind"] == "step").sum() == steps > 500


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_the_current_state_is_that_of_a_well_behaved_server(
    province: Province, right: pl.DataFrame, case: Case
) -> None:
    different = find_differences(province.state(case), right, case.feeds)
    assert different.is_empty(), f"{different.height} rows\n{different.head(10)}"


@pytest.mark.parametrize("table", LOG)
@pytest.mark.parametrize("case", [c for c in CASES if not c.is_forgetful], ids=name_of)
def test_the_log_is_that_of_a_well_behaved_server(
    province: Province, case: Case, table: str
) -> None:
    """Every version, every step, every row put aside: only the system's name differs.

    A clock that is wrong writes other stamps, and a stamp is content: with it the hash of the
    row and the record put aside. Set right, all else is equal. Updates told late are told all the
    same, and the days on which a server is down hide nothing of one that keeps every update.

    A page that comes twice within a pull brings its bad rows twice. They are each kept, since two
    equal rows without a code may be two dossiers; so there the rows are compared, not their number.
    """
    if table == "progress" and "progress" not in case.feeds:
        return
    right = province.log(HEALED[0], table)
    if case.ahead:
        drop = [name for name in ("content_hash", "record") if name in right.columns]
        right = right.drop(drop)
    ours = province.log(case, table)
    if table == "quarantine" and any(
        b.startswith(("page_twice", "page_order")) for b in case.behaviours
    ):
        ours, right = (frame.drop("occurrence_n").unique() for frame in (ours, right))
    assert hash_content(ours) == hash_content(right), find_unlike(ours, right)


def find_unlike(ours: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """For the message: rows that one of them has more often."""
    names = [name for name in ours.columns if not ours.schema[name].is_nested()]
    counted = [frame.group_by(names).len() for frame in (ours, right)]
    return counted[0].join(counted[1], on=[*names, "len"], how="anti", nulls_equal=True)


def test_a_single_row_of_the_log_that_is_lost_or_comes_twice_is_seen(province: Province) -> None:
    right = province.log(HEALED[0], "dossier_version")
    assert hash_content(right.reverse()) == hash_content(right)
    assert hash_content(right[1:]) != hash_content(right)
    assert hash_content(pl.concat([right, right[:1]])) != hash_content(right)
    assert province.log(HEALED[0], "quarantine").height > 5


def test_after_an_outage_the_log_lacks_states_between_alone_and_the_outcome_says_since_when(
    province: Province,
) -> None:
    (case,) = (c for c in BY_DAY if c.is_forgetful)
    stamps = ["dossier_code", "source_updated_at"]
    right = province.log(HEALED[0], "dossier_version")
    lost = right.join(province.log(case, "dossier_version"), on=stamps, how="anti")
    assert lost.height > 0
    after = province.of(case)[4]
    assert (after.unseen_from, after.unseen_to) == OUTAGE
    assert lost["source_updated_at"].is_between(*OUTAGE, closed="right").all()
    assert province.log(case, "dossier_version").height + lost.height == right.height
    # what is lost was no last state: the current state is equal (see above)
    later = right.group_by("dossier_code").agg(pl.col("source_updated_at").max().alias("last"))
    assert (
        lost.join(later, on="dossier_code")
        .filter(pl.col("source_updated_at") >= pl.col("last"))
        .is_empty()
    )


def test_an_outcome_names_the_span_in_which_a_system_was_not_asked_for_too_long(
    province: Province,
) -> None:
    (case,) = (c for c in BY_DAY if c.sentence == "well behaved by day")
    found = [(o.unseen_from, o.unseen_to) for o in province.of(case)]
    days = province.days
    # a day between two pulls is the usual distance; the first pull has none before it
    usual = (None, None)
    assert found == [usual, days[0:2], usual, days[2:4], days[3:5], days[4:6]]
    assert {o.unseen_from for o in province.of(HEALED[0])} == {None}


@pytest.mark.parametrize("case", [*HEALED, *LATER, *LASTING], ids=name_of)
def test_the_first_outcome_says_what_came_of_it(province: Province, case: Case) -> None:
    for feed in case.feeds:
        outcome = province.of(case, feed)[0]
        assert (outcome.status, outcome.error_class) == case.first, outcome.error
        assert (outcome.error is None) == (outcome.status == "ok")
        assert "\n" not in (outcome.error or "")


@pytest.mark.parametrize("case", LATER, ids=name_of)
def test_what_a_pull_did_not_get_the_next_one_gets(province: Province, case: Case) -> None:
    first, second = province.of(case)
    assert 0 < first.records_in < second.records_in
    assert first.window_from == second.window_from
    assert second.status == "ok"


@pytest.mark.parametrize("case", [c for c in LASTING if c.first[0] == "failed"], ids=name_of)
def test_nothing_of_a_page_that_is_not_whole_is_taken(province: Province, case: Case) -> None:
    assert [outcome.records_in for outcome in province.of(case)] == [0]
    assert province.state(case).is_empty()


def test_a_crowded_second_without_order_is_named_and_all_else_is_taken(
    province: Province, right: pl.DataFrame
) -> None:
    case = LASTING[-1]
    assert "1 second(s) hold more than one page" in (province.of(case)[0].error or "")
    system = province.folder / "systems" / case.system
    records = pl.read_parquet(system / "dossiers.parquet")[case.same_second :]
    got = province.state(case)["code"]
    assert set(records["MaHoSo"]) <= set(got)


@pytest.mark.parametrize("case", BY_DAY, ids=name_of)
def test_a_daily_pull_asks_for_little_and_looks_far_back_once_a_week(
    province: Province, case: Case
) -> None:
    pulls = [o for o in province.of(case) if o.status == "ok" and o.window_from and o.window_to]
    spans = [(o.window_to - o.window_from).days for o in pulls if o.window_to and o.window_from]
    wide = [o.fetched_at for o, span in zip(pulls, spans, strict=True) if span >= 45]
    assert min(spans) <= 4
    assert wide
    assert all((b - a).days >= 7 for a, b in pairwise(wide))


@pytest.mark.parametrize(
    "case", [c for c in BY_DAY if "down" in c.sentence or c.is_refused], ids=name_of
)
def test_days_without_answer_are_failed_pulls_and_the_next_asks_from_the_watermark(
    province: Province, case: Case
) -> None:
    pulls = province.of(case)
    assert [o.status for o in pulls] == ["ok", "ok", "failed", "failed", "ok", "ok"]
    assert {o.error_class for o in pulls[2:4]} <= {"http_503", "unreachable"}
    assert pulls[4].window_from is not None and pulls[1].window_to is not None
    assert pulls[4].window_from < pulls[1].window_to


@pytest.mark.parametrize("case", PLANTED, ids=name_of)
def test_a_client_that_does_not_look_back_would_lose_rows_and_be_seen(
    province: Province, right: pl.DataFrame, case: Case
) -> None:
    assert all(outcome.status == "ok" for outcome in province.of(case))
    different = find_differences(province.state(case), right, case.feeds)
    assert not different.is_empty()


@pytest.mark.parametrize("kind", ["dossier", "step"])
def test_a_single_row_that_is_lost_is_seen(right: pl.DataFrame, kind: str) -> None:
    n = right.with_row_index().filter(pl.col("kind") == kind)["index"][17]
    lacking = right.with_row_index().filter(pl.col("index") != n).drop("index")
    (lost,) = find_differences(lacking, right, BOTH).to_dicts()
    assert lost == {"kind": kind, "code": right["code"][n], "only": "right"}


def test_every_behaviour_of_the_table_strikes_within_a_first_load(province: Province) -> None:
    pages = province.of(HEALED[0])[0].records_in // PAGE_SIZE
    for case in HEALED:
        for text in case.behaviours:
            options = dict(option.split("=") for option in text.split(":")[1:])
            # the longest gap that a seed can draw
            assert 2 * int(options.get("every", 1)) - 1 <= pages, text


@pytest.mark.long
@pytest.mark.parametrize("nth", [1, 2])
def test_every_behaviour_over_weeks_at_a_seed_drawn_at_random(
    nth: int, tmp_path: Path, serving: Serving, find_port: Callable[[], int]
) -> None:
    seed = random.SystemRandom().randrange(1, 2**31)
    print(f"seed {seed}")
    cases = [replace(case, feeds=BOTH) for case in [*HEALED, *BY_DAY]]
    province = Province(
        tmp_path, find_port(), seed, cases, days=days_of_june(*range(20, 31), 31, 38, 45)
    )
    province.write(8_000, since=date(2025, 1, 1))
    with province.serve(serving, province.days[0]):
        province.pull_rounds()
    province.load()
    right = province.state(cases[0])
    assert right.height > 1_500
    for case in cases:
        different = find_differences(province.state(case), right, case.feeds)
        assert different.is_empty(), f"seed {seed}: {case.sentence}: {different.head(10)}"


# of the marts these tell of pulls: how many there were, and when what became known
OF_PULLS = {"dq_source", "dq_told_late"}


@pytest.mark.long
def test_after_five_days_down_every_mart_is_that_of_a_well_behaved_server(
    tmp_path: Path, serving: Serving, find_port: Callable[[], int]
) -> None:
    """Even of a system that keeps the last state alone. What became known later says so
    (`known_at`), and the marts that tell of pulls tell of fewer."""
    by_name = {case.sentence: case for case in BY_DAY}
    hashes: list[dict[str, str]] = []
    for name in ("well behaved by day", "five days down and only last states told"):
        case = replace(by_name[name], sentence="centre", feeds=BOTH)
        province = Province(tmp_path / name.split()[0], find_port(), SEED, [case])
        province.write(3_300, since=date(2025, 1, 1))
        with province.serve(serving, province.days[0]):
            province.pull_rounds()
        province.load()
        (province.folder / "warehouse").mkdir()
        (province.folder / "motcua.duckdb").rename(province.folder / "warehouse/motcua.duckdb")
        build_models(province.folder)
        hashes.append(hash_marts(province.folder, "known_at"))
    right, ours = hashes
    assert len(right) > 20
    assert {mart for mart in right if ours[mart] != right[mart]} <= OF_PULLS
