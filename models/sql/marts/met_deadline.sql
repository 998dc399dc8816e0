{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=[
        'counted_on', 'definition', 'unit_key', 'today_unit_key',
        'level', 'field_code', 'procedure_code', 'channel'
    ]
) }}
{% set cell = 'unit_key, today_unit_key, level, field_code, procedure_code, channel' %}
-- One set of rows for each definition of early, on time and late, on the day of closing. Those of
-- Decision 766 are properties of dossier and period: a series each for month, quarter and year,
-- on the first day of the period.
with classified as (
    {% for definition in ['ii06a', 'ii06a_vendor', 'half_day', 'instant'] %}
    select
        '{{ definition }}' as definition,
        cast(closed_at as date) as counted_on,
        {{ cell }},
        class_{{ definition }} as class,
        sign
    from {{ dossiers_counted() }} as dossier
    where class_{{ definition }} is not null
    union all
    {% endfor %}
    select
        definition,
        period_on as counted_on,
        {{ cell }},
        class,
        sign
    from {{ ref('int_dossier_period') }}
)

select
    counted_on,
    definition,
    {{ cell }},
    {{ counted() }} as classified_n,
    {{ counted("class = 'early'") }} as early_n,
    {{ counted("class = 'on_time'") }} as on_time_n,
    {{ counted("class = 'late'") }} as late_n,
    {{ counted("class = 'no_due_date'") }} as no_due_date_n
from classified
group by counted_on, definition, {{ cell }}
-- kept in the order of days: a day's change then touches a stretch of the table
order by counted_on
