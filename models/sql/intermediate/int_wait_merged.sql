{{ config(materialized='incremental', incremental_strategy='by_dossier') }}
-- Overlapping waits of a dossier count once: islands of touching intervals.
with bounded as (
    select
        {{ dossier_key('wait') }} as dossier_key,
        source,
        dossier_code,
        from_at,
        coalesce(until_at, timestamp '9999-12-31') as until_at
    from {{ ref('int_wait_found') }} as wait
    where until_at is null or until_at > from_at
),

marked as (
    select
        *,
        case
            when from_at <= max(until_at) over (
                partition by dossier_key order by from_at, until_at
                rows between unbounded preceding and 1 preceding
            ) then 0
            else 1
        end as starts_island
    from bounded
),

numbered as (
    select
        *,
        cast(sum(starts_island) over (
            partition by dossier_key order by from_at, until_at
            rows between unbounded preceding and current row
        ) as integer) as island
    from marked
)

select
    dossier_key,
    any_value(source) as source,
    any_value(dossier_code) as dossier_code,
    min(from_at) as from_at,
    nullif(max(until_at), timestamp '9999-12-31') as until_at
from numbered
group by dossier_key, island
