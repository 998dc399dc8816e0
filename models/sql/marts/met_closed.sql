{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=[
        'closed_on', 'unit_key', 'today_unit_key', 'level',
        'field_code', 'procedure_code', 'channel'
    ]
) }}
select
    cast(closed_at as date) as closed_on,
    unit_key,
    today_unit_key,
    level,
    field_code,
    procedure_code,
    channel,
    {{ counted("state = 'withdrawn'") }} as withdrawn_n,
    {{ counted("state = 'refused'") }} as refused_n,
    {{ counted("state = 'stopped'") }} as stopped_n
from {{ dossiers_counted() }} as dossier
where state in ('withdrawn', 'refused', 'stopped')
group by 1, 2, 3, 4, 5, 6, 7
-- kept in the order of days: a day's change then touches a stretch of the table
order by 1
