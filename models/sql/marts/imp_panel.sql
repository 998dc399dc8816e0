{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=['month_on', 'unit_key', 'level', 'procedure_code']
) }}
-- What the estimators of a merger's effect work on: counts by month, unit as it was and procedure.
-- A dossier counts in the month of its reception, and in that of its finish once it is resolved.
{% set full_day = 480 %}
{% set is_timed = 'working_minutes is not null and full_day_minutes > 0' %}
with counted as (
    select
        cast(date_trunc('month', received_at) as date) as month_on,
        unit_key,
        level,
        procedure_code,
        sign,
        true as is_received,
        channel = '2' as is_online,
        has_digitized_component as is_digitized,
        false as is_resolved,
        cast(null as varchar) as class,
        false as is_result_due,
        false as is_e_result,
        cast(null as bigint) as working_minutes
    from {{ dossiers_counted() }} as received
    where is_accepted
    union all
    select
        cast(date_trunc('month', finished_at) as date) as month_on,
        unit_key,
        level,
        procedure_code,
        sign,
        false as is_received,
        false as is_online,
        false as is_digitized,
        true as is_resolved,
        class_ii06a as class,
        coalesce(yields_result, false) as is_result_due,
        coalesce(yields_result and has_e_result, false) as is_e_result,
        -- of a full day of the unit, told in days of {{ full_day }} minutes
        cast(case
            when {{ is_timed }} then round(working_minutes * {{ full_day }} / full_day_minutes)
        end as bigint) as working_minutes
    from {{ dossiers_counted() }} as resolved
    where state = 'resolved'
)

select
    month_on,
    unit_key,
    level,
    procedure_code,
    {{ counted("is_received") }} as received_n,
    {{ counted("is_online") }} as online_n,
    {{ counted("is_digitized") }} as digitized_n,
    {{ counted("is_resolved") }} as resolved_n,
    {{ counted("class = 'early'") }} as early_n,
    {{ counted("class = 'on_time'") }} as on_time_n,
    {{ counted("class = 'late'") }} as late_n,
    {{ counted("class = 'no_due_date'") }} as no_due_date_n,
    {{ counted("is_result_due") }} as result_due_n,
    {{ counted("is_e_result") }} as e_result_n,
    {{ counted("working_minutes is not null") }} as timed_n,
    {{ summed('coalesce(working_minutes, 0)') }} as working_minutes_sum
from counted
group by 1, 2, 3, 4
-- kept in the order of months: a day's change then touches a stretch of the table
order by 1
