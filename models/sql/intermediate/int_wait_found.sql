-- Waits as told: supplements from the record, financial obligations (status 6) from the steps
-- (domain §11: not again from steps 5); a dossier told to be waiting without either waits from
-- its last step of that status, else from its update. `until_at` empty: still waiting.
with dossier as (
    select
        source,
        dossier_code,
        status_code,
        supplements,
        source_updated_at
    from {{ ref('int_dossier_current') }}
),

listed as (
    select
        source,
        dossier_code,
        {{ each_item('supplements') }} as item
    from dossier
    where {{ items_n('supplements') }} > 0
),

supplement as (
    select
        source,
        dossier_code,
        item.requested_at as from_at,
        item.answered_at as until_at
    from listed
    where item.requested_at is not null
),

step as (
    select
        source,
        dossier_code,
        status_code,
        step_at as from_at,
        lead(step_at) over (
            partition by source, dossier_code order by step_at, content_hash
        ) as until_at
    from {{ ref('stg_log__progress') }} as progress
    where exists (
        select 1
        from {{ ref('stg_log__progress') }} as asked
        where
            asked.source = progress.source
            and asked.dossier_code = progress.dossier_code
            and asked.status_code in ('5', '6')
    )
),

told as (
    select
        source,
        dossier_code,
        from_at,
        until_at
    from supplement
    union all
    select
        source,
        dossier_code,
        from_at,
        until_at
    from step
    where status_code = '6'
),

waiting_now as (
    select
        dossier.source,
        dossier.dossier_code,
        coalesce(max(step.from_at), any_value(dossier.source_updated_at)) as from_at,
        cast(null as timestamp) as until_at
    from dossier
    left join step
        on
            dossier.source = step.source
            and dossier.dossier_code = step.dossier_code
            and dossier.status_code = step.status_code
    where
        dossier.status_code in ('5', '6')
        and not exists (
            select 1 from told
            where
                told.source = dossier.source
                and told.dossier_code = dossier.dossier_code
                and told.until_at is null
        )
    group by dossier.source, dossier.dossier_code
)

select
    source,
    dossier_code,
    from_at,
    until_at
from told
union all
select
    source,
    dossier_code,
    from_at,
    until_at
from waiting_now
