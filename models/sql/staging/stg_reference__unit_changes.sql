select
    change_id,
    kind,
    cast(effective_date as date) as effective_on,
    date_is_assumed = 'true' as is_date_assumed,
    from_code,
    to_code,
    cast(share as double) as share,
    share_is_assumed = 'true' as is_share_assumed,
    is_default = 'true' as is_default,
    source,
    note
from {{ ref('unit_changes') }}
