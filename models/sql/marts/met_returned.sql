{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=[
        'returned_on', 'unit_key', 'today_unit_key', 'level',
        'field_code', 'procedure_code', 'channel'
    ]
) }}
select
    cast(returned_at as date) as returned_on,
    unit_key,
    today_unit_key,
    level,
    field_code,
    procedure_code,
    channel,
    {{ counted() }} as returned_n,
    {{ counted("is_returned_by_post") }} as returned_by_post_n
from {{ dossiers_counted() }} as dossier
where is_returned
group by 1, 2, 3, 4, 5, 6, 7
-- kept in the order of days: a day's change then touches a stretch of the table
order by 1
