-- Whether an online submission was accepted or refused within the working hours allowed (domain
-- §5): yes, no, or empty while they still run at the data's end and nobody has answered.
-- An answer of day precision counts to the close of that day. Moments count to the minute.
with submission as (
    select
        source,
        dossier_code,
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
    where channel = '2' and submitted_at is not null and calendar = 'vn'
),

bounded as (
    select
        submission.source,
        submission.dossier_code,
        submission.submitted_at,
        submission.answered_at is not null as is_answered,
        case
            when submission.answered_at is null then as_of.data_as_of_at
            when submission.is_answered_day
                then
                    cast(submission.answered_at as date)
                    + time '{{ var('afternoon_close') }}'
            else submission.answered_at
        end as until_at
    from submission
    cross join {{ ref('int_as_of') }} as as_of
),

measured as (
    select
        bounded.*,
        {{ working_minutes_at('bounded.until_at', 'last_day') }}
        - {{ working_minutes_at('bounded.submitted_at', 'first_day') }} as waited_minutes
    from bounded
    left join {{ ref('dim_calendar') }} as first_day
        on cast(bounded.submitted_at as date) = first_day.day_on
    left join {{ ref('dim_calendar') }} as last_day
        on cast(bounded.until_at as date) = last_day.day_on
)

select
    source,
    dossier_code,
    is_answered,
    case
        when is_answered then waited_minutes <= 60 * {{ var('acceptance_hours') }}
        when waited_minutes >= 60 * {{ var('acceptance_hours') }} then false
    end as is_in_time
from measured
