"""Balances equal a direct count of dossiers at random days."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.serving.metrics import MetricLayer, MetricQuery
from pipelines.serving.snapshot import current_snapshot
from pipelines.warehouse.tables import connect_reader

DAYS = 50


@pytest.fixture(scope="module")
def warehouse(published_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = connect_reader(published_home / "warehouse" / "motcua.duckdb")
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def drawn_days(warehouse: duckdb.DuckDBPyConnection) -> list[date]:
    """Fifty days at which balances are kept, drawn anew every time, and the last one."""
    kept = [r[0] for r in warehouse.sql(
        "select distinct period_end_on from int_period_end order by all").fetchall()]  # fmt: skip
    return sorted({*random.SystemRandom().sample(kept, DAYS), kept[-1]})


# independent of the ledger: each dossier and its waits are looked at on each day
DIRECT = """
with day as (select unnest(?::date[]) as day_on),
waiting as (
    select distinct day_on, source, dossier_code
    from day join int_wait_merged
        on from_at::date <= day_on and coalesce(until_at::date > day_on, true)
),
open as (
    select day.day_on, d.unit_key, d.field_code, d.channel, d.due_at,
        w.source is not null as is_waiting
    from day
    join fct_dossier as d
        on d.is_accepted and d.received_at::date <= day.day_on
        and coalesce(d.closed_at::date > day.day_on, true)
    left join waiting as w on w.day_on = day.day_on
        and w.source = d.source and w.dossier_code = d.dossier_code
)
select day_on, unit_key, field_code, channel, count(*) as open_n,
    count(*) filter (is_waiting) as waiting_n,
    count(*) filter (not is_waiting and due_at::date < day_on) as overdue_n
from open group by all
"""
# independent of the ledger too: each result and its age on each day
DIRECT_AT_COUNTER = """
with day as (select unnest(?::date[]) as day_on)
select day_on, unit_key, field_code, channel, count(*) as counter_n,
    count(*) filter (day_on - finished_at::date > 7) as counter_over_7_n,
    count(*) filter (day_on - finished_at::date > 30) as counter_over_30_n
from day
join fct_dossier
    on state = 'resolved' and finished_at::date <= day_on
    and coalesce(returned_at::date > day_on, status_code = '9')
group by all
"""
STOCK_AT_COUNTER = """
select period_end_on as day_on, unit_key, field_code, channel,
    sum(counter_n)::bigint as counter_n, sum(counter_over_7_n)::bigint as counter_over_7_n,
    sum(counter_over_30_n)::bigint as counter_over_30_n
from {table} where period_end_on in (select unnest(?::date[]))
group by all having counter_n <> 0
"""
STOCK = """
select period_end_on as day_on, unit_key, field_code, channel, sum(open_n)::bigint as open_n,
    sum(waiting_n)::bigint as waiting_n, sum(overdue_n)::bigint as overdue_n
from {table} where period_end_on in (select unnest(?::date[]))
group by all having open_n <> 0 or waiting_n <> 0 or overdue_n <> 0
"""


def differing(
    db: duckdb.DuckDBPyConnection,
    days: list[date],
    table: str = "met_stock",
    ways: tuple[str, str] = (STOCK, DIRECT),
) -> list[tuple[object, ...]]:
    """Cells in which the two counts differ."""
    stock, direct = ways[0].format(table=table), ways[1]
    return db.execute(
        f"(from ({stock}) except from ({direct})) union all"
        f" (from ({direct}) except from ({stock}))",
        [days] * 4,
    ).fetchall()


def test_open_waiting_and_overdue_equal_a_direct_count_at_fifty_random_days(
    warehouse: duckdb.DuckDBPyConnection, drawn_days: list[date]
) -> None:
    print(f"days {drawn_days[0]} … {drawn_days[-1]}")
    assert differing(warehouse, drawn_days) == []
    total = warehouse.execute(
        "select sum(open_n), sum(waiting_n), sum(overdue_n) from met_stock"
        " where period_end_on in (select unnest(?::date[]))",
        [drawn_days],
    ).fetchall()[0]
    assert min(total) > 0


def test_results_at_the_counter_equal_a_direct_count_by_age_at_fifty_random_days(
    warehouse: duckdb.DuckDBPyConnection, drawn_days: list[date]
) -> None:
    ways = (STOCK_AT_COUNTER, DIRECT_AT_COUNTER)
    assert differing(warehouse, drawn_days, ways=ways) == []
    total = warehouse.execute(
        "select sum(counter_n), sum(counter_over_7_n), sum(counter_over_30_n) from met_stock"
        " where period_end_on in (select unnest(?::date[]))",
        [drawn_days],
    ).fetchall()[0]
    assert total[0] > total[1] > total[2] > 0


def test_a_result_that_is_taken_for_older_than_it_is_is_found(
    warehouse: duckdb.DuckDBPyConnection, drawn_days: list[date]
) -> None:
    warehouse.execute(
        """create or replace temp table too_old as
        select * replace (case when row_number() over (order by counter_n desc) = 1
            then counter_over_7_n + 1 else counter_over_7_n end as counter_over_7_n)
        from met_stock where period_end_on = ?""",
        [drawn_days[-1]],
    )
    ways = (STOCK_AT_COUNTER, DIRECT_AT_COUNTER)
    assert len(differing(warehouse, drawn_days[-1:], "too_old", ways)) == 2


def test_balances_by_unit_of_any_fifty_days_come_out_of_the_metric_layer(
    published_home: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    layer = MetricLayer.open(current_snapshot(published_home / "serving").file)
    first = date(2021, 1, 4)
    every = [first + timedelta(days=n) for n in range((layer.as_of - first).days + 1)]
    days = sorted(random.SystemRandom().sample(every, DAYS))
    print(f"days {days}")
    by_unit = f"""select unit_key, sum(open_n)::bigint as open, sum(waiting_n)::bigint as waiting,
        sum(overdue_n)::bigint as overdue from ({DIRECT}) group by all"""
    seen = 0
    try:
        for day in days:
            answer = layer.query(
                MetricQuery(("open", "waiting", "overdue"), by=("unit",), date_to=day)
            )
            ours = {
                (f"{r['unit_code']}@{r['unit_valid_from'] or ''}", r["metric"]): r["numerator"]
                for r in answer.iter_rows(named=True)
                if r["numerator"]
            }
            direct = {
                (key, name): count
                for key, *counts in warehouse.execute(by_unit, [[day]]).fetchall()
                for name, count in zip(("open", "waiting", "overdue"), counts, strict=True)
                if count
            }
            assert ours == direct, day
            seen += len(direct)
    finally:
        layer.close()
    assert seen > DAYS


def test_a_balance_that_is_off_by_one_is_found(
    warehouse: duckdb.DuckDBPyConnection, drawn_days: list[date]
) -> None:
    warehouse.execute(
        """create or replace temp table off_by_one as
        select * replace (case when row_number() over (order by open_n desc) = 1
            then open_n + 1 else open_n end as open_n)
        from met_stock where period_end_on = ?""",
        [drawn_days[-1]],
    )
    found = differing(warehouse, drawn_days[-1:], "off_by_one")
    assert len(found) == 2


@pytest.mark.parametrize(
    ("table", "day", "counts"),
    [
        ("met_stock", "period_end_on", ("open_n", "waiting_n", "overdue_n", "counter_n")),
        ("met_submitted", "submitted_on", ("submitted_n", "not_accepted_n", "answer_due_n")),
        ("met_returned", "returned_on", ("returned_n", "returned_by_post_n")),
        ("met_received", "received_on", ("received_n", "digitized_n", "online_n")),
        ("met_resolved", "finished_on", ("resolved_n", "result_due_n", "e_result_n")),
        ("met_closed", "closed_on", ("withdrawn_n", "refused_n", "stopped_n")),
    ],
)
def test_the_sum_over_levels_is_the_total(
    warehouse: duckdb.DuckDBPyConnection, table: str, day: str, counts: tuple[str, ...]
) -> None:
    sums = ", ".join(f"sum({name})" for name in counts)
    total = warehouse.sql(f"select {day}, {sums} from {table} group by 1 order by 1").fetchall()
    by_level = warehouse.sql(
        f"""select {day}, {sums} from (
            select {day}, u.level, {", ".join(f"sum({n}) as {n}" for n in counts)}
            from {table} as t join dim_unit as u using (unit_key) group by all)
        where level in ('province', 'district', 'commune') group by 1 order by 1"""
    ).fetchall()
    assert by_level == total
    assert len(total) > 40


def test_accepted_is_open_and_closed_always(warehouse: duckdb.DuckDBPyConnection) -> None:
    states = dict(warehouse.sql("select state, count(*) from fct_dossier group by 1").fetchall())
    (accepted,) = warehouse.sql("select count(*) from fct_dossier where is_accepted").fetchall()[0]
    assert accepted == sum(n for state, n in states.items() if state != "not_accepted")
    assert set(states) <= {"not_accepted", "open", "waiting", "resolved", "withdrawn",
                           "refused", "stopped"}  # fmt: skip
