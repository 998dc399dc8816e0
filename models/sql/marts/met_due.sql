{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=[
        'received_on', 'unit_key', 'today_unit_key', 'level',
        'field_code', 'procedure_code', 'channel'
    ]
) }}
{% set cell = 'unit_key, today_unit_key, level, field_code, procedure_code, channel' %}
-- Due dates themselves, on the day of reception: sent later than the term allows, moved, waited
-- for without a new date.
select
    cast(received_at as date) as received_on,
    {{ cell }},
    {{ counted("due_at is not null") }} as due_sent_n,
    {{ counted("due_at is not null and due_computed_at is not null") }} as due_known_n,
    {{ counted("cast(due_at as date) > cast(due_computed_at as date)") }} as due_later_than_term_n,
    {{ counted("due_at <> due_original_at") }} as due_moved_n,
    {{ counted("has_waited_without_new_due") }} as waited_without_new_due_n
from {{ dossiers_counted() }} as dossier
where is_accepted
group by cast(received_at as date), {{ cell }}
-- without a due date there is nothing to say
having {{ counted('due_at is not null') }} <> 0 or sum(sign) <> count(*)
-- kept in the order of days: a day's change then touches a stretch of the table
order by received_on
