-- The deadline class of every resolved dossier, one column per definition (domain §4).
-- A due time of day precision means the close of that day; a finish of day precision is
-- compared by date (domain §3).
with moment as (
    select
        *,
        case
            when is_due_day
                then cast(due_at as date) + time '{{ var('afternoon_close') }}'
            else due_at
        end as due_moment_at
    from {{ ref('int_dossier_stated') }}
)

select
    *,
    case
        when state <> 'resolved' then null
        when due_at is null then 'no_due_date'
        when cast(finished_at as date) < cast(due_at as date) then 'early'
        when cast(finished_at as date) = cast(due_at as date) then 'on_time'
        else 'late'
    end as class_ii06a,
    case
        when state <> 'resolved' then null
        when due_at is null then 'no_due_date'
        when is_finished_at_day and cast(finished_at as date) = cast(due_at as date) then 'on_time'
        when is_finished_at_day and cast(finished_at as date) < cast(due_at as date) then 'early'
        when is_finished_at_day then 'late'
        when finished_at < due_moment_at then 'early'
        when finished_at = due_moment_at then 'on_time'
        else 'late'
    end as class_instant
from moment
