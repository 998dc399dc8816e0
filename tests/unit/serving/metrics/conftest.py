"""A tiny province as a snapshot: invented dossiers, and the marts a build would make of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.serving.metrics import MetricLayer
from pipelines.settings import PROJECT_ROOT
from tests.conftest import MadeOnce

AS_OF = "2025-09-10"

_PROJECT = """
name: tiny
version: "1.0.0"
profile: tiny
model-paths: ["sql", "metrics"]
flags: {send_anonymous_usage_stats: false}
"""
_PROFILE = """
tiny: {target: dev, outputs: {dev: {type: duckdb, path: motcua.duckdb, schema: main}}}
"""
_TABLES = (
    "dim_unit", "dim_unit_successor", "met_submitted", "met_received", "met_resolved",
    "met_deadline", "met_returned", "met_closed", "met_stock", "fct_balance_event",
    "met_class_move", "met_due", "fct_dossier", "dim_score_item", "dim_score_band",
)  # fmt: skip

_DIMENSIONS = f"""
create table meta as select 'data_as_of' as key, '{AS_OF}' as value;
create table dim_unit as
select unit_code || '@' || coalesce(valid_from, '') as unit_key, unit_code,
       valid_from::date as unit_valid_from, valid_to::date as unit_valid_to,
       unit_code as unit_name_vi, level, level as unit_type, null::varchar as parent_code,
       district_code, null::varchar as district_name_vi
from (values
    ('02', null, '2025-06-30', 'province', null),
    ('08', '2025-07-01', null, 'province', null),
    ('024', null, '2025-06-30', 'district', '024'),
    ('00691', null, '2025-06-30', 'commune', '024'),
    ('00700', null, '2025-06-30', 'commune', '024'),
    ('00691', '2025-07-01', null, 'commune', 'area-024'),
    ('00703', '2025-07-01', null, 'commune', 'area-024'),
    ('area-02', '2025-07-01', null, 'area', null),
    ('area-024', '2025-07-01', null, 'area', 'area-024')
) as t(unit_code, valid_from, valid_to, level, district_code);
-- one commune is split, the other merged with a part of it
create table dim_unit_successor as
select unit_key, successor_key, share_from, share_to, from_on::date as from_on,
       until_on::date as until_on
from (
    select unit_key, unit_key as successor_key, 0.0 as share_from, 1.0 as share_to,
           null as from_on, unit_valid_to + 1 as until_on
    from dim_unit
    union all
    from (values
        ('02@', 'area-02@2025-07-01', 0.0, 1.0, '2025-07-01', null),
        ('024@', 'area-024@2025-07-01', 0.0, 1.0, '2025-07-01', null),
        ('00691@', '00691@2025-07-01', 0.0, 0.4, '2025-07-01', null),
        ('00691@', '00703@2025-07-01', 0.4, 1.0, '2025-07-01', null),
        ('00700@', '00703@2025-07-01', 0.0, 1.0, '2025-07-01', null))
);
create table dim_field as
select * from (values ('G01', 'Đất đai'), ('G02', 'Hộ tịch'), ('unknown', 'Không rõ'))
    as t(field_code, field_name_vi);
create table dim_procedure as
select * from (values ('1.001', 'A', 'G01', 'commune'), ('1.002', 'B', 'G02', 'commune'),
    ('1.003', 'C', 'G01', 'district')) as t(procedure_code, procedure_name_vi, field_code, level);
"""

_DOSSIERS = """
create table dossier as
with drawn as (
    select i, date '2024-11-04' + (hash(i) % 311)::int as received_on,
           (hash(i + 1000) % 25)::int as took, (hash(i + 2000) % 20)::int as term,
           hash(i + 3000) as which, hash(i + 4000) as how
    from range(1500) as t(i)
),
placed as (
    select drawn.*, u.unit_key, u.level,
           row_number() over (partition by i order by hash(i, u.unit_key)) as pick
    from drawn join dim_unit as u
        on coalesce(u.unit_valid_from, date '1900-01-01') <= received_on
        and coalesce(u.unit_valid_to, date '2999-01-01') >= received_on
    where u.level <> 'area'
)
select p.i, p.unit_key, s.successor_key as today_unit_key, p.level, c.field_code, c.procedure_code,
       (1 + how % 3)::varchar as channel, received_on,
       case when which % 17 = 0 then null else received_on + term end as due_on,
       hash(i + 5000) % 2 = 0 as finished_late_in_day,
       case when received_on + took <= date '2025-09-10' and which % 23 <> 0
           then received_on + took end as ended_on,
       case when which % 13 = 0 then 'withdrawn' when which % 19 = 0 then 'refused'
           when which % 29 = 0 then 'stopped' else 'resolved' end as ending,
       which % 3 = 0 as is_digitized, which % 5 <> 0 as is_result_due,
       which % 7 = 0 as has_e_result,
       greatest(received_on - (how % 2)::int, date '2024-11-04') as submitted_on,
       how % 5 = 0 as is_reused, how % 7 = 0 as is_stored, how % 2 = 0 as is_vneid,
       how % 3 <> 0 as has_fee,
       how % 9 = 1 as is_paid_online, how % 11 <> 0 as is_answered_in_time,
       (how % 4)::int as digitized_components_n, which % 31 = 0 as is_unknown,
       case when which % 6 <> 0 and received_on + took + (how % 40)::int <= date '2025-09-10'
           then received_on + took + (how % 40)::int end as returned_on, how % 8 = 0 as by_post
from placed as p join dim_procedure as c on c.procedure_code = '1.00' || (1 + which % 3)
join dim_unit_successor as s
    on s.unit_key = p.unit_key and s.until_on is null
    and s.share_from <= hash(i + 6000) % 100 / 100 and hash(i + 6000) % 100 / 100 < s.share_to
where pick = 1
"""

_DIMS = "unit_key, today_unit_key, level, field_code, procedure_code, channel"
_MARTS = f"""
create table met_submitted as
select submitted_on, {_DIMS}, count(*) as submitted_n,
       count(*) filter (ending = 'refused' and channel = '2') as not_accepted_n,
       count(*) filter (channel = '2') as answer_due_n,
       count(*) filter (channel = '2' and is_answered_in_time) as answered_in_time_n
from dossier group by all;
create table met_received as
select received_on, {_DIMS}, count(*) as received_n, count(*) filter (is_digitized) as digitized_n,
       count(*) filter (channel = '2') as online_n, count(*) filter (is_reused) as reused_n,
       count(*) filter (is_stored) as stored_n, count(*) filter (is_vneid) as vneid_n,
       count(*) filter (has_fee) as fee_n,
       count(*) filter (has_fee and is_paid_online) as paid_online_n,
       4 * count(*) as components_n, sum(digitized_components_n)::bigint as digitized_components_n
from dossier group by all;
create table met_resolved as
select ended_on as finished_on, {_DIMS}, count(*) as resolved_n,
       count(*) filter (is_result_due) as result_due_n,
       count(*) filter (is_result_due and has_e_result) as e_result_n,
       count(*) filter (is_unknown) as result_unknown_n,
       count(*) filter (not is_unknown) as result_known_n,
       count(*) filter (not is_unknown and is_digitized and (not is_result_due or has_e_result))
           as digitized_full_n,
       count(*) filter (not is_result_due or has_e_result) as e_result_lenient_n
from dossier where ended_on is not null and ending = 'resolved' group by all;
create table met_returned as
select returned_on, {_DIMS}, count(*) as returned_n,
       count(*) filter (by_post) as returned_by_post_n
from dossier where returned_on is not null and ended_on is not null and ending = 'resolved'
group by all;
create table met_deadline as
with classed as (
    select dossier.*, definition, ended_on as counted_on,
        case when due_on is null then 'no_due_date' when ended_on < due_on then 'early'
        when ended_on > due_on or (definition = 'instant' and finished_late_in_day) then 'late'
        when definition = 'instant' then 'early' else 'on_time' end as class
    from dossier, (values ('ii06a'), ('instant')) as d(definition)
    where ended_on is not null and ending = 'resolved'
    union all
    -- by periods: received in it or open at its start, held against its end
    select * exclude (last_on), case when due_on is null then 'no_due_date'
        when least(coalesce(ended_on, date '2999-01-01'), last_on) <= due_on then 'on_time'
        else 'late' end as class
    from (
        select dossier.*, 'd766_' || kind as definition, period_on as counted_on,
               least((period_on + to_months(months))::date - 1, date '{AS_OF}') as last_on
        from dossier, (values ('month', 1), ('quarter', 3), ('year', 12)) as k(kind, months),
            lateral (select unnest(generate_series(date_trunc(kind, received_on)::timestamp,
                coalesce(ended_on, date '{AS_OF}')::timestamp, to_months(months)))::date
                as period_on)
    )
)
select counted_on, definition, {_DIMS}, count(*) as classified_n,
       count(*) filter (class = 'early') as early_n,
       count(*) filter (class = 'on_time') as on_time_n,
       count(*) filter (class = 'late') as late_n,
       count(*) filter (class = 'no_due_date') as no_due_date_n
from classed group by all;
create table fct_balance_event as
select day_on, {_DIMS}, sum(n)::bigint as open_n, 0::bigint as waiting_n,
       sum(o)::bigint as overdue_n
from (
    select received_on as day_on, {_DIMS}, 1 as n, 0 as o from dossier
    union all
    select ended_on, {_DIMS}, -1, 0 from dossier where ended_on is not null
    union all
    select due_on + 1, {_DIMS}, 0, 1 from dossier
    where coalesce(ended_on, date '2999-01-01') > due_on + 1
    union all
    select ended_on, {_DIMS}, 0, -1 from dossier where ended_on > due_on + 1
) group by all;
create table met_closed as
select ended_on as closed_on, {_DIMS}, count(*) filter (ending = 'withdrawn') as withdrawn_n,
       count(*) filter (ending = 'refused') as refused_n,
       count(*) filter (ending = 'stopped') as stopped_n
from dossier where ended_on is not null and ending <> 'resolved' group by all;
create table met_stock as
with ends as (
    select day::date as period_end_on
    from range(date '2024-11-01', date '{AS_OF}' + 1, interval 1 day) as t(day)
    where day = last_day(day) or isodow(day) = 7 or day > date '{AS_OF}' - 62
)
select period_end_on, {_DIMS},
       count(*) filter (ended_on is null or ended_on > period_end_on) as open_n,
       0::bigint as waiting_n,
       count(*) filter (due_on < period_end_on and (ended_on is null or ended_on > period_end_on))
           as overdue_n,
       count(*) filter (ended_on <= period_end_on) as counter_n,
       count(*) filter (ended_on + 7 < period_end_on) as counter_over_7_n,
       count(*) filter (ended_on + 30 < period_end_on) as counter_over_30_n
from ends join dossier
    on received_on <= period_end_on and (ended_on is null or ended_on > period_end_on
        or (ending = 'resolved' and (returned_on is null or returned_on > period_end_on)))
group by all;
"""


@pytest.fixture(scope="session")
def manifest(made_once: MadeOnce) -> str:
    """The semantic manifest dbt makes of the delivered `models/metrics`."""
    home = made_once("tiny-dbt", _parse_project)
    return (home / "target" / "semantic_manifest.json").read_text(encoding="utf-8")


def _parse_project(home: Path) -> None:
    marts = home / "sql"
    marts.mkdir(parents=True, exist_ok=True)
    (home / "dbt_project.yml").write_text(_PROJECT)
    (home / "profiles.yml").write_text(_PROFILE)
    delivered = PROJECT_ROOT / "models"
    (home / "metrics").symlink_to(delivered / "metrics")
    for spine in (delivered / "sql" / "marts").glob("metricflow_time_spine.*"):
        (marts / spine.name).symlink_to(spine)
    for table in _TABLES:
        (marts / f"{table}.sql").write_text("select 1 as nothing")
    dbt = Path(sys.executable).with_name("dbt")
    done = subprocess.run(
        [dbt, "parse", "--no-use-colors", "--profiles-dir", home, "--project-dir", home],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="session")
def build_snapshot(
    manifest: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Make a snapshot of the tiny province whose dossiers a condition keeps."""

    def build(condition: str) -> Path:
        file = tmp_path_factory.mktemp("snapshot") / "motcua-tiny.duckdb"
        with duckdb.connect(str(file)) as connection:
            connection.execute(_DIMENSIONS)
            connection.execute(f"{_DOSSIERS} and {condition}")
            connection.execute(_MARTS)
            connection.execute("create table meta_document (name varchar, body varchar)")
            connection.execute(
                "insert into meta_document values ('semantic_manifest', ?)", [manifest]
            )
        return file

    return build


@pytest.fixture(scope="session")
def snapshot_file(build_snapshot: Callable[[str], Path]) -> Path:
    """The tiny province: nine units, one code used twice, one unit split, 1,500 dossiers."""
    return build_snapshot("true")


@pytest.fixture(scope="session")
def layer(snapshot_file: Path) -> Iterator[MetricLayer]:
    """The metric layer of the tiny province."""
    opened = MetricLayer.open(snapshot_file)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def count_dossiers(snapshot_file: Path) -> Iterator[Callable[[str], int]]:
    """Count the tiny province's dossiers directly by a condition: the other way to a figure."""
    with duckdb.connect(str(snapshot_file), read_only=True) as connection:

        def count(condition: str) -> int:
            row = connection.execute(f"select count(*) from dossier where {condition}").fetchone()
            assert row is not None
            return int(row[0])

        yield count
