-- Whether an online submission was accepted or refused within the working hours allowed (domain
-- §5): yes, no, or empty while they still run at the data's end and nobody has answered.
-- An answer of day precision counts to the close of that day.
with submission as (
    select
        source,
        dossier_code,
        schedule_code,
        submitted_at,
        case
            when is_accepted then received_at
            when status_code = '3' then coalesce(refused_at, finished_at, source_updated_at)
        end as answered_at,
        case
            when is_accepted then is_received_at_day
            else cast(refused_at as time) = time '00:00:00'
        end as is_answered_day
    from {{ ref('int_dossier_stated') }}
    where channel = '2' and submitted_at is not null and schedule_code is not null
),

bounded as (
    select
        submission.source,
        submission.dossier_code,
        submission.schedule_code,
        submission.submitted_at,
        submission.answered_at is not null as is_answered,
        case
            when submission.answered_at is null then as_of.data_as_of_at
            when submission.is_answered_day
                then {{ moment_on('cast(submission.answered_at as date)', '86399') }}
            else submission.answered_at
        end as until_at
    from submission
    cross join {{ ref('int_as_of') }} as as_of
),

measured as (
    select
        bounded.*,
        first_day.acceptance_seconds,
        {{ working_seconds_at('bounded.until_at', 'last_day') }}
        - {{ working_seconds_at('bounded.submitted_at', 'first_day') }} as waited_seconds
    from bounded
    left join {{ ref('int_worktime_day') }} as first_day
        on
            bounded.schedule_code = first_day.schedule_code
            and cast(bounded.submitted_at as date) = first_day.day_on
    left join {{ ref('int_worktime_day') }} as last_day
        on
            bounded.schedule_code = last_day.schedule_code
            and cast(bounded.until_at as date) = last_day.day_on
)

select
    source,
    dossier_code,
    is_answered,
    case
        when is_answered then waited_seconds <= acceptance_seconds
        when waited_seconds >= acceptance_seconds then false
    end as is_in_time
from measured
