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

wait as (
    select
        dossier.*,
        greatest(cast(found.from_at as date), dossier.open_on) as wait_on,
        least(coalesce(cast(found.until_at as date), date '9999-12-31'), dossier.closed_on)
            as wait_end_on
    from dossier
    inner join {{ ref('int_wait_merged') }} as found
        on dossier.source = found.source and dossier.dossier_code = found.dossier_code
),

event as (
    select *, open_on as day_on, 1 as open_n, 0 as waiting_n, 0 as overdue_n from dossier
    union all by name
    select *, closed_on as day_on, -1 as open_n, 0 as waiting_n, 0 as overdue_n from dossier
    union all by name
    select *, overdue_on as day_on, 0 as open_n, 0 as waiting_n, 1 as overdue_n
    from dossier where overdue_on < closed_on
    union all by name
    select *, closed_on as day_on, 0 as open_n, 0 as waiting_n, -1 as overdue_n
    from dossier where overdue_on < closed_on
    union all by name
    select *, wait_on as day_on, 0 as open_n, 1 as waiting_n, 0 as overdue_n
    from wait where wait_on < wait_end_on
    union all by name
    select *, wait_end_on as day_on, 0 as open_n, -1 as waiting_n, 0 as overdue_n
    from wait where wait_on < wait_end_on
    union all by name
    select *, greatest(wait_on, overdue_on) as day_on, 0 as open_n, 0 as waiting_n, -1 as overdue_n
    from wait where greatest(wait_on, overdue_on) < wait_end_on
    union all by name
    select *, wait_end_on as day_on, 0 as open_n, 0 as waiting_n, 1 as overdue_n
    from wait where greatest(wait_on, overdue_on) < wait_end_on
)

select
    day_on,
    unit_key,
    level,
    field_code,
    procedure_code,
    channel,
    cast(sum(open_n) as bigint) as open_n,
    cast(sum(waiting_n) as bigint) as waiting_n,
    cast(sum(overdue_n) as bigint) as overdue_n
from event
where day_on < date '9999-12-31'
group by all
having sum(open_n) <> 0 or sum(waiting_n) <> 0 or sum(overdue_n) <> 0
