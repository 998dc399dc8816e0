-- One set of rows for each definition of early, on time and late.
with classified as (
    {% for definition in ['ii06a', 'instant'] %}
    select
        '{{ definition }}' as definition,
        cast(finished_at as date) as finished_on,
        unit_key,
        level,
        field_code,
        procedure_code,
        channel,
        class_{{ definition }} as class
    from {{ ref('fct_dossier') }}
    where state = 'resolved'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    finished_on,
    definition,
    unit_key,
    level,
    field_code,
    procedure_code,
    channel,
    count(*) as classified_n,
    count(*) filter (where class = 'early') as early_n,
    count(*) filter (where class = 'on_time') as on_time_n,
    count(*) filter (where class = 'late') as late_n,
    count(*) filter (where class = 'no_due_date') as no_due_date_n
from classified
group by finished_on, definition, unit_key, level, field_code, procedure_code, channel
