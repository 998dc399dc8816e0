{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=[
        'submitted_on', 'unit_key', 'today_unit_key', 'level',
        'field_code', 'procedure_code', 'channel'
    ]
) }}
-- A submission without an answer is not refused, and no submission without its day is counted.
select
    cast(submitted_at as date) as submitted_on,
    unit_key,
    today_unit_key,
    level,
    field_code,
    procedure_code,
    channel,
    {{ counted() }} as submitted_n,
    {{ counted("state = 'not_accepted' and status_code = '3'") }} as not_accepted_n,
    {{ counted('is_answered_in_time is not null') }} as answer_due_n,
    {{ counted("is_answered_in_time") }} as answered_in_time_n
from {{ dossiers_counted() }} as dossier
where submitted_at is not null
group by 1, 2, 3, 4, 5, 6, 7
-- kept in the order of days: a day's change then touches a stretch of the table
order by 1
