-- What a source system or the national portal reported, the newest import of each figure. A view:
-- it is imported between two builds.
{{ config(materialized='view') }}
with ranked as (
    select
        *,
        row_number() over (
            partition by source, unit_key, month_on, metric, definition
            order by import_n desc
        ) as place
    from {{ source('log', 'reported_figure') }}
)

select
    source,
    unit_key,
    unit_code,
    unit_valid_from,
    month_on,
    metric,
    definition,
    value as reported_value,
    reported_on,
    import_n,
    imported_at,
    file,
    line
from ranked
where place = 1
