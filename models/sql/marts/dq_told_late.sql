{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=[
        'unit_key', 'event', 'month_on', 'told_on',
        'state', 'class_ii06a', 'class_ii06a_vendor', 'class_half_day', 'class_instant'
    ]
) }}
-- Receptions and closings of which the source first told after the end of their month: what a
-- figure reported by then could not hold. By the day they were told, with the classes of closing.
with version as (
    select
        source,
        dossier_code,
        source_updated_at,
        known_at,
        is_closed,
        1 as sign
    from {{ ref('stg_log__dossier_version') }}
    union all
    select
        source,
        dossier_code,
        source_updated_at,
        known_at,
        is_closed,
        -1 as sign
    from {{ ref('stg_log__dossier_version') }}
    where not is_new
),

told as (
    select
        sign,
        source,
        dossier_code,
        min(coalesce(source_updated_at, known_at)) as first_told_at,
        min(case when is_closed then coalesce(source_updated_at, known_at) end)
            as first_closed_told_at
    from version
    group by sign, source, dossier_code
),

happened as (
    select
        dossier.sign,
        dossier.unit_key,
        'received' as event,
        cast(dossier.received_at as date) as happened_on,
        cast(told.first_told_at as date) as told_on,
        cast(null as varchar) as state,
        cast(null as varchar) as class_ii06a,
        cast(null as varchar) as class_ii06a_vendor,
        cast(null as varchar) as class_half_day,
        cast(null as varchar) as class_instant
    from {{ dossiers_counted() }} as dossier
    inner join told
        on
            dossier.source = told.source
            and dossier.dossier_code = told.dossier_code
            and dossier.sign = told.sign
    where dossier.is_accepted
    union all
    select
        dossier.sign,
        dossier.unit_key,
        'closed' as event,
        cast(dossier.closed_at as date) as happened_on,
        cast(told.first_closed_told_at as date) as told_on,
        dossier.state,
        dossier.class_ii06a,
        dossier.class_ii06a_vendor,
        dossier.class_half_day,
        dossier.class_instant
    from {{ dossiers_counted() }} as dossier
    inner join told
        on
            dossier.source = told.source
            and dossier.dossier_code = told.dossier_code
            and dossier.sign = told.sign
    where dossier.closed_at is not null
),

dated as (
    select
        *,
        cast(date_trunc('month', happened_on) as date) as month_on
    from happened
)

select
    unit_key,
    event,
    month_on,
    told_on,
    state,
    class_ii06a,
    class_ii06a_vendor,
    class_half_day,
    class_instant,
    {{ counted() }} as dossiers_n
from dated
where told_on >= {{ month_after('month_on', 1) }}
group by
    unit_key, event, month_on, told_on, state,
    class_ii06a, class_ii06a_vendor, class_half_day, class_instant
