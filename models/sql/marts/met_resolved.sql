{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=[
        'finished_on', 'unit_key', 'today_unit_key', 'level',
        'field_code', 'procedure_code', 'channel'
    ]
) }}
-- A dossier of an unknown procedure is resolved, but nothing says whether a result is due: it
-- stands apart, and the lenient count takes it as bearing one (domain §11).
select
    cast(finished_at as date) as finished_on,
    unit_key,
    today_unit_key,
    level,
    field_code,
    procedure_code,
    channel,
    {{ counted() }} as resolved_n,
    {{ counted("yields_result") }} as result_due_n,
    {{ counted("yields_result and has_e_result") }} as e_result_n,
    {{ counted("yields_result is null") }} as result_unknown_n,
    {{ counted("yields_result is not null") }} as result_known_n,
    {{ counted(
        'has_digitized_component and yields_result is not null'
        ~ ' and (not yields_result or has_e_result)'
    ) }} as digitized_full_n,
    {{ counted("not coalesce(yields_result, true) or has_e_result") }} as e_result_lenient_n
from {{ dossiers_counted() }} as dossier
where state = 'resolved'
group by 1, 2, 3, 4, 5, 6, 7
-- kept in the order of days: a day's change then touches a stretch of the table
order by 1
