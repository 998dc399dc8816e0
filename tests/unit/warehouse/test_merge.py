"""From landing to the log: nothing is lost, nothing is counted twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from pipelines.intake.canonical import ALLOW_LIST_VERSION, DOSSIER
from pipelines.intake.dialects import load_dialect
from pipelines.intake.landing import LandingBatch, Outcome, read_outcome
from pipelines.intake.readers import Envelope, read_json
from pipelines.settings import settings
from pipelines.warehouse.merge import Merged, load_batch
from pipelines.warehouse.tables import connect_writer
from tests.faults.shops import page, record

FETCHED = datetime(2025, 3, 20, 6)
REFERENCE = settings().reference_dir


class Warehouse:
    """A log that takes pages of records as batches."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.pulls = 0
        self.db = connect_writer(home / "motcua.duckdb")

    def take(self, *pages: list[Any], known_at_rule: str = "fetched") -> Merged:
        """Land the pages as parts of one batch and load it."""
        folder = self.land(*pages, known_at_rule=known_at_rule)
        return load_batch(self.db, folder, read_outcome(folder), REFERENCE, None)

    def land(self, *pages: list[Any], shop: str = "shop", known_at_rule: str = "fetched") -> Path:
        """Land the pages as parts of one batch."""
        self.pulls += 1
        fetched_at = FETCHED + timedelta(hours=self.pulls)
        outcome = Outcome(
            pull_id=f"p{self.pulls:04d}", run_id="r", source=shop, identity=shop,
            feed="dossiers", kind="rest", fetched_at=fetched_at, dialect="national",
            allow_list_version=ALLOW_LIST_VERSION,
            known_at_rule=known_at_rule,  # pyright: ignore[reportArgumentType]
        )  # fmt: skip
        batch = LandingBatch(self.home / "landing", outcome)
        for records in pages:
            read = read_json(
                [page(records).encode()], record=DOSSIER, dialect=load_dialect("national"),
                envelope=Envelope("data", "updated_at"), file="answer", reference=REFERENCE,
                first_position=outcome.records_in + 1,
            )  # fmt: skip
            batch.add(read.frame)
        return batch.close()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.db.sql(sql).fetchall()


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    made = Warehouse(tmp_path)
    yield made
    made.db.close()


ANY_RECORD = st.one_of(
    st.builds(
        record,
        st.integers(1, 4),
        HinhThuc=st.sampled_from(["0", "1"]),
        TrangThaiHoSo=st.sampled_from(["2", "9", "9", "77"]),
        MaTTHC=st.sampled_from(["1.001000", "1.001025"]),
        NgayTiepNhan=st.sampled_from(["20250303080000", "20250304080000", "x"]),
        updated_at=st.sampled_from(["2025-03-08T01:00:00", "2025-03-09T01:00:00", ""]),
    ),
    st.sampled_from(["text", 7, [], {}]),
)


@rules(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(ANY_RECORD, max_size=8), min_size=1, max_size=2))
def test_records_in_are_accepted_or_unchanged_or_quarantined(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[Any]]
) -> None:
    warehouse = Warehouse(tmp_path_factory.mktemp("merge"))
    try:
        first = [warehouse.take(records) for records in batches]
        again = [warehouse.take(records) for records in batches]
        for merged, records in zip([*first, *again], [*batches, *batches], strict=True):
            parts = (merged.accepted, merged.unchanged, merged.quarantined)
            assert min(parts) >= 0
            assert sum(parts) == len(records) == merged.outcome.records_in
            assert merged.quarantined == sum(count for *_, count in merged.findings)
        assert [merged.accepted for merged in again] == [0] * len(again)
        (versions,) = warehouse.rows("select count(*) from log.dossier_version")[0]
        assert versions == sum(merged.accepted for merged in first)
    finally:
        warehouse.db.close()


def test_a_row_of_the_outcome_that_does_not_add_up_is_refused(warehouse: Warehouse) -> None:
    warehouse.take([record(1), "x"])
    with pytest.raises(duckdb.ConstraintException):
        warehouse.db.execute("insert into log.outcome by name select * replace"
                             " (accepted + 1 as accepted) from log.outcome")  # fmt: skip


def test_a_bad_record_sent_again_stays_one_row_of_quarantine(warehouse: Warehouse) -> None:
    bad = record(1, TrangThaiHoSo="77")
    assert warehouse.take([bad, bad]).quarantined == 2
    assert warehouse.take([bad, bad]).quarantined == 2
    assert warehouse.rows("select count(*), max(occurrence_n) from log.quarantine") == [(2, 2)]


@pytest.mark.parametrize(
    ("changed", "quarantined"),
    [
        ({"MaTTHC": "1.001025", "NgayTiepNhan": "20250304080000"}, 1),
        ({"MaTTHC": "1.001025"}, 0),
        ({"NgayTiepNhan": "20250304080000"}, 0),
    ],
    ids=["another procedure and another day", "another procedure", "another day"],
)
@pytest.mark.parametrize("in_one_batch", [True, False])
def test_a_code_collides_only_if_procedure_and_day_both_differ(
    warehouse: Warehouse, changed: dict[str, str], quarantined: int, in_one_batch: bool
) -> None:
    other = record(1, updated_at="2025-03-09T01:00:00", **changed)
    if in_one_batch:
        merged = warehouse.take([record(1), other])
    else:
        warehouse.take([record(1)])
        merged = warehouse.take([other])
    assert merged.quarantined == quarantined
    kept = warehouse.rows("select distinct procedure_code from log.dossier_version")
    assert ("1.001000",) in kept


def test_a_collision_between_parts_of_one_batch_is_found(warehouse: Warehouse) -> None:
    other = record(1, MaTTHC="1.001025", NgayTiepNhan="20250304080000",
                   updated_at="2025-03-09T01:00:00")  # fmt: skip
    merged = warehouse.take([record(1)], [other, record(2)])
    assert merged.findings == (("dossier_code_collision", "MaHoSo", 1),)
    assert warehouse.rows("select position from log.quarantine") == [(2,)]


def test_the_same_code_in_two_systems_is_two_dossiers(warehouse: Warehouse) -> None:
    warehouse.take([record(1)])
    warehouse.db.execute("update log.dossier_version set source = 'other'")
    assert warehouse.take([record(1)]).accepted == 1


def test_codes_in_other_letters_are_one_dossier(warehouse: Warehouse) -> None:
    small = record(1, MaHoSo="000.00.30.h22-250303-0001")
    assert warehouse.take([record(1), small]).unchanged == 1


def test_known_time_is_that_of_the_pull_or_for_an_initial_load_of_the_source(
    warehouse: Warehouse,
) -> None:
    late = record(2, updated_at="2026-01-01T00:00:00")
    warehouse.take([record(1), late], known_at_rule="source")
    warehouse.take([record(3)])
    known = dict(warehouse.rows("select dossier_code[-1], known_at from log.dossier_version"))
    assert known == {
        "1": datetime(2025, 3, 8, 1),
        "2": FETCHED + timedelta(hours=1),
        "3": FETCHED + timedelta(hours=2),
    }


def test_a_batch_that_fails_leaves_nothing(warehouse: Warehouse) -> None:
    warehouse.db.execute("create table log.kept as from log.dossier_version")
    warehouse.db.execute("drop table log.outcome")
    with pytest.raises(duckdb.CatalogException):
        warehouse.take([record(1)])
    assert warehouse.rows("select count(*) from log.dossier_version") == [(0,)]
