"""From landing to the log: the contract, then one transaction per batch, rows conserved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import duckdb
import polars as pl

from pipelines.failpoints import reach
from pipelines.intake.canonical import Feed
from pipelines.intake.contracts import check
from pipelines.intake.dialects import Dialect, DialectError, load_dialect
from pipelines.intake.landing import Outcome
from pipelines.intake.typed import Context
from pipelines.warehouse.tables import TRACE_COLUMNS

_DOSSIER_NAMES = {
    "procedure_code": "MaTTHC",
    "field_code": "MaLinhVuc",
    "applicant_kind_code": "LoaiDoiTuong",
    "return_method_code": "HinhThuc",
    "submitted_place_code": "NoiNopHoSo",
    "digitized_flag": "HoSoCoThanhPhanSoHoa",
    "vneid_flag": "TaiKhoanDuocXacThucVoiVNeID",
    "online_payment_code": "DuocThanhToanTrucTuyen",
}
_FLAGS = ("has_digitized_component", "has_reused_component", "has_e_result")


@dataclass(frozen=True)
class Merged:
    """What a batch did to the log, and its bad rows by rule and field."""

    outcome: Outcome
    accepted: int
    unchanged: int
    quarantined: int
    findings: tuple[tuple[str, str, int], ...]

    def lines(self) -> list[str]:
        """One clear line per finding: source, field, rule."""
        lines: list[str] = []
        if self.outcome.error:
            lines.append(
                f"{self.outcome.source}: {self.outcome.error} [{self.outcome.error_class}]"
            )
        for rule, field, count in self.findings:
            where = f"{field}: " if field else ""
            lines.append(f"{self.outcome.source}: {where}{rule}: {count} quarantined")
        return lines


def load_batch(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    outcome: Outcome,
    reference: Path,
    dialects: Path | None,
) -> Merged:
    """Take one landed batch into the log. All of it or nothing; every record is accounted for."""
    connection.execute("begin")
    try:
        merged = _load(connection, folder, outcome, reference, dialects)
        reach("batch_merged")
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    return merged


def _load(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    outcome: Outcome,
    reference: Path,
    dialects: Path | None,
) -> Merged:
    accepted = 0
    latest = None
    connection.execute("create or replace temp table bad as select * from log.quarantine limit 0")
    if outcome.parts:
        feed = cast(Feed, outcome.feed)
        context = Context(_dialect(outcome, dialects), reference, outcome.fetched_at)
        table = f"log.{'dossier_version' if feed == 'dossiers' else 'progress'}"
        connection.execute(f"create or replace temp table fresh as select * from {table} limit 0")
        for path in sorted(folder.glob("part-*.parquet")):
            checked = check(pl.read_parquet(path), feed, context)
            _stage_good(connection, checked.good, outcome, feed)
            _stage_bad(connection, checked.bad, outcome)
        accepted, latest = _merge_fresh(connection, table, feed, outcome)
    quarantined = _count(connection, "select count(*) from bad")
    findings = connection.execute(
        "select rule, field, count(*) from bad group by all order by all"
    ).fetchall()
    _merge_bad(connection)
    unchanged = outcome.records_in - accepted - quarantined
    row: dict[str, object] = outcome.model_dump() | {
        "accepted": accepted,
        "unchanged": unchanged,
        "quarantined": quarantined,
        "latest_updated_at": latest,
    }
    names = ", ".join(row)
    marks = ", ".join("?" for _ in row)
    row["units"] = list(outcome.units)
    connection.execute(f"insert into log.outcome ({names}) values ({marks})", list(row.values()))
    return Merged(outcome, accepted, unchanged, quarantined, tuple(findings))


def _dialect(outcome: Outcome, dialects: Path | None) -> Dialect:
    try:
        return load_dialect(outcome.dialect, dialects)
    except DialectError as error:
        raise DialectError(f"{outcome.source}: {error}; its batches cannot be read") from None


def _trace(outcome: Outcome) -> str:
    known = (
        f"least(source_updated_at, timestamp '{outcome.fetched_at}')"
        if outcome.known_at_rule == "source"
        else f"timestamp '{outcome.fetched_at}'"
    )
    return (
        f"'{outcome.pull_id}' as pull_id, '{outcome.run_id}' as run_id, "
        f"coalesce({known}, timestamp '{outcome.fetched_at}') as known_at, "
        "_file as file, _position as position"
    )


def _stage_good(
    connection: duckdb.DuckDBPyConnection, good: pl.DataFrame, outcome: Outcome, feed: Feed
) -> None:
    if feed == "dossiers":
        good = good.with_columns(
            *(pl.col(raw).alias(name) for name, raw in _DOSSIER_NAMES.items()),
            *((pl.col(flag) == "1").alias(flag) for flag in _FLAGS),
            pl.col("fee_amount_sent").alias("fee_amount"),
            pl.col("supplement_sent_n").alias("supplement_n"),
            pl.col("fees").list.eval(
                pl.struct(
                    *(
                        pl.element().struct.field(n)
                        for n in ("fee_code", "collected_code", "kind_code", "amount")
                    )
                )
            ),
            pl.col("supplements").list.eval(
                pl.struct(
                    *(
                        pl.element().struct.field(n)
                        for n in (
                            "supplement_code",
                            "status_code",
                            "requested_at",
                            "answered_at",
                            "due_before_at",
                            "due_new_at",
                        )
                    )
                )
            ),
        )
    described = connection.execute("describe fresh").fetchall()
    ours = {"source", "content_hash", *TRACE_COLUMNS}
    content = [str(r[0]) for r in described if str(r[0]) not in ours]
    # the envelope's time belongs to a version of a dossier, not to a step told again
    values = ", ".join(content)
    connection.register("good", good)
    connection.execute(
        f"""insert into fresh by name
        select '{outcome.identity}' as source, md5_number_lower(row({values})::varchar)
            as content_hash, {values}, {_trace(outcome)} from good"""
    )
    connection.unregister("good")


def _stage_bad(connection: duckdb.DuckDBPyConnection, bad: pl.DataFrame, outcome: Outcome) -> None:
    if bad.is_empty():
        return
    connection.register("found", bad)
    connection.execute(
        f"""insert into bad by name
        select '{outcome.source}' as source, '{outcome.feed}' as feed, rule, field, record,
            0 as occurrence_n,
            md5_number_lower(concat_ws('|', rule, field, record)) as content_hash,
            '{outcome.pull_id}' as pull_id, '{outcome.run_id}' as run_id,
            timestamp '{outcome.fetched_at}' as known_at, file, position from found"""
    )
    connection.unregister("found")


def _merge_fresh(
    connection: duckdb.DuckDBPyConnection, table: str, feed: Feed, outcome: Outcome
) -> tuple[int, object]:
    """Insert what the log does not know yet. Returns the number inserted and the latest update."""
    order = "position"
    if feed == "dossiers":
        order = "source_updated_at, latest_event_at, is_closed, file, position, content_hash"
        _part_collisions(connection, order, outcome)
    latest = connection.execute(
        "select max(source_updated_at) from fresh"
        if feed == "dossiers"
        else "select max(step_at) from fresh"
    ).fetchone()
    connection.execute(
        f"""create or replace temp table novel as
        select * from fresh
        where not exists (select 1 from {table} as known
            where known.source = fresh.source and known.dossier_code = fresh.dossier_code
                and known.content_hash = fresh.content_hash)
        qualify row_number() over (
            partition by source, dossier_code, content_hash order by {order}) = 1"""
    )
    connection.execute(f"insert into {table} by name select * from novel")
    return _count(connection, "select count(*) from novel"), latest[0] if latest else None


def _part_collisions(connection: duckdb.DuckDBPyConnection, order: str, outcome: Outcome) -> None:
    """Move to `bad` what bears the code of another dossier (domain §2: the first keeps it)."""
    connection.execute(
        f"""create or replace temp table owner as
        with candidate as (
            select source, dossier_code, procedure_code, received_at, 0 as rank,
                known_at, {order} from log.dossier_version
            where (source, dossier_code) in (select (source, dossier_code) from fresh)
            union all
            select source, dossier_code, procedure_code, received_at, 1, known_at, {order}
            from fresh)
        select source, dossier_code, procedure_code, received_at::date as received_on
        from candidate where received_at is not null
        qualify row_number() over (
            partition by source, dossier_code order by rank, known_at, {order}) = 1"""
    )
    clash = """from owner where fresh.source = owner.source
        and fresh.dossier_code = owner.dossier_code
        and fresh.procedure_code <> owner.procedure_code
        and fresh.received_at::date <> owner.received_on"""
    connection.execute(
        f"""insert into bad by name
        select '{outcome.source}' as source, 'dossiers' as feed,
            'dossier_code_collision' as rule, 'MaHoSo' as field,
            json_object('MaHoSo', dossier_code, 'MaTTHC', procedure_code,
                'TrangThaiHoSo', status_code, 'NgayTiepNhan', received_at,
                '_updated_at', source_updated_at)::varchar as record,
            0 as occurrence_n, content_hash, pull_id, run_id, known_at, file, position
        from fresh where exists (select 1 {clash})"""
    )
    connection.execute(f"delete from fresh where exists (select 1 {clash})")


def _merge_bad(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep a bad row once, however often it is sent; equal ones of one batch are each kept."""
    connection.execute(
        """insert into log.quarantine by name
        with counted as (
            select * replace (row_number() over (
                partition by source, content_hash order by file, position) as occurrence_n)
            from bad)
        select * from counted where not exists (select 1 from log.quarantine as known
            where known.source = counted.source and known.content_hash = counted.content_hash
                and known.occurrence_n = counted.occurrence_n)"""
    )


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return int(row[0])
