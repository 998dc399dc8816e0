"""One log table taking in one batch: every distinct version once, whatever comes twice.

What is new is written as it comes, into the log itself where that holds nothing of the source
yet, else into a table aside; beside it stand the keys of all that came. Only when they show that
a version came twice or that a code belongs to another dossier, which is rare, is something taken
out again, within the same transaction.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import duckdb
import polars as pl

from pipelines.intake.canonical import Feed
from pipelines.intake.landing import Outcome
from pipelines.warehouse.tables import FEED_TABLES, TRACE_COLUMNS

_ORDERS: dict[Feed, str] = {
    "dossiers": "source_updated_at, latest_event_at, is_closed, file, position, content_hash",
    "progress": "position",
}
_KEYS: dict[Feed, str] = {
    "dossiers": "source_updated_at, latest_event_at, is_closed, status_code, procedure_code, "
    "received_at",
    "progress": "step_at",
}


@dataclass
class LogTable:
    """The table of a feed while a batch is merged into it, within the caller's transaction.

    `near` names the table of what is known of the batch's dossiers (`put_aside`), else the log
    itself is asked; what the batch adds is added there too.
    """

    connection: duckdb.DuckDBPyConnection
    feed: Feed
    outcome: Outcome
    near: str | None = None
    accepted: int = 0

    def __post_init__(self) -> None:
        self._run(
            f"create or replace temp table arrived as select source, dossier_code, content_hash,"
            f" {_KEYS[self.feed]}, {', '.join(TRACE_COLUMNS)} from {self.name} limit 0"
        )
        if self._is_source_known:
            self._run(f"create or replace temp table novel as from {self.name} limit 0")

    @property
    def name(self) -> str:
        """The table, with its schema."""
        return FEED_TABLES[self.feed]

    @cached_property
    def content(self) -> tuple[str, ...]:
        """Its columns that say what the source said, in their order."""
        described = self._rows(f"describe {self.name}")
        ours = {"source", "content_hash", *TRACE_COLUMNS}
        return tuple(str(row[0]) for row in described if str(row[0]) not in ours)

    @cached_property
    def _is_source_known(self) -> bool:
        """Whether the log holds anything of the source from before this batch."""
        query = f"select exists (select 1 from {self.name} where source = ?)"
        return bool(self.connection.execute(query, [self.outcome.identity]).fetchall()[0][0])

    @property
    def _target(self) -> str:
        """Where the batch's rows stand; of its source nothing else stands there."""
        return "novel" if self._is_source_known else self.name

    def add(self, good: pl.DataFrame) -> None:
        """Write what the log does not know yet of a part (see `checked_parts`)."""
        with _registered(self.connection, "good", good):
            self._run(
                f"""insert into arrived by name select '{self.outcome.identity}' as source,
                dossier_code, content_hash, {_KEYS[self.feed]}, {self._trace} from good"""
            )
            novel = ""
            if self._is_source_known:
                novel = f"""where not exists (select 1 from {self.near or self.name} as known
                    where known.source = '{self.outcome.identity}'
                        and known.dossier_code = good.dossier_code
                        and known.content_hash = good.content_hash)"""
            self.accepted += self._changed(
                f"""insert into {self._target} by name select '{self.outcome.identity}' as source,
                content_hash, {", ".join(self.content)}, {self._trace} from good {novel}"""
            )

    def settle(self) -> tuple[int, object]:
        """Take out again what is another dossier's or came twice. Returns how many records are
        new, and the latest update of all that came."""
        if self.feed == "dossiers":
            self._part_collisions()
        self._drop_repeated()
        if self._is_source_known:
            self._run(f"insert into {self.name} by name from novel")
        if self.near:
            of_source = f"where source = '{self.outcome.identity}'"
            self._run(f"insert into {self.near} by name from {self._target} {of_source}")
        latest = "source_updated_at" if self.feed == "dossiers" else "step_at"
        return self.accepted, self._rows(f"select max({latest}) from arrived")[0][0]

    def _drop_repeated(self) -> None:
        """Of equal versions within the batch the first in order stays."""
        self._run(
            """create or replace temp table repeated as
            select dossier_code, content_hash from arrived group by all having count(*) > 1"""
        )
        if not self._rows("select count(*) from repeated")[0][0]:
            return
        self.accepted -= self._changed(
            f"""delete from {self._target} where rowid in (
                select rowid from (
                    select rowid, row_number() over (
                        partition by dossier_code, content_hash order by {_ORDERS[self.feed]}) as n
                    from {self._target}
                    where source = '{self.outcome.identity}'
                        and (dossier_code, content_hash) in (from repeated))
                where n > 1)"""
        )

    def _part_collisions(self) -> None:
        """Move to `bad` what bears the code of another dossier (domain §2: the first keeps it)."""
        order, source = _ORDERS["dossiers"], self.outcome.identity
        columns = "dossier_code, procedure_code, received_at"
        known, owned = "", "false"
        if self._is_source_known:
            owned = f"source = '{source}' and dossier_code in (from doubtful)"
            known = f"""union all select {columns} from {self.near or self.name}
                where source = '{source}'
                    and dossier_code in (select dossier_code from arrived)"""
        self._run(
            f"""create or replace temp table doubtful as
            select dossier_code from (select {columns} from arrived {known})
            group by dossier_code
            having min(procedure_code) <> max(procedure_code)
                and min(received_at::date) <> max(received_at::date)"""
        )
        if not self._rows("select count(*) from doubtful")[0][0]:
            return
        self._run(
            f"""create or replace temp table owner as
            with candidate as (
                select source, {columns}, 0 as rank, known_at, {order} from {self.near or self.name}
                where {owned}
                union all
                select source, {columns}, 1, known_at, {order} from arrived
                where dossier_code in (from doubtful))
            select source, dossier_code, procedure_code, received_at::date as received_on
            from candidate where received_at is not null
            qualify row_number() over (
                partition by source, dossier_code order by rank, known_at, {order}) = 1"""
        )
        self._run(
            f"""insert into bad by name
            select '{self.outcome.source}' as source, 'dossiers' as feed,
                'dossier_code_collision' as rule, 'MaHoSo' as field,
                json_object('MaHoSo', dossier_code, 'MaTTHC', procedure_code,
                    'TrangThaiHoSo', status_code, 'NgayTiepNhan', received_at,
                    '_updated_at', source_updated_at)::varchar as record,
                0 as occurrence_n, content_hash, pull_id, run_id, known_at, file, position
            from arrived where exists (select 1 {_clash("arrived")})"""
        )
        self._run(f"delete from arrived where exists (select 1 {_clash('arrived')})")
        self.accepted -= self._changed(
            f"delete from {self._target} as ours where exists (select 1 {_clash('ours')})"
        )

    @property
    def _trace(self) -> str:
        fetched = f"timestamp '{self.outcome.fetched_at}'"
        known = fetched
        if self.outcome.known_at_rule == "source":
            known = f"least(source_updated_at, {fetched})"
        return (
            f"'{self.outcome.pull_id}' as pull_id, '{self.outcome.run_id}' as run_id, "
            f"coalesce({known}, {fetched}) as known_at, _file as file, _position as position"
        )

    def _run(self, sql: str) -> None:
        self.connection.execute(sql).fetchall()

    def _rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.connection.execute(sql).fetchall()

    def _changed(self, sql: str) -> int:
        """Run a statement that writes. Returns the number of rows."""
        return int(self.connection.execute(sql).fetchall()[0][0])


def _clash(table: str) -> str:
    return f"""from owner where {table}.source = owner.source
        and {table}.dossier_code = owner.dossier_code
        and {table}.procedure_code <> owner.procedure_code
        and {table}.received_at::date <> owner.received_on"""


@contextmanager
def _registered(
    connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame
) -> Generator[None]:
    connection.register(name, frame)
    try:
        yield
    finally:
        connection.unregister(name)
