{# What unit tests of the clock are given. The weeks from 2025-03-01 to 2025-06-30: days off are
   Sundays, Saturdays but 26/4 (swapped in), 30/4 to 2/5. Hours 07:30–11:30 and 13:00–17:00. Every
   rule has its default but in the schedule that is named after another value:
   restart, same hour, unmoved, shifted; saturday also works Saturday mornings, short closes at
   15:00 from 2025-03-17 on, changed is restart from 2025-03-17 on.
   dbt does not see that a fixture calls a macro: after a change here, --no-partial-parse. #}
{% macro given_worktime_day() -%}
with schedule as (
    select unnest([
        'province', 'restart', 'same hour', 'unmoved', 'shifted', 'saturday', 'short', 'changed'
    ]) as schedule_code
),

day as (
    select
        schedule_code,
        cast(day_at as date) as day_on,
        case
            when day_at in (date '2025-04-30', date '2025-05-01', date '2025-05-02') then 0
            when isodow(day_at) <= 5 or day_at = date '2025-04-26' then 2
            when isodow(day_at) = 6 and schedule_code = 'saturday' then 1
            else 0
        end as sessions_n,
        case when schedule_code = 'short' and day_at >= date '2025-03-17' then 54000 else 61200 end
            as closes_n
    from schedule
    cross join
        generate_series(timestamp '2025-03-01', timestamp '2025-06-30', interval 1 day) as t(day_at)
),

laid_out as (
    select
        *,
        sessions_n > 0 as is_working_day,
        case when sessions_n > 0 then 27000 else 86400 end as opens_1,
        case when sessions_n > 0 then 41400 else 86400 end as closes_1,
        case when sessions_n > 1 then 46800 else 86400 end as opens_2,
        case when sessions_n > 1 then closes_n else 86400 end as closes_2,
        case when sessions_n = 1 then 41400 else closes_n end as closing_second
    from day
)

select
    schedule_code,
    day_on,
    is_working_day,
    cast(opens_1 as bigint) as opens_1,
    cast(closes_1 as bigint) as closes_1,
    cast(opens_2 as bigint) as opens_2,
    cast(closes_2 as bigint) as closes_2,
    cast(closing_second as bigint) as closing_second,
    cast(closes_1 - opens_1 + closes_2 - opens_2 as bigint) as seconds_worked,
    cast(closes_n - 27000 - 5400 as bigint) as full_day_seconds,
    cast(coalesce(sum(closes_1 - opens_1 + closes_2 - opens_2) over before, 0) as bigint)
        as seconds_before,
    coalesce(count(*) filter (where is_working_day) over before, 0) as working_day_n,
    min(day_on) filter (where is_working_day) over after as next_working_on,
    cast(27000 as bigint) as next_opens_1,
    max(day_on + to_seconds(case when sessions_n = 1 then 27000 else 46800 end))
        filter (where is_working_day) over before as last_session_before_at,
    case
        when schedule_code = 'restart' then 'restart'
        when schedule_code = 'changed' and day_on >= date '2025-03-17' then 'restart'
        else 'pause'
    end as wait_rule,
    cast(54000 as bigint) as same_day_until_second,
    schedule_code <> 'unmoved' as is_moved_to_working_day,
    schedule_code = 'same hour' as is_due_at_same_hour,
    schedule_code = 'shifted' as is_sent_due_shifted,
    cast(28800 as bigint) as acceptance_seconds,
    cast(2 as bigint) as late_from_requests_n
from laid_out
window
    before as (
        partition by schedule_code order by day_on
        rows between unbounded preceding and 1 preceding
    ),
    after as (
        partition by schedule_code order by day_on
        rows between 1 following and unbounded following
    )
{%- endmacro %}

{# The same weeks turned round. #}
{% macro given_worktime_bucket() -%}
select
    schedule_code,
    unnest(range(
        seconds_before // 14400, (seconds_before + seconds_worked) // 14400 + 1
    )) as bucket,
    day_on,
    seconds_before,
    seconds_before + seconds_worked as seconds_after,
    opens_1,
    closes_1,
    opens_2
from ({{ given_worktime_day() }})
where is_working_day
{%- endmacro %}
