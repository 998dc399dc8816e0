select
    unit_code,
    name_vi as unit_name_vi,
    level,
    unit_type,
    parent_code,
    cast(valid_from as date) as unit_valid_from,
    cast(valid_to as date) as unit_valid_to,
    unit_code || '@' || coalesce(valid_from, '') as unit_key
from {{ ref('units') }}
