-- The days at which balances are kept: month ends, Sundays, the last days, the data's last day.
with bounds as (
    select
        (select min(day_on) from {{ ref('fct_balance_event') }}) as first_on,
        (select data_as_of_on from {{ ref('int_as_of') }}) as last_on
),

day as (
    select {{ each_day('first_on', 'last_on') }} as day_on
    from bounds
    where first_on <= last_on
)

select
    day.day_on as period_end_on,
    row_number() over (order by day.day_on) as period_n
from day
cross join bounds
where
    day.day_on = last_day(day.day_on)
    or {{ weekday_of('day.day_on') }} = 7
    or day.day_on > bounds.last_on - {{ var('stock_days_kept') }}
