-- Balances at period ends: the running sum of the ledger, carried to the next event of its cell.
with bucketed as (
    select
        event.unit_key,
        event.level,
        event.field_code,
        event.procedure_code,
        event.channel,
        period.period_n,
        sum(event.open_n) as open_n,
        sum(event.waiting_n) as waiting_n,
        sum(event.overdue_n) as overdue_n
    from {{ ref('fct_balance_event') }} as event
    asof join {{ ref('int_period_end') }} as period on event.day_on <= period.period_end_on
    group by all
),

balance as (
    select
        unit_key,
        level,
        field_code,
        procedure_code,
        channel,
        period_n,
        sum(open_n) over cell as open_n,
        sum(waiting_n) over cell as waiting_n,
        sum(overdue_n) over cell as overdue_n,
        lead(period_n) over (
            partition by unit_key, level, field_code, procedure_code, channel order by period_n
        ) as next_period_n
    from bucketed
    window cell as (
        partition by unit_key, level, field_code, procedure_code, channel order by period_n
        rows between unbounded preceding and current row
    )
),

carried as (
    select
        * exclude (period_n, next_period_n),
        unnest(range(period_n, coalesce(next_period_n, last_n + 1))) as period_n
    from balance
    cross join (select max(period_n) as last_n from {{ ref('int_period_end') }}) as ends
    where open_n <> 0 or waiting_n <> 0 or overdue_n <> 0
)

select
    period.period_end_on,
    carried.unit_key,
    carried.level,
    carried.field_code,
    carried.procedure_code,
    carried.channel,
    cast(carried.open_n as bigint) as open_n,
    cast(carried.waiting_n as bigint) as waiting_n,
    cast(carried.overdue_n as bigint) as overdue_n
from carried
inner join {{ ref('int_period_end') }} as period on carried.period_n = period.period_n
