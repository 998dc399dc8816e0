-- The statutory term of a procedure, one row per channel for which a row of its own is given.
select
    procedure_code,
    nullif(channel, '') as channel,
    cast(term_value as integer) as term_value,
    term_unit,
    coalesce(cast(valid_from as date), date '0001-01-01') as valid_from,
    coalesce(cast(valid_to as date), date '9999-12-31') as valid_to
from {{ ref('procedures') }}
where term_value is not null and term_unit is not null
