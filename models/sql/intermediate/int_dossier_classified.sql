-- The deadline class of every closed dossier, one column per definition (domain §4). A due time
-- of day precision means the close of that day; a finish of day precision is compared by date
-- (domain §3). `d766` is a property of dossier and period: here it is that of the period in which
-- the dossier closed.
{% set by_date -%}
when cast(finished_at as date) < cast(due_at as date) then 'early'
        when cast(finished_at as date) = cast(due_at as date) then 'on_time'
        else 'late'
{%- endset %}
{% set unless_by_day -%}
when state <> 'resolved' then null
        when due_at is null then 'no_due_date'
        when is_finished_at_day and cast(finished_at as date) = cast(due_at as date) then 'on_time'
        when is_finished_at_day and cast(finished_at as date) < cast(due_at as date) then 'early'
        when is_finished_at_day then 'late'
{%- endset %}
with waited as (
    select distinct
        source,
        dossier_code
    from {{ ref('int_wait_merged') }}
    where until_at is not null
),

dossier as (
    select
        stated.* replace (
            coalesce(shifted.due_at, stated.due_at) as due_at,
            stated.is_due_day and shifted.due_at is null as is_due_day
        ),
        without_due.due_at as due_by_term_at,
        stated.due_at is not null and not stated.is_due_sent_anew
        and waited.dossier_code is not null as has_waited_without_new_due
    from {{ ref('int_dossier_stated') }} as stated
    left join {{ ref('int_dossier_due_shifted') }} as shifted
        on stated.source = shifted.source and stated.dossier_code = shifted.dossier_code
    left join {{ ref('int_dossier_due_d766') }} as without_due
        on stated.source = without_due.source and stated.dossier_code = without_due.dossier_code
    left join waited
        on stated.source = waited.source and stated.dossier_code = waited.dossier_code
),

moment as (
    select
        dossier.*,
        case
            when dossier.is_due_day
                then {{ moment_on(
                    'cast(dossier.due_at as date)', 'coalesce(due_day.closing_second, 86399)'
                ) }}
            else dossier.due_at
        end as due_moment_at,
        due_day.opens_1 as due_opens_1,
        due_day.opens_2 as due_opens_2,
        due_day.last_session_before_at,
        case
            when dossier.schedule_code is not null then
                {{ worked_seconds('dossier', 'reception_day', 'finish_day') }}
        end as working_seconds,
        reception_day.full_day_seconds,
        -- the request that makes it late: known by its time, else with the closing
        case
            when {{ items_n('dossier.supplements') }} > 0
                then {{ nth_item(
                    'dossier.supplements', 'requested_at', 'answered_at',
                    'reception_day.late_from_requests_n'
                ) }}.place
            when dossier.supplement_n >= reception_day.late_from_requests_n
                then coalesce(dossier.closed_at, dossier.source_updated_at)
        end as late_by_request_at
    from dossier
    left join {{ ref('int_worktime_day') }} as due_day
        on
            dossier.schedule_code = due_day.schedule_code
            and cast(dossier.due_at as date) = due_day.day_on
    left join {{ ref('int_worktime_day') }} as finish_day
        on
            dossier.schedule_code = finish_day.schedule_code
            and cast(dossier.finished_at as date) = finish_day.day_on
    left join {{ ref('int_worktime_day') }} as reception_day
        on
            dossier.schedule_code = reception_day.schedule_code
            and cast(dossier.received_at as date) = reception_day.day_on
),

session as (
    select
        *,
        -- the session that holds the due moment, else the last one begun before it; a log
        -- without sessions has the halves of its days
        case
            when schedule_code is null or due_opens_1 is null
                then {{ moment_on(
                    'cast(due_moment_at as date)',
                    'case when ' ~ second_of_day('due_moment_at') ~ ' < 43200 then 0 else 43200 end'
                ) }}
            when due_opens_2 < 86400 and {{ second_of_day('due_moment_at') }} >= due_opens_2
                then {{ moment_on('cast(due_moment_at as date)', 'due_opens_2') }}
            when {{ second_of_day('due_moment_at') }} >= due_opens_1
                then {{ moment_on('cast(due_moment_at as date)', 'due_opens_1') }}
            else last_session_before_at
        end as due_session_at,
        -- the due date of Decision 766: that of record, else the term's
        coalesce(due_moment_at, due_by_term_at) as due_d766_at
    from moment
)

select
    *,
    case
        when state <> 'resolved' then null
        when due_at is null then 'no_due_date'
        {{ by_date }}
    end as class_ii06a,
    case
        when state = 'withdrawn' then 'on_time'
        when state <> 'resolved' then null
        when due_at is null then 'on_time'
        {{ by_date }}
    end as class_ii06a_vendor,
    case
        {{ unless_by_day }}
        when finished_at < due_session_at then 'early'
        when finished_at <= due_moment_at then 'on_time'
        else 'late'
    end as class_half_day,
    case
        {{ unless_by_day }}
        when finished_at < due_moment_at then 'early'
        when finished_at = due_moment_at then 'on_time'
        else 'late'
    end as class_instant,
    case
        when closed_at is null then null
        when cast(late_by_request_at as date) <= cast(closed_at as date) then 'late'
        when due_d766_at is null then 'no_due_date'
        when is_closed_day and cast(closed_at as date) <= cast(due_d766_at as date) then 'on_time'
        when closed_at <= due_d766_at then 'on_time'
        else 'late'
    end as class_d766
from session
