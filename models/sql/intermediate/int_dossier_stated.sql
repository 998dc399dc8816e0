-- State, finish and due date of every dossier (domain §4): states first, classes later.
with closing_step as (
    select
        source,
        dossier_code,
        status_code,
        max(step_at) as step_at
    from {{ ref('stg_log__progress') }}
    where status_code in ('7', '8')
    group by source, dossier_code, status_code
),

-- stopped in the office, but synced as finished: the steps know better (domain §2, traps)
stopped as (
    select distinct
        source,
        dossier_code
    from {{ ref('stg_log__progress') }} as progress
    where
        status_code = '8'
        and not exists (
            select 1
            from {{ ref('stg_log__progress') }} as finish
            where
                finish.source = progress.source
                and finish.dossier_code = progress.dossier_code
                and finish.status_code in ('9', '10')
        )
),

dossier as (
    select
        told.* replace (
            case when stopped.dossier_code is null then told.status_code else '8' end
                as status_code
        ),
        stopped.dossier_code is not null as is_status_from_step
    from {{ ref('int_dossier_current') }} as told
    left join stopped
        on
            told.source = stopped.source
            and told.dossier_code = stopped.dossier_code
            and told.status_code in ('9', '10')
),

supplement as (
    select
        source,
        dossier_code,
        {{ first_given('supplements', 'requested_at', 'due_before_at') }} as due_first_at,
        {{ last_given('supplements', 'requested_at', 'due_new_at') }} as due_last_at,
        {{ nth_item('supplements', 'requested_at', 'answered_at', 1) }}.place
            as first_requested_at,
        {{ nth_item('supplements', 'requested_at', 'answered_at', 1) }}.value
            as first_answered_at
    from {{ ref('int_dossier_current') }}
    where {{ items_n('supplements') }} > 0
),

schedule as (
    select distinct schedule_code
    from {{ ref('int_worktime_day') }}
),

stated as (
    select
        dossier.*,
        case
            when dossier.status_code = '1' then 'not_accepted'
            when dossier.status_code = '3' and dossier.received_at is null then 'not_accepted'
            when dossier.status_code in ('2', '4') then 'open'
            when dossier.status_code in ('5', '6') then 'waiting'
            when dossier.status_code in ('9', '10') then 'resolved'
            when dossier.status_code = '7' then 'withdrawn'
            when dossier.status_code = '3' then 'refused'
            when dossier.status_code = '8' then 'stopped'
        end as state,
        closing_step.step_at as closing_step_at,
        coalesce(supplement.due_first_at, dossier.due_sent_at) as due_original_at,
        coalesce(supplement.due_last_at, dossier.due_sent_at) as due_at,
        case
            when supplement.due_last_at is not null
                then
                    dossier.is_due_sent_at_day is not null
                    and cast(supplement.due_last_at as time) = time '00:00:00'
                    and dossier.calendar = 'vn'
            else coalesce(dossier.is_due_sent_at_day, false)
        end as is_due_day,
        supplement.due_last_at is not null as is_due_sent_anew,
        supplement.first_requested_at,
        supplement.first_answered_at,
        case
            when dossier.calendar = 'vn' then coalesce(schedule.schedule_code, 'province')
        end as schedule_code
    from dossier
    left join schedule on dossier.unit_code = schedule.schedule_code
    left join closing_step
        on
            dossier.source = closing_step.source
            and dossier.dossier_code = closing_step.dossier_code
            and dossier.status_code = closing_step.status_code
    left join supplement
        on
            dossier.source = supplement.source
            and dossier.dossier_code = supplement.dossier_code
),

closed as (
    select
        *,
        state <> 'not_accepted' as is_accepted,
        case
            when state = 'resolved' then finished_at
            when state = 'refused' then coalesce(refused_at, finished_at, source_updated_at)
            when state in ('withdrawn', 'stopped')
                then coalesce(finished_at, closing_step_at, source_updated_at)
        end as closing_at
    from stated
)

-- what was closed before its reception was told, was open for no time at all
select
    * exclude (closing_at),
    case
        when cast(closing_at as date) < cast(received_at as date) then received_at
        else closing_at
    end as closed_at,
    case
        when closing_at = finished_at then coalesce(is_finished_at_day, false)
        else coalesce(cast(closing_at as time) = time '00:00:00' and calendar = 'vn', false)
    end as is_closed_day
from closed
