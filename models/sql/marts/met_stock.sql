{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=[
        'period_end_on', 'unit_key', 'today_unit_key', 'level',
        'field_code', 'procedure_code', 'channel'
    ]
) }}
{% set counts = [
    'open_n', 'waiting_n', 'overdue_n', 'counter_n', 'counter_over_7_n', 'counter_over_30_n'
] %}
-- Balances at period ends: the running sum of the ledger, carried to the next event of its cell.
{% if is_increment() %}
-- what an increment changes of them: on the ends that were there, the sum of what moved by then;
-- on new ones, the balance of the day to which the data spoke before and what came since
with moved as (
    select *
    from increment.fct_balance_event_moved
),

fresh as (
    select period.period_end_on
    from {{ ref('int_period_end') }} as period
    cross join build.state as before
    where period.period_end_on > before.data_as_of_on
),

change as (
    select
        period.period_end_on,
        moved.* exclude (day_on)
    from {{ ref('int_period_end') }} as period
    cross join build.state as before
    inner join moved on period.period_end_on >= moved.day_on
    where period.period_end_on <= before.data_as_of_on
    union all by name
    select
        fresh.period_end_on,
        kept.* exclude (period_end_on)
    from fresh
    cross join build.state as before
    inner join {{ this }} as kept on before.data_as_of_on = kept.period_end_on
    union all by name
    select
        fresh.period_end_on,
        moved.* exclude (day_on)
    from fresh
    cross join build.state as before
    inner join moved on before.data_as_of_on >= moved.day_on
    union all by name
    select
        fresh.period_end_on,
        since.* exclude (day_on)
    from fresh
    cross join build.state as before
    inner join {{ ref('fct_balance_event') }} as since
        on before.data_as_of_on < since.day_on and fresh.period_end_on >= since.day_on
    union all by name
    -- ends that are kept no more
    select
        period_end_on,
        unit_key,
        today_unit_key,
        level,
        field_code,
        procedure_code,
        channel,
        {% for count in counts %}
        -{{ count }} as {{ count }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ this }}
    where period_end_on not in (select period_end_on from {{ ref('int_period_end') }})
)

select
    period_end_on,
    unit_key,
    today_unit_key,
    level,
    field_code,
    procedure_code,
    channel,
    {% for count in counts %}
    cast(sum({{ count }}) as bigint) as {{ count }}{% if not loop.last %},{% endif %}
    {% endfor %}
from change
group by period_end_on, unit_key, today_unit_key, level, field_code, procedure_code, channel
{% else %}
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
        event.today_unit_key,
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
        event.unit_key, event.today_unit_key, event.level, event.field_code,
        event.procedure_code, event.channel,
        bucket.period_n
),

balance as (
    select
        unit_key,
        today_unit_key,
        level,
        field_code,
        procedure_code,
        channel,
        period_n,
        {% for count in counts %}
        sum({{ count }}) over cell as {{ count }},
        {% endfor %}
        lead(period_n) over (
            partition by unit_key, today_unit_key, level, field_code, procedure_code, channel
            order by period_n
        ) as next_period_n
    from bucketed
    window cell as (
        partition by unit_key, today_unit_key, level, field_code, procedure_code, channel
        order by period_n
        rows between unbounded preceding and current row
    )
),

carried as (
    select
        balance.unit_key,
        balance.today_unit_key,
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
    carried.today_unit_key,
    carried.level,
    carried.field_code,
    carried.procedure_code,
    carried.channel,
    {% for count in counts %}
    cast(carried.{{ count }} as bigint) as {{ count }}{% if not loop.last %},{% endif %}
    {% endfor %}
from carried
inner join {{ ref('int_period_end') }} as period on carried.period_n = period.period_n
order by period.period_end_on
{% endif %}
