"""What the log held at a moment, taken out into a log of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb

from pipelines.warehouse.lock import WarehouseError, writer_lock
from pipelines.warehouse.tables import connect_writer, migrate_file


class NothingKnownError(WarehouseError):
    """Nothing was known by a moment; the message says since when something is."""


@dataclass(frozen=True)
class Moment:
    """What was known before `before`.

    `is_held`: only what this log held by then. Else also what a source says it knew by then,
    though it was loaded later (`initial: {known_at: source}`).
    """

    before: datetime
    is_held: bool = False

    @classmethod
    def end_of(cls, day: date) -> Moment:
        """The end of a day."""
        return cls(datetime.combine(day + timedelta(days=1), time.min))

    @classmethod
    def of_publication(cls, published_at: datetime) -> Moment:
        """What a publication could draw on."""
        return cls(published_at + timedelta(microseconds=1), is_held=True)


# a first load that speaks of the past is cut at the moment, as if it had been made then
_PULLS = """
create or replace temp view pull as
select *, fetched_at >= timestamp '{before}' as is_cut from whole.log.outcome
where fetched_at < timestamp '{before}' or (not {held} and known_at_rule = 'source')
"""
_ROWS = """
create or replace temp view {table}_then as
select rows.* from whole.log.{table} as rows
where rows.known_at < timestamp '{before}' and (rows.source, rows.pull_id) in (
    select (identity, pull_id) from pull where feed = '{feed}')
"""
_STATE = """
select md5(concat_ws('|',
    (select count(*) || ':' || coalesce(sum(hash(source, pull_id, accepted, unchanged, quarantined,
        is_cut)::hugeint), 0) from pull),
    (select count(*) || ':' || coalesce(sum(hash(source, dossier_code, content_hash)::hugeint), 0)
        from dossier_version_then where pull_id in (select pull_id from pull where is_cut)),
    (select count(*) from whole.log.erasure),
    (select count(mended_at) from whole.log.quarantine),
    (select count(*) from whole.log.period_state where stated_at < timestamp '{before}'),
    (select count(*) from whole.log.reported_figure where imported_at < timestamp '{before}')))
"""
_OUTCOMES = """
insert into log.outcome by name
with told as (
    select 'dossiers' as feed, pull_id, source, count(*) as n, max(source_updated_at) as latest_at
    from dossier_version_then group by all
    union all
    select 'progress', pull_id, source, count(*), max(step_at) from progress_then group by all)
select pull.* exclude (is_cut) replace (
    case when is_cut then timestamp '{before}' else fetched_at end as fetched_at,
    case when is_cut then least(window_to, timestamp '{before}') else window_to end as window_to,
    case when is_cut then coalesce(told.n, 0) else accepted end as accepted,
    case when is_cut then 0 else unchanged end as unchanged,
    case when is_cut then 0 else quarantined end as quarantined,
    case when is_cut then coalesce(told.n, 0) else records_in end as records_in,
    case when is_cut then told.latest_at else latest_updated_at end as latest_updated_at)
from pull left join told on pull.is_cut and told.pull_id = pull.pull_id
    and told.source = pull.identity and told.feed = pull.feed
"""
_SAID = {
    "period_state": "stated_at < timestamp '{before}'",
    "reported_figure": "imported_at < timestamp '{before}'",
    "published_effect": "published_at < timestamp '{before}'",
    "published_figure": "form is not null and published_at < timestamp '{before}'",
}


def read_state(warehouse_file: Path, moment: Moment) -> str:
    """A fingerprint of what was known at a moment: it stays while that is the same.

    Raises `NothingKnownError`.
    """
    with writer_lock(warehouse_file, "reading what was known"):
        migrate_file(warehouse_file)
        connection = duckdb.connect()
        try:
            _attach(connection, warehouse_file, moment)
            return str(connection.execute(_STATE.format(before=moment.before)).fetchall()[0][0])
        finally:
            connection.close()


def copy_log(warehouse_file: Path, target: Path, moment: Moment) -> None:
    """Write what was known at a moment into a new warehouse file.

    Holds the writer's lock of the warehouse meanwhile. Raises `NothingKnownError`.
    """
    with writer_lock(warehouse_file, "reading what was known"):
        connection = connect_writer(target)
        try:
            _attach(connection, warehouse_file, moment)
            connection.begin()
            for table in ("dossier_version", "progress"):
                connection.execute(f"insert into log.{table} by name select * from {table}_then")
            connection.execute(_OUTCOMES.format(before=moment.before))
            connection.execute(
                "insert into log.quarantine by name select * from whole.log.quarantine"
                f" where known_at < timestamp '{moment.before}'"
            )
            for table, condition in _SAID.items():
                connection.execute(
                    f"insert into log.{table} by name select * from whole.log.{table}"
                    f" where {condition.format(before=moment.before)}"
                )
            connection.commit()
        finally:
            connection.close()


def _attach(connection: duckdb.DuckDBPyConnection, warehouse_file: Path, moment: Moment) -> None:
    connection.execute(f"attach '{warehouse_file}' as whole (read_only)")
    words = {"before": moment.before, "held": str(moment.is_held).lower()}
    connection.execute(_PULLS.format(**words))
    for table, feed in (("dossier_version", "dossiers"), ("progress", "progress")):
        connection.execute(_ROWS.format(table=table, feed=feed, **words))
    known = connection.execute("select count(*) from dossier_version_then").fetchall()
    if known[0][0]:
        return
    first = connection.execute("select min(known_at) from whole.log.dossier_version").fetchall()
    since = first[0][0]
    told = f"the first record became known on {since:%Y-%m-%d}" if since else "the log is empty"
    day = moment.before - timedelta(microseconds=1)
    raise NothingKnownError(f"nothing was known by the end of {day:%Y-%m-%d}: {told}")
