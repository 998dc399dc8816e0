select
    procedure_code,
    name_vi as procedure_name_vi,
    field_code,
    field_name_vi,
    level,
    yields_result = '1' as yields_result,
    cast(components_due as integer) as components_due
from {{ ref('procedures') }}
-- a term per channel makes several rows of one procedure
qualify row_number() over (
    partition by procedure_code order by valid_from desc nulls last, channel asc nulls first
) = 1
