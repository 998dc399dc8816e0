{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=[
        'received_on', 'unit_key', 'today_unit_key', 'level',
        'field_code', 'procedure_code', 'channel'
    ]
) }}
select
    cast(received_at as date) as received_on,
    unit_key,
    today_unit_key,
    level,
    field_code,
    procedure_code,
    channel,
    {{ counted() }} as received_n,
    {{ counted("has_digitized_component") }} as digitized_n,
    {{ counted("channel = '2'") }} as online_n,
    {{ counted("has_reused_component") }} as reused_n,
    {{ counted("has_stored_component") }} as stored_n,
    {{ counted("is_vneid") }} as vneid_n,
    {{ counted("has_fee") }} as fee_n,
    {{ counted("is_paid_online") }} as paid_online_n,
    {{ summed('components_n') }} as components_n,
    {{ summed('digitized_components_n') }} as digitized_components_n
from {{ dossiers_counted() }} as dossier
where is_accepted
group by 1, 2, 3, 4, 5, 6, 7
-- kept in the order of days: a day's change then touches a stretch of the table
order by 1
