{% set counts = [
    'open_n', 'waiting_n', 'overdue_n', 'counter_n', 'counter_over_7_n', 'counter_over_30_n'
] %}
-- Balances at period ends: the running sum of the ledger, carried to the next event of its cell.
with bucket as (
    -- a day belongs to the first period end not before it
    select
        event.day_on,
        min(period.period_n) as period_n
    from (select distinct day_on from {{ ref('fct_balance_event') }}) as event
    inner join {{ ref('int_period_end') }} as period on event.day_on <= period.period_end_on
    group by event.day_on
),

ends as (
    select max(period_n) as last_n
    from {{ ref('int_period_end') }}
),

bucketed as (
    select
        event.unit_key,
        event.level,
        event.field_code,
        event.procedure_code,
        event.channel,
        {% for count in counts %}
        sum(event.{{ count }}) as {{ count }},
        {% endfor %}
        bucket.period_n
    from {{ ref('fct_balance_event') }} as event
    inner join bucket on event.day_on = bucket.day_on
    group by
        event.unit_key, event.level, event.field_code, event.procedure_code, event.channel,
        bucket.period_n
),

balance as (
    select
        unit_key,
        level,
        field_code,
        procedure_code,
        channel,
        period_n,
        {% for count in counts %}
        sum({{ count }}) over cell as {{ count }},
        {% endfor %}
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
        balance.unit_key,
        balance.level,
        balance.field_code,
        balance.procedure_code,
        balance.channel,
        {% for count in counts %}
        balance.{{ count }},
        {% endfor %}
        {{ each_number('balance.period_n', 'coalesce(balance.next_period_n, ends.last_n + 1)') }}
            as period_n
    from balance
    cross join ends
    where balance.{{ counts | join(' <> 0 or balance.') }} <> 0
)

select
    period.period_end_on,
    carried.unit_key,
    carried.level,
    carried.field_code,
    carried.procedure_code,
    carried.channel,
    {% for count in counts %}
    cast(carried.{{ count }} as bigint) as {{ count }}{% if not loop.last %},{% endif %}
    {% endfor %}
from carried
inner join {{ ref('int_period_end') }} as period on carried.period_n = period.period_n
