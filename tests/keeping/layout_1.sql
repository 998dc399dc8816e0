-- The log as it was laid out before forms were closed, with a few rows.
create schema log;
create table log.dossier_version (
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
    pull_id varchar not null, run_id varchar, known_at timestamp not null, file varchar, position bigint);
create table log.progress (
    source varchar not null, dossier_code varchar not null, content_hash ubigint not null,
    step_at timestamp not null, status_code varchar not null, office_name_vi varchar,
    title_vi varchar, started_at timestamp, step_due_at timestamp,
    pull_id varchar not null, run_id varchar, known_at timestamp not null, file varchar, position bigint);
create table log.quarantine (
    source varchar not null, feed varchar not null, rule varchar not null,
    field varchar not null, record varchar not null, occurrence_n bigint not null,
    content_hash ubigint not null, pull_id varchar not null, run_id varchar, known_at timestamp not null, file varchar, position bigint);
create table log.outcome (
    pull_id varchar not null, run_id varchar, source varchar not null, identity varchar,
    feed varchar not null, kind varchar, units varchar[], status varchar not null,
    error_class varchar, error varchar, window_from timestamp, window_to timestamp,
    fetched_at timestamp not null, known_at_rule varchar, dialect varchar,
    dialect_version varchar, allow_list_version varchar, records_in bigint not null,
    accepted bigint not null, unchanged bigint not null, quarantined bigint not null,
    dropped_fields bigint not null, bytes bigint, sha256 varchar, parts bigint,
    is_synthetic boolean, latest_updated_at timestamp,
    check (records_in = accepted + unchanged + quarantined));
create table log.published_figure (
    published_at timestamp not null, snapshot varchar not null, metric varchar not null,
    definition varchar, period varchar not null, unit_code varchar, unit_valid_from date,
    numerator bigint, denominator bigint, rules_hash varchar not null);
insert into log.dossier_version by name
select 'shop' as source, '000.00.30.H22-250303-000' || n as dossier_code, n as content_hash,
    timestamp '2025-03-08 01:00' as source_updated_at, timestamp '2025-03-07 10:00' as latest_event_at,
    true as is_closed, '9' as status_code, '1.001000' as procedure_code, 'HT' as field_code,
    '1' as channel, false as is_channel_assumed, '030' as unit_code,
    timestamp '2025-03-03 08:00' as submitted_at, timestamp '2025-03-03 08:00' as received_at,
    timestamp '2025-03-10 17:00' as due_sent_at, timestamp '2025-03-07 10:00' as finished_at,
    'vn' as calendar, 'p0001' as pull_id, 'r' as run_id, timestamp '2025-03-20 07:00' as known_at,
    'answer' as file, n as position
from range(1, 4) as numbers(n);
insert into log.progress by name
select 'shop' as source, '000.00.30.H22-250303-0001' as dossier_code, 7 as content_hash,
    timestamp '2025-03-04 09:00' as step_at, '4' as status_code, 'p0002' as pull_id,
    timestamp '2025-03-20 08:00' as known_at;
insert into log.quarantine by name
select 'shop-dossiers' as source, 'dossiers' as feed, 'unknown_code' as rule,
    'TrangThaiHoSo' as field, '{"MaHoSo":"000.00.30.H22-250303-0004"}' as record,
    1 as occurrence_n, 9 as content_hash, 'p0001' as pull_id,
    timestamp '2025-03-20 07:00' as known_at, 'answer' as file, 4 as position;
insert into log.outcome by name
select unnest(['p0001', 'p0002']) as pull_id, unnest(['shop-dossiers', 'shop-progress']) as source,
    'shop' as identity, unnest(['dossiers', 'progress']) as feed, 'rest' as kind, 'ok' as status,
    unnest([timestamp '2025-03-20 07:00', timestamp '2025-03-20 08:00']) as fetched_at,
    unnest([timestamp '2025-03-20 07:00', timestamp '2025-03-20 08:00']) as window_to,
    'fetched' as known_at_rule, 'national' as dialect, unnest([4, 1]) as records_in,
    unnest([3, 1]) as accepted, 0 as unchanged, unnest([1, 0]) as quarantined,
    0 as dropped_fields, 1 as parts, false as is_synthetic;
insert into log.published_figure by name
select timestamp '2025-03-21 06:00' as published_at, 'motcua-20250321T060000-a' as snapshot,
    'received' as metric, '2025-03' as period, '030' as unit_code, 3 as numerator,
    'abc' as rules_hash;