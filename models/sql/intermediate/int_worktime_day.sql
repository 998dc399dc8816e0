{% set sessions = ['opens_1', 'closes_1', 'opens_2', 'closes_2'] %}
-- Every day of every schedule of working hours: its sessions in seconds after midnight, working
-- time cumulated up to it, and the rules of the clock in force. Units without hours of their own
-- follow the schedule `province`. Hours of one weekday go before those of a working day, a
-- unit's own before the general ones; a swapped-in day is worked as any working day.
with hours as (
    select
        coalesce(unit_code, '') as unit_code,
        weekday,
        coalesce(cast(valid_from as date), date '0001-01-01') as valid_from,
        coalesce(cast(valid_to as date), date '9999-12-31') as valid_to,
        {{ second_of_time('opens') }} as opens_n,
        {{ second_of_time('closes') }} as closes_n
    from {{ ref('working_hours') }}
),

schedule as (
    select distinct case when unit_code = '' then 'province' else unit_code end as schedule_code
    from hours
    union
    select 'province' as schedule_code
),

day as (
    select
        schedule.schedule_code,
        calendar.day_on,
        calendar.is_working_day,
        calendar.kind
    from {{ ref('dim_calendar') }} as calendar
    cross join schedule
),

-- 1 the unit's weekday, 2 its working day, 3 the general weekday, 4 the general working day
matched as (
    select
        day.schedule_code,
        day.day_on,
        hours.opens_n,
        hours.closes_n,
        case when hours.unit_code = '' then 2 else 0 end
        + case when hours.weekday = 'workday' then 2 else 1 end as place,
        day.is_working_day or hours.weekday <> 'workday' as is_worked
    from day
    inner join hours
        on
            hours.unit_code in ('', day.schedule_code)
            and day.day_on between hours.valid_from and hours.valid_to
            and (
                hours.weekday = 'workday'
                or (
                    day.kind in ('work', 'weekend')
                    and hours.weekday = cast({{ weekday_of('day.day_on') }} as varchar)
                )
            )
),

best as (
    select * from matched
    qualify place = min(place) over (
        partition by schedule_code, day_on, is_worked
    )
),

told as (
    select
        schedule_code,
        day_on,
        is_worked,
        opens_n,
        closes_n,
        row_number() over (
            partition by schedule_code, day_on, is_worked order by opens_n
        ) as session_n
    from best
),

-- 86400: never on this day
laid_out as (
    select
        day.schedule_code,
        day.day_on,
        coalesce(min(told.opens_n) filter (where told.is_worked and told.session_n = 1), 86400)
            as opens_1,
        coalesce(min(told.closes_n) filter (where told.is_worked and told.session_n = 1), 86400)
            as closes_1,
        coalesce(min(told.opens_n) filter (where told.is_worked and told.session_n = 2), 86400)
            as opens_2,
        coalesce(min(told.closes_n) filter (where told.is_worked and told.session_n = 2), 86400)
            as closes_2,
        coalesce(bool_or(told.is_worked), false) as is_working_day,
        -- a day off closes when a working day would
        coalesce(
            max(told.closes_n) filter (where told.is_worked),
            max(told.closes_n),
            86400
        ) as closing_second
    from day
    left join told
        on day.schedule_code = told.schedule_code and day.day_on = told.day_on
    group by day.schedule_code, day.day_on
),

cumulated as (
    select
        *,
        closes_1 - opens_1 + closes_2 - opens_2 as seconds_worked,
        coalesce(sum(closes_1 - opens_1 + closes_2 - opens_2) over before, 0) as seconds_before,
        coalesce(sum(case when is_working_day then 1 else 0 end) over before, 0)
            as working_day_n,
        min(case when is_working_day then day_on end) over after as next_working_on,
        first_value(case when is_working_day then opens_1 end ignore nulls) over after
            as next_opens_1,
        max(
            case
                when is_working_day and opens_2 < 86400 then {{ moment_on('day_on', 'opens_2') }}
                when is_working_day then {{ moment_on('day_on', 'opens_1') }}
            end
        ) over before as last_session_before_at
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
)

select
    schedule_code,
    day_on,
    is_working_day,
    {% for second in sessions %}
    cast({{ second }} as bigint) as {{ second }},
    {% endfor %}
    cast(closing_second as bigint) as closing_second,
    cast(seconds_worked as bigint) as seconds_worked,
    cast(seconds_before as bigint) as seconds_before,
    cast(working_day_n as bigint) as working_day_n,
    next_working_on,
    cast(next_opens_1 as bigint) as next_opens_1,
    last_session_before_at,
    {{ rule_on('wait_rule', 'day_on') }} as wait_rule,
    {{ second_of_time(rule_on('same_day_until', 'day_on')) }} as same_day_until_second,
    {{ rule_on('calendar_term_moves_to_working_day', 'day_on') }} = 'true'
        as is_moved_to_working_day,
    {{ rule_on('due_time', 'day_on') }} = 'same_hour' as is_due_at_same_hour,
    {{ rule_on('shift_sent_due_by_waits', 'day_on') }} = 'true' as is_sent_due_shifted,
    cast({{ rule_on('acceptance_hours', 'day_on') }} as bigint) * 3600 as acceptance_seconds,
    cast({{ rule_on('d766_late_from_supplement_requests', 'day_on') }} as bigint)
        as late_from_requests_n
from cumulated
