"""Laws of the deadline classes, on whatever dossiers a shop may send."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.warehouse.tables import connect_reader
from tests.models.compiled import Mistake, Models, Record
from tests.models.incumbents.province import REFERENCE, dossier

# whom a definition claims, and into which classes it puts them (domain §4)
CLAIMS = {
    "ii06a": ("state = 'resolved'", {"early", "on_time", "late", "no_due_date"}),
    "ii06a_vendor": ("state in ('resolved', 'withdrawn')", {"early", "on_time", "late"}),
    "half_day": ("state = 'resolved'", {"early", "on_time", "late", "no_due_date"}),
    "instant": ("state = 'resolved'", {"early", "on_time", "late", "no_due_date"}),
    "d766": (
        "state in ('resolved', 'withdrawn', 'refused', 'stopped')",
        {"on_time", "late", "no_due_date"},
    ),
}
# of a month, a quarter, a year: received in it or open at its start, up to the data's last day
POPULATION = """
with period as (
    select unnest(generate_series(timestamp '2025-01-01', timestamp '2025-06-01',
        to_months($months)))::date as first_on
)
select first_on, count(*) from period, fct_dossier
where is_accepted and received_at::date < first_on + to_months($months)
    and received_at::date <= date '2025-06-30' and coalesce(closed_at::date >= first_on, true)
group by first_on order by first_on
"""
COUNTED = """
select counted_on, sum(early_n + on_time_n + late_n + no_due_date_n)::bigint from met_deadline
where definition = $definition and counted_on >= '2025-01-01'
group by counted_on order by counted_on
"""

_FIRST = datetime(2025, 1, 2, 8)
_numbers = itertools.count()


@st.composite
def dossiers(draw: st.DrawFn) -> Record:
    """A dossier of the first half of 2025: any state, with or without due date, asked or not."""
    received = _FIRST + timedelta(minutes=draw(st.integers(0, 170 * 1440)))
    status = draw(st.sampled_from(["2", "4", "5", "7", "8", "9", "10", "3"]))
    told: dict[str, object] = {"status_code": status}
    if draw(st.booleans()) or draw(st.booleans()):
        due = received + timedelta(minutes=draw(st.integers(60, 40 * 1440)))
        by_day = draw(st.booleans())
        told |= {
            "due_sent_at": (due.replace(hour=0, minute=0) if by_day else due).isoformat(),
            "is_due_sent_at_day": by_day,
        }
    if status in ("3", "7", "8", "9", "10"):
        took = timedelta(minutes=draw(st.integers(0, 60 * 1440)))
        name = "refused_at" if status == "3" else "finished_at"
        told[name] = (received + took).isoformat()
    asked = [
        received + timedelta(minutes=draw(st.integers(0, 20 * 1440)))
        for _ in range(draw(st.integers(0, 3)))
    ]
    told["supplements"] = [
        {
            "supplement_code": None,
            "status_code": None,
            "requested_at": at,
            "answered_at": draw(st.sampled_from([None, at + timedelta(days=2)])),
            "due_before_at": None,
            "due_new_at": None,
        }
        for at in asked
    ]
    return dossier(f"number {next(_numbers)}", received.isoformat(), **told)


def find_contradictions(warehouse_file: Path) -> list[str]:
    """What does not hold: a dossier claimed without a class, a class unheard of, a wrong sum."""
    db = connect_reader(warehouse_file)
    wrong = list[str]()
    try:
        for definition, (claimed, classes) in CLAIMS.items():
            column = f"class_{definition}"
            rows = db.execute(f"select {claimed}, {column} from fct_dossier").fetchall()
            if any(is_claimed != (found is not None) for is_claimed, found in rows):
                wrong.append(f"{definition}: not those it claims")
            if not {found for _, found in rows} <= {*classes, None}:
                wrong.append(f"{definition}: a class it does not have")
            if definition != "d766":
                total = sum(1 for _, found in rows if found is not None)
                counted = db.execute(
                    "select coalesce(sum(early_n + on_time_n + late_n + no_due_date_n), 0)"
                    " from met_deadline where definition = ?",
                    [definition],
                ).fetchall()[0][0]
                if counted != total:
                    wrong.append(f"{definition}: {counted} counted, {total} classed")
        for kind, months in (("month", 1), ("quarter", 3), ("year", 12)):
            direct = db.execute(POPULATION, {"months": months}).fetchall()
            counted = db.execute(COUNTED, {"definition": f"d766_{kind}"}).fetchall()
            if direct != counted:
                wrong.append(f"d766 by {kind}: {counted} counted, {direct} in the population")
    finally:
        db.close()
    return wrong


@settings(
    max_examples=5,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
    ],
)
@given(st.lists(dossiers(), min_size=25, max_size=60))
def test_every_definition_parts_the_dossiers_that_it_claims_and_counts_add_up(
    models: Models, tmp_path_factory: pytest.TempPathFactory, records: list[Record]
) -> None:
    file = tmp_path_factory.mktemp("drawn") / "motcua.duckdb"
    models.build(file, records, reference=REFERENCE)
    assert find_contradictions(file) == []


@pytest.mark.parametrize(
    ("mistake", "found"),
    [
        (
            Mistake("int_dossier_classified", "when state = 'withdrawn' then 'on_time'", ""),
            "ii06a_vendor: not those it claims",
        ),
        (
            Mistake(
                "met_deadline",
                "cast(coalesce(sum(sign) filter (where class = 'late'), 0) as bigint) as late_n",
                "0 as late_n",
            ),
            "counted",
        ),
    ],
    ids=["a withdrawal forgotten", "the late left out"],
)
def test_a_definition_that_loses_a_dossier_is_found(
    models: Models, tmp_path_factory: pytest.TempPathFactory, mistake: Mistake, found: str
) -> None:
    records = [
        dossier("withdrawn", "2025-03-10T08:00", status_code="7", finished_at="2025-03-20T10:00"),
        dossier("late", "2025-03-10T08:00", due_sent_at="2025-03-17T17:00",
                finished_at="2025-03-18T10:00"),
    ]  # fmt: skip
    file = tmp_path_factory.mktemp("mistaken") / "motcua.duckdb"
    models.build(file, records, (mistake,), REFERENCE)
    assert any(found in line for line in find_contradictions(file))
