"""How long the clock takes, over what the bare engine takes to copy the same tables.

Random dossiers and waits stand in a DuckDB file of their own; the product's compiled models run
on it as dbt would run them, and write their tables into the same file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.settings import settings
from pipelines.worktime.compiled import (
    CATALOG,
    CompiledModel,
    compile_models,
    load_seed,
    seeds_of,
)

THREADS = 2
_ROUNDS = 2
_GIVEN = ("int_dossier_term", "int_dossier_stated", "int_wait_found")
_TABLES = ("dossier", "int_wait_found")
_TARGETS = ("int_dossier_due", "clock_working_time")
_PART_OF = {
    "int_dossier_due_first": "terms",
    "int_wait_merged": "merging_of_waits",
    "int_dossier_due": "waiting",
    "int_wait_restarted": "waiting",
    "clock_working_time": "working_time",
}
"""What a model is there for; the others make the calendar."""

# terms as in the national catalogue (domain §3); one shop in ten opens on Saturday mornings
_DOSSIERS = """
create table dossier as
select
    'shop-' || shop_n as source,
    printf('000.%02d.%02d.H22-%s-%05d', shop_n // 20, shop_n % 20,
        strftime(received_at, '%y%m%d'), number) as dossier_code,
    if(shop_n % 10 = 0, '030', 'province') as schedule_code,
    received_at,
    cast(case
        when kind < 0.71 then 1 + random() * 40
        when kind < 0.98 then 1 + random() * 60
        when kind < 0.99 then 1 + random() * 16
        else 1 + random() * 3
    end as integer) as term_value,
    case
        when kind < 0.71 then 'working_day'
        when kind < 0.98 then 'calendar_day'
        when kind < 0.99 then 'hour'
        else 'month'
    end as term_unit,
    received_at + to_seconds(cast(random() * 60 * 86400 as bigint)) as finished_at,
    random() < 0.1 as is_finished_at_day
from (
    select
        range as number,
        cast(random() * 205 as integer) as shop_n,
        random() as kind,
        timestamp '2021-01-04 07:00:00' + to_days(cast(random() * 1950 as integer))
            + to_seconds(cast(random() * 39600 as bigint)) as received_at
    from range(?)
)
"""
# Poisson with a mean of 1.2 by its cumulated chances; two in a hundred waits last still
_WAITS = """
create table int_wait_found as
select
    source,
    dossier_code,
    from_at,
    if(random() < 0.02, null, from_at + to_seconds(cast(random() * 8 * 86400 as bigint)))
        as until_at,
    random() < 0.8 as is_supplement
from (
    select
        source,
        dossier_code,
        received_at + to_seconds(cast(random() * 25 * 86400 as bigint)) as from_at
    from (
        select
            source,
            dossier_code,
            received_at,
            unnest(range(case
                when chance < 0.3012 then 0
                when chance < 0.6626 then 1
                when chance < 0.8795 then 2
                when chance < 0.9662 then 3
                when chance < 0.9923 then 4
                when chance < 0.9985 then 5
                else 6
            end))
        from (select *, random() as chance from dossier)
    )
)
"""
_VIEWS = (
    "create view int_dossier_term as "
    "select source, dossier_code, schedule_code, received_at, term_value, term_unit from dossier",
    "create view int_dossier_stated as select source, dossier_code, schedule_code, received_at, "
    "finished_at, is_finished_at_day from dossier",
)
_SATURDAY = (
    "insert into working_hours (unit_code, weekday, opens, closes) "
    "values ('030', '6', '07:30:00', '11:30:00')"
)


@dataclass(frozen=True)
class ClockTimes:
    """Seconds, the best of two rounds each: the models, the copy, and what each part takes.

    `parts`: calendar, terms, merging_of_waits, waiting (by the rule in force), working_time;
    `restart_seconds` what `waiting` takes beyond that where the term runs again after a wait.
    """

    dossiers: int
    waits: int
    seconds: float
    copy_seconds: float
    parts: dict[str, float]
    restart_seconds: float

    @property
    def ratio(self) -> float:
        """The clock's time over that of the copy."""
        return self.seconds / self.copy_seconds


def measure_clock(
    dossiers: int, folder: Path, tell: Callable[[str], None] = lambda _: None
) -> ClockTimes:
    """Time the clock on so many random dossiers in a file in `folder` (2 threads).

    Raises `RuntimeError` where the models do not compile.
    """
    tell("compiling the models")
    models = compile_models(_TARGETS, _GIVEN, folder / "compiled")
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": THREADS,
        "memory_limit": settings().duckdb_memory,
    }
    with duckdb.connect(folder / f"{CATALOG}.duckdb", config=config) as connection:
        connection.execute("set preserve_insertion_order = false")
        tell(f"inventing {dossiers:,} dossiers")
        waits = _fill(connection, dossiers, seeds_of(models, _GIVEN))
        copies: list[float] = []
        rounds: list[dict[str, float]] = []
        for number in range(_ROUNDS):
            tell(f"round {number + 1} of {_ROUNDS}")
            copies.append(_time_copy(connection))
            rounds.append(_time_models(connection, models))
        best = min(rounds, key=lambda one: sum(one.values()))
        tell("the other reading of a wait")
        connection.execute("update rules set value = 'restart' where rule = 'wait_rule'")
        restart = _time_models(connection, models)
    return ClockTimes(
        dossiers,
        waits,
        sum(best.values()),
        min(copies),
        best,
        restart["waiting"] - best["waiting"],
    )


def _fill(connection: duckdb.DuckDBPyConnection, dossiers: int, seeds: Iterable[str]) -> int:
    """Make the tables that the clock reads; how many waits there are."""
    connection.execute("select setseed(0.25)")
    connection.execute(_DOSSIERS, [dossiers])
    connection.execute(_WAITS)
    for statement in _VIEWS:
        connection.execute(statement)
    for seed in seeds:
        load_seed(connection, seed)
    connection.execute(_SATURDAY)
    connection.execute("checkpoint")
    row = connection.execute("select count(*) from int_wait_found").fetchone()
    return int(row[0]) if row else 0


def _time_copy(connection: duckdb.DuckDBPyConnection) -> float:
    """Seconds in which the engine copies the tables that the clock reads."""
    begun = time.perf_counter()
    for table in _TABLES:
        connection.execute(f"create or replace table copy_of_{table} as from {table}")
    connection.execute("checkpoint")
    seconds = time.perf_counter() - begun
    for table in _TABLES:
        connection.execute(f"drop table copy_of_{table}")
    return seconds


def _time_models(
    connection: duckdb.DuckDBPyConnection, models: list[CompiledModel]
) -> dict[str, float]:
    """Seconds in which the models are built, by what they are there for."""
    for model in models:
        connection.execute(f"drop table if exists {model.name}")
    parts: dict[str, float] = {"calendar": 0.0, **dict.fromkeys(_PART_OF.values(), 0.0)}
    for model in models:
        begun = time.perf_counter()
        model.build(connection)
        connection.execute("checkpoint")
        parts[_PART_OF.get(model.name, "calendar")] += time.perf_counter() - begun
    return parts
