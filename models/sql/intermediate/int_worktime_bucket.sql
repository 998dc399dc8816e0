-- Working time turned round: for each stretch of cumulated working seconds, the working days that
-- reach into it. A moment is found by its stretch, then by `seconds_before` of the day.
with day as (
    select
        *,
        {{ each_number(
            bucket_of('seconds_before'), bucket_of('seconds_before + seconds_worked') ~ ' + 1'
        ) }} as bucket
    from {{ ref('int_worktime_day') }}
    where is_working_day
)

select
    schedule_code,
    bucket,
    day_on,
    seconds_before,
    seconds_before + seconds_worked as seconds_after,
    opens_1,
    closes_1,
    opens_2
from day
