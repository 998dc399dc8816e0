{% set cell = 'unit_key, level, field_code, procedure_code, channel' %}
{# day of the change, table, condition, change of open, waiting, overdue #}
{% set changes = [
    ('open_on', 'dossier', 'true', 1, 0, 0),
    ('closed_on', 'dossier', 'true', -1, 0, 0),
    ('overdue_on', 'dossier', 'overdue_on < closed_on', 0, 0, 1),
    ('closed_on', 'dossier', 'overdue_on < closed_on', 0, 0, -1),
    ('wait_on', 'wait', 'wait_on < wait_end_on', 0, 1, 0),
    ('wait_end_on', 'wait', 'wait_on < wait_end_on', 0, -1, 0),
    ('pause_on', 'wait', 'pause_on < wait_end_on', 0, 0, -1),
    ('wait_end_on', 'wait', 'pause_on < wait_end_on', 0, 0, 1),
] %}
-- The ledger of balances: what a day adds to the open, waiting and overdue of a cell. Days count
-- at their end; an open dossier turns overdue the day after its due date unless it waits.
with dossier as (
    select
        source,
        dossier_code,
        unit_key,
        level,
        field_code,
        procedure_code,
        channel,
        cast(received_at as date) as open_on,
        coalesce(cast(closed_at as date), date '9999-12-31') as closed_on,
        greatest(
            cast(received_at as date),
            coalesce(cast(due_at as date) + 1, date '9999-12-31')
        ) as overdue_on
    from {{ ref('fct_dossier') }}
    where is_accepted and coalesce(closed_at, received_at) >= received_at
),

wait_cut as (
    select
        dossier.*,
        greatest(cast(found.from_at as date), dossier.open_on) as wait_on,
        least(coalesce(cast(found.until_at as date), date '9999-12-31'), dossier.closed_on)
            as wait_end_on
    from dossier
    inner join {{ ref('int_wait_merged') }} as found
        on dossier.source = found.source and dossier.dossier_code = found.dossier_code
),

wait as (
    -- an overdue dossier that waits is not overdue from the later of both days
    select
        *,
        greatest(wait_on, overdue_on) as pause_on
    from wait_cut
),

event as (
    {% for day_on, kind, condition, open_n, waiting_n, overdue_n in changes %}
    select
        {{ day_on }} as day_on,
        {{ cell }},
        {{ open_n }} as open_n,
        {{ waiting_n }} as waiting_n,
        {{ overdue_n }} as overdue_n
    from {{ kind }}
    where {{ condition }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    day_on,
    {{ cell }},
    cast(sum(open_n) as bigint) as open_n,
    cast(sum(waiting_n) as bigint) as waiting_n,
    cast(sum(overdue_n) as bigint) as overdue_n
from event
where day_on < date '9999-12-31'
group by day_on, {{ cell }}
having sum(open_n) <> 0 or sum(waiting_n) <> 0 or sum(overdue_n) <> 0
