-- Targets with their validity, as the province sets them.
select
    metric,
    direction,
    cast(target as double) as target,
    cast(valid_from as date) as valid_from,
    cast(valid_to as date) as valid_to,
    source
from {{ ref('targets') }}
