"""The log tables: append-only, bitemporal. Content is what the source said, trace how it came."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.intake.canonical import Feed
from pipelines.settings import settings
from pipelines.warehouse.migrate import Migrated, attach_current, check_layout, read_layout

STORAGE_VERSION = "v1.5.0"
FEED_TABLES: dict[Feed, str] = {"dossiers": "log.dossier_version", "progress": "log.progress"}
TRACE_COLUMNS = ("pull_id", "run_id", "known_at", "file", "position")

_TRACE = (
    "pull_id varchar not null, run_id varchar, known_at timestamp not null, "
    "file varchar, position bigint"
)

DDL = f"""
create schema if not exists log;
create table if not exists log.schema_version (
    version integer not null, applied_at timestamp not null, note varchar not null);
create table if not exists log.dossier_version (
    source varchar not null, dossier_code varchar not null, content_hash ubigint not null,
    source_updated_at timestamp, latest_event_at timestamp, is_closed boolean not null,
    status_code varchar not null, procedure_code varchar, field_code varchar,
    channel varchar not null, is_channel_assumed boolean not null, applicant_kind_code varchar,
    unit_code varchar not null, unit_valid_from date, is_unit_name_different boolean,
    submitted_at timestamp, received_at timestamp, due_sent_at timestamp,
    finished_at timestamp, returned_at timestamp, refused_at timestamp,
    is_received_at_day boolean, is_due_sent_at_day boolean,
    is_finished_at_day boolean, is_returned_at_day boolean,
    calendar varchar not null, return_method_code varchar, submitted_place_code varchar,
    digitized_flag varchar, vneid_flag varchar, online_payment_code varchar,
    has_digitized_component boolean, has_reused_component boolean, has_e_result boolean,
    fee_amount bigint, supplement_n bigint,
    components struct(component_code varchar, is_digitized boolean, is_reused boolean,
        is_from_store boolean, is_deleted boolean)[],
    fees struct(fee_code varchar, collected_code varchar, kind_code varchar, amount bigint)[],
    supplements struct(supplement_code varchar, status_code varchar, requested_at timestamp,
        answered_at timestamp, due_before_at timestamp, due_new_at timestamp)[],
    results struct(result_code varchar, has_file boolean)[], database_codes varchar[],
    {_TRACE});
create table if not exists log.progress (
    source varchar not null, dossier_code varchar not null, content_hash ubigint not null,
    step_at timestamp not null, status_code varchar not null, office_name_vi varchar,
    title_vi varchar, started_at timestamp, step_due_at timestamp,
    {_TRACE});
create table if not exists log.quarantine (
    source varchar not null, feed varchar not null, rule varchar not null,
    field varchar not null, record varchar not null, occurrence_n bigint not null,
    content_hash ubigint not null, {_TRACE}, mended_at timestamp);
create table if not exists log.outcome (
    pull_id varchar not null, run_id varchar, source varchar not null, identity varchar,
    feed varchar not null, kind varchar, units varchar[], status varchar not null,
    error_class varchar, error varchar, window_from timestamp, window_to timestamp,
    fetched_at timestamp not null, known_at_rule varchar, dialect varchar,
    dialect_version varchar, allow_list_version varchar, records_in bigint not null,
    accepted bigint not null, unchanged bigint not null, quarantined bigint not null,
    dropped_fields bigint not null, bytes bigint, sha256 varchar, parts bigint,
    is_synthetic boolean, latest_updated_at timestamp,
    unseen_from timestamp, unseen_to timestamp,
    check (records_in = accepted + unchanged + quarantined));
create table if not exists log.published_figure (
    published_at timestamp not null, snapshot varchar not null, metric varchar not null,
    definition varchar, period varchar not null, unit_code varchar, unit_valid_from date,
    numerator bigint, denominator bigint, rules_hash varchar not null,
    form varchar, level varchar, field_code varchar, state varchar, network_hash varchar);
create table if not exists log.published_effect (
    published_at timestamp not null, snapshot varchar not null,
    impact_id varchar not null, kind varchar not null, name_vi varchar, name_en varchar,
    effective_on date not null, date_is_assumed boolean,
    before_from date, before_to date, after_from date, after_to date,
    outcome varchar not null, estimator varchar not null, is_headline boolean not null,
    unit varchar, before_value double, after_value double,
    estimate double, low double, high double, p_value double, level double,
    verdict varchar, status varchar, sentence_vi varchar, sentence_en varchar,
    data_as_of_on date not null, rules_hash varchar not null, network_hash varchar not null);
create table if not exists log.period_state (
    form varchar not null, period varchar not null, first_on date not null, last_on date not null,
    unit_code varchar, unit_valid_from date, state_n bigint not null, state varchar not null,
    stated_by varchar not null, stated_at timestamp not null, note varchar,
    snapshot varchar not null, data_as_of_on date not null, rules_hash varchar not null);
create table if not exists log.reported_figure (
    source varchar not null, unit_key varchar not null, unit_code varchar not null,
    unit_valid_from date, month_on date not null, metric varchar not null, definition varchar,
    value double not null, reported_on date not null,
    import_n bigint not null, imported_at timestamp not null, file varchar not null,
    line bigint not null);
create table if not exists log.erasure (
    source varchar not null, code_hmac varchar not null, key_id varchar not null,
    erased_at timestamp not null, erased_by varchar not null, reason varchar not null);
create table if not exists log.landing_cut (
    source varchar not null, feed varchar not null, pull_id varchar not null,
    cut_at timestamp not null, records_in bigint not null, bytes bigint not null);
"""

SAID_TABLES = (
    "published_figure", "published_effect", "period_state", "reported_figure", "erasure",
    "landing_cut",
)  # fmt: skip
"""What was said, signed, reported, erased and cut: it did not land, so a replay carries it over."""

LOG_TABLES = ("dossier_version", "progress", "quarantine", "outcome", *SAID_TABLES)


def connect_writer(warehouse_file: Path) -> duckdb.DuckDBPyConnection:
    """Open the warehouse for writing as catalog `motcua`, with the log in today's layout.

    The caller holds `writer_lock` and closes the connection before dbt runs. An older layout is
    migrated; raises `LayoutError` for a newer one.
    """
    return _open(warehouse_file)[0]


def migrate_file(warehouse_file: Path) -> Migrated | None:
    """Bring the log to today's layout, as opening it for writing does. None if it has it."""
    connection, migrated = _open(warehouse_file)
    connection.close()
    return migrated


def _open(warehouse_file: Path) -> tuple[duckdb.DuckDBPyConnection, Migrated | None]:
    config = settings()
    warehouse_file.parent.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    connection.execute(f"set memory_limit = '{config.duckdb_memory}'")
    connection.execute(f"set temp_directory = '{warehouse_file.parent / 'spill'}'")
    connection.execute("set preserve_insertion_order = false")
    if config.duckdb_threads:
        connection.execute(f"set threads = {config.duckdb_threads}")
    attach = f"attach '{warehouse_file}' as motcua (storage_version '{STORAGE_VERSION}')"
    try:
        return connection, attach_current(connection, warehouse_file, attach, DDL)
    except BaseException:
        connection.close()
        raise


def connect_reader(warehouse_file: Path) -> duckdb.DuckDBPyConnection:
    """Open the warehouse read-only as catalog `motcua`.

    Raises `LayoutError` where its log has not today's layout.
    """
    connection = duckdb.connect()
    connection.execute(f"attach '{warehouse_file}' as motcua (read_only)")
    connection.execute("use motcua")
    try:
        check_layout(read_layout(connection), warehouse_file)
    except BaseException:
        connection.close()
        raise
    return connection


def content_hash(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """A fingerprint of a table's rows: free of their order, and of the trace columns."""
    rows = connection.execute(f"describe {table}").fetchall()
    names = [str(row[0]) for row in rows if row[0] not in TRACE_COLUMNS]
    values = ", ".join(f'"{name}"' for name in sorted(names))
    answer = connection.execute(
        f"select count(*), sum(md5_number_lower(to_json(row({values}))::varchar)::hugeint)"
        f" from {table}"
    ).fetchone()
    assert answer is not None
    return f"{answer[0]}:{answer[1] or 0:x}"
