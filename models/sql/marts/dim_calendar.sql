-- The frozen calendar with working minutes cumulated up to the start of each day.
with day as (
    select
        cast(date as date) as day_on,
        is_working_day = '1' as is_working_day,
        kind,
        note
    from {{ ref('calendar') }}
)

select
    day_on,
    is_working_day,
    kind,
    note,
    cast(coalesce(sum(
        case
            when is_working_day
                then {{ minutes_of('morning') }} + {{ minutes_of('afternoon') }}
            else 0
        end
    ) over (order by day_on rows between unbounded preceding and 1 preceding), 0) as bigint)
        as working_minutes_before
from day
