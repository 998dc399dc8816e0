-- The computed due date beside the sent one: the term, moved (`pause`) or begun anew (`restart`)
-- by the waits that began before it was reached. Empty while such a wait lasts.
with paused as (
    {{ waited_before_due(ref('int_dossier_due_first'), ref('int_wait_merged')) }}
),

moved as (
    {{ move_due_dates(ref('int_dossier_due_first'), 'paused') }}
),

rule as (
    select
        first.*,
        day.wait_rule
    from {{ ref('int_dossier_due_first') }} as first
    inner join {{ ref('int_worktime_day') }} as day
        on
            first.schedule_code = day.schedule_code
            and cast(first.started_at as date) = day.day_on
    where day.wait_rule = 'restart'
),

chained as (
    select
        wait.source,
        wait.dossier_code,
        wait.from_at,
        wait.until_at,
        anew.due_at,
        lag(anew.due_at, 1, rule.due_at) over (
            partition by wait.source, wait.dossier_code order by wait.from_at
        ) as due_before_at
    from rule
    inner join {{ ref('int_wait_merged') }} as wait
        on rule.source = wait.source and rule.dossier_code = wait.dossier_code
    left join {{ ref('int_wait_restarted') }} as anew
        on
            wait.source = anew.source
            and wait.dossier_code = anew.dossier_code
            and wait.until_at = anew.started_at
    where wait.until_at is null or wait.until_at > rule.started_at
),

-- once a wait begins after the date, so does every later one
restarting as (
    select *
    from chained
    qualify bool_and(from_at <= due_before_at) over (
        partition by source, dossier_code order by from_at
        rows between unbounded preceding and current row
    )
),

restarted as (
    select
        source,
        dossier_code,
        case when not bool_or(until_at is null) then max_by(due_at, from_at) end as due_at
    from restarting
    group by source, dossier_code
)

select
    moved.source,
    moved.dossier_code,
    moved.due_first_at,
    case
        when restarted.dossier_code is not null then restarted.due_at
        when rule.dossier_code is not null then moved.due_first_at
        else moved.due_at
    end as due_computed_at
from moved
left join rule on moved.source = rule.source and moved.dossier_code = rule.dossier_code
left join restarted
    on moved.source = restarted.source and moved.dossier_code = restarted.dossier_code
