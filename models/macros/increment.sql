{# Increments: a build after a day's load computes the dossiers in `int_dossier_scope` alone and
   adds what they change. Which kind a build is was decided before dbt runs: for an increment the
   schema `increment` was made (pipelines/warehouse/builds.py); without it a build is whole. A mart
   that is kept between builds is `incremental` with one of these strategies:

   by_dossier: rows of a dossier, which are replaced when the dossier is in scope;
   by_cell: counts by a key, to which the signed counts of the change are added;
   by_row: what stands for a row of the log, which is added when the row came.

   The first two leave what they changed in the schema `increment`, from which a snapshot is
   brought up to date. All equal a whole build (docs/adr/0017). #}

{% macro is_increment() %}
{%- if not execute or flags.FULL_REFRESH or flags.WHICH != 'run' -%}
{{ return(false) }}
{%- endif -%}
{%- set made = run_query(
    "select 1 from duckdb_tables() where database_name = '" ~ this.database
    ~ "' and schema_name = 'increment' and table_name = 'kept'"
) -%}
{{ return(made.rows | length == 1) }}
{% endmacro %}

{# What was told: everything in the log, or in an increment what its scope holds. #}
{% macro told(table, in_scope) -%}
{{ in_scope if is_increment() else source('log', table) }}
{%- endmacro %}

{# A condition on the rows of a log table: that they are of dossiers in an increment's scope. By
   row id, since the engine then reads the other columns of these rows alone. #}
{% macro is_in_scope(row, keys) -%}
{%- if is_increment() -%}
{{ row }}.rowid in (
    select known.row_id
    from {{ ref(keys) }} as known
    inner join {{ ref('int_dossier_scope') }} as scope on known.dossier_key = scope.dossier_key
)
{%- else -%}
false
{%- endif -%}
{%- endmacro %}

{# Which row of a log table is of which dossier, as numbers: a scope is found among them in a tenth
   of the time that codes would take. An increment adds the rows that came. An empty build has its
   sources as queries, which have no row ids: there the table is named, and nothing taken of it. #}
{% macro rows_by_dossier(table, came_from) -%}
select
    {{ dossier_key('told') }} as dossier_key,
    told.rowid as row_id
from {{ source('log', table).render() }} as told
where
    {% if flags.EMPTY -%}
    false
    {%- elif is_increment() -%}
    told.rowid >= (select {{ came_from }} from build.state)
    {%- else -%}
    true
    {%- endif %}
{%- endmacro %}

{# The dossiers that a build counts: all of them once, or those in scope as they are now (sign 1)
   and as they were before (sign -1). #}
{% macro dossiers_counted() -%}
{%- if is_increment() -%}
(
    select *, 1 as sign from increment.fct_dossier
    union all by name
    select *, -1 as sign from main.int_dossier_before
)
{%- else -%}
(select *, 1 as sign from {{ ref('fct_dossier') }})
{%- endif -%}
{%- endmacro %}

{# The same with the day up to which the data speaks. Also in an increment's scope: what was open,
   or not yet there, on the day to which the data spoke before. #}
{% macro dossiers_counted_as_of() -%}
{%- if is_increment() -%}
(
    with timely as (
        select *
        from main.fct_dossier
        where rowid in (
            select dossier.rowid
            from main.fct_dossier as dossier
            cross join build.state as before
            where
                dossier.is_accepted
                and not (
                    cast(dossier.closed_at as date) <= before.data_as_of_on
                    and cast(dossier.received_at as date) <= before.data_as_of_on
                    and dossier.closed_at is not null
                )
                and dossier.dossier_key not in (select dossier_key from main.int_dossier_scope)
        )
    )

    select now.*, data.data_as_of_on
    from (
        select *, 1 as sign from increment.fct_dossier
        union all by name
        select *, 1 as sign from timely
    ) as now
    cross join {{ ref('int_as_of') }} as data
    union all by name
    select was.*, data.data_as_of_on
    from (
        select *, -1 as sign from main.int_dossier_before
        union all by name
        select *, -1 as sign from timely
    ) as was
    cross join build.state as data
)
{%- else -%}
(
    select dossier.*, 1 as sign, data.data_as_of_on
    from {{ ref('fct_dossier') }} as dossier
    cross join {{ ref('int_as_of') }} as data
)
{%- endif -%}
{%- endmacro %}

{# The rows of the dossiers in an increment's scope as the build before left them; none where a
   build is whole. #}
{% macro left_before(table) -%}
{%- if is_increment() -%}
select *
from main.{{ table }}
where rowid in (
    select kept.rowid
    from main.{{ table }} as kept
    inner join {{ ref('int_dossier_scope') }} as scope on kept.dossier_key = scope.dossier_key
)
{%- else -%}
select 0 as dossier_key
where false
{%- endif -%}
{%- endmacro %}

{# The waits of the dossiers that a build counts. #}
{% macro waits_counted() -%}
{%- if is_increment() -%}
(
    select *, 1 as sign from increment.int_wait_merged
    union all by name
    select *, -1 as sign from main.int_wait_before
)
{%- else -%}
(select *, 1 as sign from {{ ref('int_wait_merged') }})
{%- endif -%}
{%- endmacro %}

{# How many of the rows, those taken away less: all, or those for which a condition holds. #}
{% macro counted(condition=none) -%}
cast(coalesce(sum(sign){% if condition %} filter (where {{ condition }}){% endif %}, 0) as bigint)
{%- endmacro %}

{# The sum of a number over the rows, those taken away less. #}
{% macro summed(number) -%}
cast(coalesce(sum(sign * ({{ number }})), 0) as bigint)
{%- endmacro %}

{# Strategy: replace the rows of the dossiers in scope. #}
{% macro get_incremental_by_dossier_sql(args) %}
{%- set target, temp = args['target_relation'], args['temp_relation'] -%}
{%- set columns = args['dest_columns'] | map(attribute='quoted') | join(', ') -%}
{% if is_increment() %}
delete from {{ target }}
where dossier_key in (select dossier_key from main.int_dossier_scope);
create or replace table increment.{{ target.identifier }} as select {{ columns }} from {{ temp }};
insert or replace into increment.kept values ('{{ target.identifier }}', null);
{% else %}
delete from {{ target }};
{% endif %}
insert into {{ target }} ({{ columns }}) select {{ columns }} from {{ temp }};
{% endmacro %}

{# Strategy: add the rows that came. #}
{% macro get_incremental_by_row_sql(args) %}
{%- set target = args['target_relation'] -%}
{%- set columns = args['dest_columns'] | map(attribute='quoted') | join(', ') -%}
{% if not is_increment() %}
delete from {{ target }};
{% endif %}
insert into {{ target }} ({{ columns }}) select {{ columns }} from {{ args['temp_relation'] }};
{% endmacro %}

{# Strategy: add the change of every cell; a cell of nothing but zeros has no row. #}
{% macro get_incremental_by_cell_sql(args) %}
{%- set target, temp, keys = args['target_relation'], args['temp_relation'], args['unique_key'] -%}
{%- set columns = args['dest_columns'] | map(attribute='name') | list -%}
{%- set counts = columns | reject('in', keys) | list -%}
{%- set name = target.identifier -%}
{% if is_increment() %}
{%- set changed = counts | join(' <> 0 or ') ~ ' <> 0' -%}
{%- set stretch = in_stretch(temp, keys[0], changed) -%}
create or replace table increment.{{ name }}_moved as
select {{ columns | join(', ') }} from {{ temp }}
where {{ changed }};
create or replace table increment.{{ name }} as
select
    {{ keys | join(', ') }},
    {% for count in counts -%}
    cast(sum({{ count }}) as bigint) as {{ count }}{{ ', ' if not loop.last }}
    {% endfor %}
from (
    select {{ columns | join(', ') }} from increment.{{ name }}_moved
    union all
    select {% for column in columns %}kept.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
    from {{ target }} as kept
    where {{ stretch }} and exists (
        select 1 from increment.{{ name }}_moved as moved where {{ same_cell('kept', 'moved', keys) }}
    )
)
group by {{ keys | join(', ') }};
delete from {{ target }} as kept
using increment.{{ name }} as moved
where {{ stretch }} and {{ same_cell('kept', 'moved', keys) }};
insert into {{ target }} ({{ columns | join(', ') }})
select {{ columns | join(', ') }} from increment.{{ name }}
where {{ changed }};
insert or replace into increment.kept values ('{{ name }}', ['{{ keys | join("', '") }}']);
{% else %}
delete from {{ target }};
insert into {{ target }} ({{ columns | join(', ') }})
select {{ columns | join(', ') }} from {{ temp }};
{% endif %}
{% endmacro %}

{# A condition on the kept rows that lets the engine pass over the days on which nothing changed:
   a mart is kept in the order of its days, and those of a load are few. #}
{% macro in_stretch(temp, key, changed) -%}
{%- set days = run_query(
    'select distinct cast(' ~ key ~ ' as varchar) as day from ' ~ temp ~ ' where ' ~ changed
    ~ ' order by day limit 1001'
).columns[0].values() | list -%}
{%- if key.endswith('_on') and none not in days and 0 < days | length <= 1000 -%}
kept.{{ key }} in (date '{{ days | join("', date '") }}')
{%- else -%}
true
{%- endif -%}
{%- endmacro %}

{% macro same_cell(left, right, keys) -%}
{% for key in keys -%}
{{ left }}.{{ key }} is not distinct from {{ right }}.{{ key }}{{ ' and ' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{# A run of dbt that nobody planned builds everything, and the next planned one too. #}
{% macro begin_build() %}
{%- if execute and flags.WHICH in ('run', 'build') -%}
{%- set known = run_query(
    "select 1 from duckdb_tables() where database_name = current_database()"
    ~ " and schema_name = 'build' and table_name = 'state'"
) -%}
{%- if known and known.rows and run_query("from build.state where is_done").rows -%}
update build.state set kind = 'whole', is_done = false;
drop schema if exists increment cascade
{%- endif -%}
{%- endif -%}
{% endmacro %}
