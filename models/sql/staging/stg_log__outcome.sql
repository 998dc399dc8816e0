select
    pull_id,
    source,
    feed,
    kind,
    units,
    status,
    error_class,
    error,
    window_from,
    window_to,
    fetched_at,
    records_in,
    accepted,
    unchanged,
    quarantined,
    dropped_fields,
    latest_updated_at,
    -- how far the data of this pull speaks: a server answers for its window, a file for itself
    case when kind = 'rest' then window_to else latest_updated_at end as speaks_until_at
from {{ source('log', 'outcome') }}
