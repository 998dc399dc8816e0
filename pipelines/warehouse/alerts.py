"""Alerts: what the outcomes of the pulls say is not as a source's `expect` says it should be.

Computed here once, in SQL over `log.outcome`; the asset checks, `motcua run` and `motcua doctor`
all say the same. A source is

- *silent*, when nothing new came for more than two of its periods (one, and one of grace), held
  against its own newest pull. Days off do not count for a source that tells within a week.
- out of its *corridor*, when what was new within one period is outside `min_rows` and `max_rows`.
  A first load may be of any size, a pull after an outage as large as the periods it makes up for;
  no least number is due from a period of days off.
- growing its *quarantine*, when more of what is new broke a rule than three standard deviations
  above its share in the 90 days before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final, Literal

import duckdb
import polars as pl

from pipelines.intake.sources import Source
from pipelines.network.units import in_force, read_units
from pipelines.settings import settings
from pipelines.warehouse.tables import connect_reader
from pipelines.worktime.calendar import read_calendar

Kind = Literal["silent", "corridor", "quarantine", "run"]
KINDS: Final[tuple[Kind, ...]] = ("silent", "corridor", "quarantine")
"""The kinds that `find_alerts` looks for; `run` is a run that failed."""

_SECONDS: Final = {"h": 3600, "d": 86400}
_SCHEMA: Final = {
    "source": pl.String, "every": pl.String, "every_s": pl.Int64, "min_rows": pl.Int64,
    "max_rows": pl.Int64, "is_ended": pl.Boolean,
}  # fmt: skip

_PULLS = """
create or replace temp view pull as
select outcome.source, outcome.fetched_at, outcome.status, expected.*exclude (source),
    outcome.accepted + coalesce(broken.broken_n, 0) as fresh_n,
    coalesce(broken.broken_n, 0) as broken_n,
    max(outcome.fetched_at) over (partition by outcome.source) as last_at
from log.outcome as outcome
inner join expected on outcome.source = expected.source
left join (
    select source, pull_id, count(*) as broken_n from log.quarantine group by all
) as broken on outcome.source = broken.source and outcome.pull_id = broken.pull_id
"""
_PERIODS = """
create or replace temp view period as
with parted as (
    select *, fetched_at > last_at - to_seconds(every_s * 0.9) as is_now from pull)
select source, any_value(every) as every, any_value(every_s) as every_s,
    any_value(min_rows) as min_rows, any_value(max_rows) as max_rows,
    any_value(is_ended) as is_ended, any_value(last_at) as last_at,
    arg_max(status, fetched_at) as last_status,
    coalesce(max(fetched_at) filter (fresh_n > 0), min(fetched_at)) as new_at,
    max(fetched_at) filter (not is_now and status = 'ok') as before_at,
    coalesce(sum(fresh_n) filter (is_now), 0) as fresh_n,
    coalesce(sum(broken_n) filter (is_now), 0) as broken_n,
    coalesce(sum(fresh_n) filter (not is_now and fetched_at > last_at - interval 90 day), 0)
        as fresh_before_n,
    coalesce(sum(broken_n) filter (not is_now and fetched_at > last_at - interval 90 day), 0)
        as broken_before_n
from parted
group by source
"""
_SILENT = """
with quiet as (
    select *, date_diff('second', new_at, last_at) - case when every_s < 7 * 86400 then (
        select count(*) * 86400 from day_off
        where day_off.date >= period.new_at and day_off.date + 1 <= period.last_at) else 0 end
        as quiet_s
    from period)
select source, new_at as since, every from quiet
where not is_ended and round(quiet_s / nullif(every_s, 0)) > 2
order by source
"""
_CORRIDOR = """
with judged as (
    select *,
        case when before_at is not null then max_rows
            * greatest(1, round(date_diff('second', before_at, last_at) / every_s)) end as most_n,
        exists (
            select 1 from working_day
            where working_day.date = last_at::date and every_s < 86400
                or working_day.date >= (last_at - to_seconds(every_s))::date
                    and working_day.date < last_at::date) as is_due
    from period
    where last_status <> 'failed' and every_s > 0)
select source, last_at as since, every, fresh_n,
    case when fresh_n > most_n then most_n::bigint else min_rows end as limit_n,
    fresh_n > most_n is true as is_flood
from judged
where fresh_n > most_n or not is_ended and is_due and fresh_n < min_rows
order by source
"""
_QUARANTINE = """
select source, last_at as since, broken_n, fresh_n, broken_before_n, fresh_before_n
from period
where fresh_before_n >= 30 and broken_n >= 5
    -- three standard errors above the share of before, (b + 1/2) : (f + 1), times f + 1
    and broken_n * (fresh_before_n + 1) > fresh_n * (broken_before_n + 0.5)
        + 3 * sqrt(fresh_n * (broken_before_n + 0.5) * (fresh_before_n + 0.5 - broken_before_n))
order by source
"""


@dataclass(frozen=True)
class Alert:
    """Something that a person should look at: one line, naming source, field and rule."""

    kind: Kind
    source: str
    since: datetime
    line: str


def find_alerts(
    connection: duckdb.DuckDBPyConnection, sources: tuple[Source, ...], on: date
) -> list[Alert]:
    """What is not as expected of the listed sources, on a connection that uses the warehouse.

    `on` decides which units are in force: nothing more is expected of a source whose units all
    ended before that day.
    """
    calendar = read_calendar().select("date", "is_working_day")
    connection.register("expected", _expectations(sources, on))
    connection.register("day_off", calendar.filter(pl.col("is_working_day") == 0))
    connection.register("working_day", calendar.filter(pl.col("is_working_day") == 1))
    try:
        connection.execute(_PULLS + ";" + _PERIODS)
        return [
            *(
                Alert("silent", source, since, _say_silent(source, since, every))
                for source, since, every in connection.execute(_SILENT).fetchall()
            ),
            *(
                Alert("corridor", row[0], row[1], _say_corridor(*row))
                for row in connection.execute(_CORRIDOR).fetchall()
            ),
            *(
                Alert("quarantine", row[0], row[1], _say_quarantine(*row))
                for row in connection.execute(_QUARANTINE).fetchall()
            ),
        ]
    finally:
        connection.execute("drop view if exists period; drop view if exists pull")
        for name in ("expected", "day_off", "working_day"):
            connection.unregister(name)


def find_alerts_in(warehouse_file: Path, sources: tuple[Source, ...], on: date) -> list[Alert]:
    """The same, of a warehouse that nobody writes at this moment."""
    connection = connect_reader(warehouse_file)
    try:
        return find_alerts(connection, sources, on)
    finally:
        connection.close()


def _expectations(sources: tuple[Source, ...], on: date) -> pl.DataFrame:
    units = read_units(settings().reference_dir).filter(in_force(on))
    known = set(units["unit_code"])
    rows = [
        (
            source.id,
            source.expect.every,
            int(source.expect.every[:-1]) * _SECONDS[source.expect.every[-1]],
            source.expect.min_rows,
            source.expect.max_rows,
            bool(source.units) and known.isdisjoint(source.units),
        )
        for source in sources
    ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _say_silent(source: str, since: datetime, every: str) -> str:
    return f"{source}: expect.every: nothing new since {since:%Y-%m-%d %H:%M}, {every} is normal"


def _say_corridor(
    source: str, _since: datetime, every: str, fresh: int, limit: int, is_flood: bool
) -> str:
    field, word = ("max_rows", "more") if is_flood else ("min_rows", "less")
    return f"{source}: expect.{field}: {fresh} new records within {every}, {word} than {limit}"


def _say_quarantine(
    source: str, _since: datetime, broken: int, fresh: int, broken_before: int, fresh_before: int
) -> str:
    return (
        f"{source}: quarantine: {broken} of {fresh} new records broke a rule,"
        f" {broken_before} of {fresh_before} did in the 90 days before"
    )
