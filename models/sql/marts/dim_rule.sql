-- Parameters of the definitions with the days on which each value is in force.
select
    rule,
    value,
    coalesce(cast(valid_from as date), date '0001-01-01') as valid_from,
    coalesce(
        lead(cast(valid_from as date)) over (
            partition by rule order by cast(valid_from as date) nulls first
        ) - 1,
        date '9999-12-31'
    ) as valid_to,
    source,
    note
from {{ ref('rules') }}
