"""The clock in SQL gives what the reference gives: by hand, and on ten thousand random dossiers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path

import duckdb
import pytest

from pipelines.worktime.calendar import read_calendar
from pipelines.worktime.compiled import CompiledModel, compile_models, load_seed, seeds_of
from pipelines.worktime.hours import SessionRow, read_hours
from pipelines.worktime.reference import WorkTime
from tests.models.clock_cases import (
    SCHEDULES,
    WORKING_HOURS,
    Case,
    Rules,
    as_frames,
    random_cases,
)
from tests.unit.worktime.examples import (
    EXAMPLES,
    WORKED_FROM,
    WORKED_MINUTES,
    WORKED_UNTIL,
    Example,
)

GIVEN = ("int_dossier_term", "int_wait_found", "int_dossier_stated")
TARGETS = ("int_dossier_due", "clock_working_time")
Told = dict[str, tuple[datetime | None, datetime | None, int | None]]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[CompiledModel]:
    return compile_models(TARGETS, GIVEN, tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="module")
def hours_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("hours") / "working_hours.csv"
    file.write_text(WORKING_HOURS, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def hours(hours_file: Path) -> list[SessionRow]:
    return read_hours(hours_file)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as motcua; use motcua")
        yield connection


def run_clock(
    connection: duckdb.DuckDBPyConnection,
    models: list[CompiledModel],
    cases: list[Case],
    rules: Rules,
    hours_file: Path | None = None,
) -> Told:
    """What the models say of each dossier: due without waits, due, and working seconds."""
    for seed in sorted(seeds_of(models, GIVEN)):
        load_seed(connection, seed, hours_file if seed == "working_hours" else None)
    for rule, value in rules.as_seed().items():
        connection.execute("update rules set value = ? where rule = ?", [value, rule])
    for name, frame in as_frames(cases).items():
        connection.register("given", frame)
        connection.execute(f"create or replace table {name} as from given")
    for model in models:
        model.build(connection)
    rows = connection.sql(
        "select dossier_code, due_first_at, due_computed_at, working_seconds "
        "from clock_working_time left join int_dossier_due using (source, dossier_code)"
    ).fetchall()
    assert len(rows) == len(cases)
    return {code: told for code, *told in rows for told in [tuple(told)]}


def example_case(number: int, example: Example) -> Case:
    return Case(
        str(number),
        "province",
        example.accepted,
        example.term,
        example.unit,
        list(example.waits),
    )


@pytest.mark.parametrize("wait_rule", ["pause", "restart"])
def test_every_worked_example(
    connection: duckdb.DuckDBPyConnection, models: list[CompiledModel], wait_rule: str
) -> None:
    rules = Rules(wait_rule="pause" if wait_rule == "pause" else "restart")
    examples = {
        str(number): example
        for number, example in enumerate(EXAMPLES)
        if not example.waits or example.rule == wait_rule
    }
    assert len(examples) == len(EXAMPLES) - 1
    cases = [example_case(int(code), example) for code, example in examples.items()]
    told = run_clock(connection, models, cases, rules)
    assert {str(examples[code]): due for code, (_, due, _) in told.items()} == {
        str(example): example.due for example in examples.values()
    }


def test_the_worked_example_of_working_time(
    connection: duckdb.DuckDBPyConnection, models: list[CompiledModel]
) -> None:
    case = Case("one", "province", WORKED_FROM, 1, "working_day", finished=WORKED_UNTIL)
    told = run_clock(connection, models, [case], Rules())
    assert told["one"][2] == WORKED_MINUTES * 60


RULES = [
    Rules(),
    Rules(wait_rule="restart"),
    Rules(due_time="same_hour", moves_to_working_day=False),
    Rules("restart", "same_hour", same_day_until=time(9, 30)),
    Rules("restart", "close", moves_to_working_day=False),
]


def differences(told: Told, cases: list[Case], rules: Rules, works: dict[str, WorkTime]) -> Told:
    """What the reference says of the dossiers of which the models say something else."""
    expected: Told = {
        case.code: (
            *case.due(works[case.schedule], rules.wait_rule),
            case.worked_seconds(works[case.schedule]),
        )
        for case in cases
    }
    # the cases are worth the name
    assert sum(first != due for first, due, _ in expected.values()) > len(cases) / 3
    assert sum(due is None for _, due, _ in expected.values()) > len(cases) / 100
    return {code: says for code, says in expected.items() if told[code] != says}


@pytest.mark.parametrize("rules", RULES, ids=str)
def test_random_dossiers_are_due_as_the_reference_says(
    connection: duckdb.DuckDBPyConnection,
    models: list[CompiledModel],
    hours: list[SessionRow],
    hours_file: Path,
    rules: Rules,
) -> None:
    works = {one: rules.work_of(one, hours, read_calendar()) for one in SCHEDULES}
    cases = random_cases(2_000, RULES.index(rules), rules, works)
    told = run_clock(connection, models, cases, rules, hours_file)
    wrong = differences(told, cases, rules, works)
    shown = [
        f"{case} expected {wrong[case.code]}, told {told[case.code]}"
        for case in cases
        if case.code in wrong
    ]
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(shown[:5])


# model → what is written there, and what a mistake would write
DEFECTS = {
    "overlapping waits count twice": (
        "int_wait_merged", "max(until_at) over (", "lag(until_at) over (",
    ),
    "15:00:00 is too late": (
        "int_dossier_due_first", "> same_day_until_second", ">= same_day_until_second",
    ),
    "the day of acceptance counts": (
        "int_dossier_due_first", "working_day_n + term_value", "working_day_n + term_value - 1",
    ),
    "a wait that begins as the dossier falls due counts nothing": (
        "int_dossier_due", "from_at <= due_at", "from_at < due_at",
    ),
    "a finish of day precision counts to its midnight": (
        "clock_working_time", "to_seconds(86399)", "to_seconds(0)",
    ),
    "a holiday is worked": ("dim_calendar", "is_working_day = '1'", "kind <> 'weekend'"),
}  # fmt: skip


@pytest.mark.parametrize(("model", "right", "wrong"), DEFECTS.values(), ids=DEFECTS.keys())
def test_the_comparison_sees_a_clock_that_is_wrong(
    connection: duckdb.DuckDBPyConnection,
    models: list[CompiledModel],
    hours: list[SessionRow],
    hours_file: Path,
    model: str,
    right: str,
    wrong: str,
) -> None:
    assert any(one.name == model and right in one.sql for one in models)
    spoiled = [
        replace(one, sql=one.sql.replace(right, wrong)) if one.name == model else one
        for one in models
    ]
    works = {one: Rules().work_of(one, hours, read_calendar()) for one in SCHEDULES}
    cases = random_cases(500, 0, Rules(), works)
    told = run_clock(connection, spoiled, cases, Rules(), hours_file)
    assert differences(told, cases, Rules(), works)
