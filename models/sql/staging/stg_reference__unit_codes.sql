select
    edoc_code,
    unit_code,
    cast(valid_from as date) as code_valid_from,
    cast(valid_to as date) as code_valid_to
from {{ ref('unit_codes') }}
