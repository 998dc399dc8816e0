-- The last outcome of every source and how much it ever brought. A view: it sums the log of
-- pulls, which grows with every pull, while a day loaded twice changes no table.
{{ config(materialized='view') }}
select
    source,
    feed,
    max_by(kind, pull_id) as kind,
    max_by(status, pull_id) as last_status,
    max_by(coalesce(error, ''), pull_id) as last_error,
    max(fetched_at) as last_pull_at,
    max(fetched_at) filter (where status = 'ok') as last_complete_pull_at,
    max(latest_updated_at) as latest_updated_at,
    cast(sum(records_in) as bigint) as records_in_n,
    cast(sum(accepted) as bigint) as accepted_n,
    cast(sum(unchanged) as bigint) as unchanged_n,
    cast(sum(quarantined) as bigint) as quarantined_n
from {{ ref('stg_log__outcome') }}
group by source, feed
