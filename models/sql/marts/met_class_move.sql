{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=[
        'closed_on', 'definition', 'unit_key', 'today_unit_key', 'level',
        'field_code', 'procedure_code', 'channel', 'class_from', 'class_to'
    ]
) }}
{% set cell = 'unit_key, today_unit_key, level, field_code, procedure_code, channel' %}
-- The same dossiers under form II.06a and under each other definition, among those resolved, and
-- the withdrawn ones that a definition takes for resolved: how many stand in which class.
with classed as (
    {% for definition in ['ii06a_vendor', 'half_day', 'instant', 'd766'] %}
    select
        '{{ definition }}' as definition,
        cast(closed_at as date) as closed_on,
        {{ cell }},
        coalesce(class_ii06a, state) as class_from,
        class_{{ definition }} as class_to,
        sign
    from {{ dossiers_counted() }} as dossier
    where
        class_{{ definition }} is not null
        and (state = 'resolved' or (state = 'withdrawn' and '{{ definition }}' <> 'd766'))
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    closed_on,
    definition,
    {{ cell }},
    class_from,
    class_to,
    {{ counted() }} as compared_n
from classed
group by closed_on, definition, {{ cell }}, class_from, class_to
-- kept in the order of days: a day's change then touches a stretch of the table
order by closed_on
