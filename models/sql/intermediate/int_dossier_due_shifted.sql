-- Where the rule `shift_sent_due_by_waits` is in force: sent due dates moved by the waits that
-- ended without a new date. Without the rule the sent date stands, and this is empty.
with sent as (
    select
        dossier.source,
        dossier.dossier_code,
        dossier.schedule_code,
        dossier.received_at as started_at,
        case
            when dossier.is_due_day
                then {{ moment_on('cast(dossier.due_at as date)', 'due_day.closing_second') }}
            else dossier.due_at
        end as due_at,
        due_day.seconds_before,
        due_day.opens_1,
        due_day.closes_1,
        due_day.opens_2,
        due_day.closes_2
    from {{ ref('int_dossier_stated') }} as dossier
    inner join {{ ref('int_worktime_day') }} as day
        on
            dossier.schedule_code = day.schedule_code
            and cast(dossier.received_at as date) = day.day_on
            and day.is_sent_due_shifted
    inner join {{ ref('int_worktime_day') }} as due_day
        on
            dossier.schedule_code = due_day.schedule_code
            and cast(dossier.due_at as date) = due_day.day_on
    where dossier.is_accepted and not dossier.is_due_sent_anew
),

due as (
    select
        source,
        dossier_code,
        schedule_code,
        started_at,
        due_at,
        {{ working_seconds_at('due_at', 'sent') }} as due_seconds
    from sent
),

ended as (
    select *
    from {{ ref('int_wait_merged') }}
    where until_at is not null
),

waited as (
    {{ waited_before_due('due', 'ended') }}
),

moved as (
    {{ move_due_dates('due', 'waited') }}
)

select
    source,
    dossier_code,
    due_at
from moved
where due_at <> due_first_at
