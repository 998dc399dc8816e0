-- The computed due date beside the sent one: the term, moved (`pause`) or begun anew (`restart`)
-- by the waits that began before it was reached. Empty while such a wait lasts.
with paused as (
    {{ waited_before_due(ref('int_dossier_due_first'), ref('int_wait_merged')) }}
),

moved as (
    {{ move_due_dates(ref('int_dossier_due_first'), 'paused') }}
),

-- under the rule `restart` the due dates of the term, and of the full term from each wait's end
rule as (
    select
        {{ dossier_key('first') }} as dossier_key,
        first.started_at,
        first.due_at
    from {{ ref('int_dossier_due_first') }} as first
    inner join {{ ref('int_worktime_day') }} as day
        on
            first.schedule_code = day.schedule_code
            and cast(first.started_at as date) = day.day_on
    where day.wait_rule = 'restart'
),

anew as (
    select
        {{ dossier_key('wait') }} as dossier_key,
        wait.started_at,
        wait.due_at
    from {{ ref('int_wait_restarted') }} as wait
),

chained as (
    select
        rule.dossier_key,
        wait.from_at,
        wait.until_at,
        anew.due_at,
        lag(anew.due_at, 1, rule.due_at) over (
            partition by rule.dossier_key order by wait.from_at
        ) as due_before_at
    from rule
    inner join {{ ref('int_wait_merged') }} as wait
        on
            rule.dossier_key = {{ dossier_key('wait') }}
            and (wait.until_at is null or rule.started_at < wait.until_at)
    left join anew
        on
            rule.dossier_key = anew.dossier_key
            and wait.until_at = anew.started_at
),

-- once a wait begins after the date, so does every later one
restarting as (
    select *
    from chained
    qualify bool_and(from_at <= due_before_at) over (
        partition by dossier_key order by from_at
        rows between unbounded preceding and current row
    )
),

restarted as (
    select
        dossier_key,
        case when not bool_or(until_at is null) then max_by(due_at, from_at) end as due_at
    from restarting
    group by dossier_key
)

select
    moved.source,
    moved.dossier_code,
    moved.due_first_at,
    case
        when restarted.dossier_key is not null then restarted.due_at
        when rule.dossier_key is not null then moved.due_first_at
        else moved.due_at
    end as due_computed_at
from moved
left join rule on {{ dossier_key('moved') }} = rule.dossier_key
left join restarted on rule.dossier_key = restarted.dossier_key
