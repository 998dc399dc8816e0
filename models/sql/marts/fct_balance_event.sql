{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=[
        'day_on', 'unit_key', 'today_unit_key', 'level',
        'field_code', 'procedure_code', 'channel'
    ]
) }}
{% set cell = 'unit_key, today_unit_key, level, field_code, procedure_code, channel' %}
{% set counts = [
    'open_n', 'waiting_n', 'overdue_n', 'counter_n', 'counter_over_7_n', 'counter_over_30_n'
] %}
{# day of the change, table, condition, what it adds to which balance #}
{% set changes = [
    ('open_on', 'dossier', 'true', {'open_n': 1}),
    ('closed_on', 'dossier', 'true', {'open_n': -1}),
    ('overdue_on', 'dossier', 'overdue_on < closed_on', {'overdue_n': 1}),
    ('closed_on', 'dossier', 'overdue_on < closed_on', {'overdue_n': -1}),
    ('wait_on', 'wait', 'wait_on < wait_end_on', {'waiting_n': 1}),
    ('wait_end_on', 'wait', 'wait_on < wait_end_on', {'waiting_n': -1}),
    ('pause_on', 'wait', 'pause_on < wait_end_on', {'overdue_n': -1}),
    ('wait_end_on', 'wait', 'pause_on < wait_end_on', {'overdue_n': 1}),
    ('finished_on', 'result', 'finished_on < returned_on', {'counter_n': 1}),
    ('finished_on + 8', 'result', 'finished_on + 8 < returned_on', {'counter_over_7_n': 1}),
    ('finished_on + 31', 'result', 'finished_on + 31 < returned_on', {'counter_over_30_n': 1}),
    ('returned_on', 'result', 'finished_on < returned_on', {'counter_n': -1}),
    ('returned_on', 'result', 'finished_on + 8 < returned_on', {'counter_over_7_n': -1}),
    ('returned_on', 'result', 'finished_on + 31 < returned_on', {'counter_over_30_n': -1}),
] %}
-- The ledger of balances: what a day adds to the open, waiting and overdue of a cell, and to the
-- results that lie at the counter. Days count at their end; an open dossier turns overdue the day
-- after its due date unless it waits; a result is over 7 days at the counter on the eighth.
with dossier as (
    select
        source,
        dossier_code,
        unit_key,
        today_unit_key,
        level,
        field_code,
        procedure_code,
        channel,
        cast(received_at as date) as open_on,
        coalesce(cast(closed_at as date), date '9999-12-31') as closed_on,
        greatest(
            cast(received_at as date),
            coalesce(cast(due_at as date) + 1, date '9999-12-31')
        ) as overdue_on,
        sign
    from {{ dossiers_counted() }} as told
    where is_accepted and coalesce(closed_at, received_at) >= received_at
),

wait_cut as (
    select
        dossier.*,
        greatest(cast(found.from_at as date), dossier.open_on) as wait_on,
        least(coalesce(cast(found.until_at as date), date '9999-12-31'), dossier.closed_on)
            as wait_end_on
    from dossier
    inner join {{ waits_counted() }} as found
        on
            dossier.source = found.source
            and dossier.dossier_code = found.dossier_code
            and dossier.sign = found.sign
),

wait as (
    -- an overdue dossier that waits is not overdue from the later of both days
    select
        *,
        greatest(wait_on, overdue_on) as pause_on
    from wait_cut
),

result as (
    -- told as returned without a day: handed over when it was finished
    select
        unit_key,
        today_unit_key,
        level,
        field_code,
        procedure_code,
        channel,
        cast(finished_at as date) as finished_on,
        coalesce(
            cast(returned_at as date),
            case when status_code = '10' then cast(finished_at as date) end,
            date '9999-12-31'
        ) as returned_on,
        sign
    from {{ dossiers_counted() }} as told
    where state = 'resolved'
),

event as (
    {% for day_on, kind, condition, added in changes %}
    select
        {{ day_on }} as day_on,
        {% for count in counts %}
        {{ added.get(count, 0) }} * sign as {{ count }},
        {% endfor %}
        {{ cell }}
    from {{ kind }}
    where {{ condition }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    day_on,
    {{ cell }},
    {% for count in counts %}
    cast(sum({{ count }}) as bigint) as {{ count }}{% if not loop.last %},{% endif %}
    {% endfor %}
from event
where day_on < date '9999-12-31'
group by day_on, {{ cell }}
having sum({{ counts | join(') <> 0 or sum(') }}) <> 0
-- kept in the order of days: a day's change then touches a stretch of the table
order by day_on
