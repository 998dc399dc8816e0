{# Due dates of domain §3 for a relation (a model, or a query in brackets) with the columns source,
   dossier_code, schedule_code, started_at, term_value, term_unit. started_at is the reception, or
   the end of a wait after which the full term runs again. Adds started_seconds, due_at,
   due_seconds: working seconds from the start of the calendar. Empty where the term is unknown
   or runs past the end of the calendar. A query. #}
{% macro due_without_waits(relation) -%}
with begun as (
    select
        start.*,
        day.day_on as started_on,
        {{ second_of_day('start.started_at') }} as started_n,
        {{ working_seconds_at('start.started_at', 'day') }} as started_seconds,
        day.is_working_day,
        day.next_working_on,
        day.working_day_n,
        day.closing_second,
        day.same_day_until_second,
        day.is_moved_to_working_day,
        day.is_due_at_same_hour,
        day.opens_1,
        day.closes_1,
        day.opens_2,
        day.closes_2,
        day.next_opens_1
    from {{ relation }} as start
    inner join {{ ref('int_worktime_day') }} as day
        on
            start.schedule_code = day.schedule_code
            and cast(start.started_at as date) = day.day_on
),

counted as (
    select
        source,
        dossier_code,
        schedule_code,
        started_at,
        term_value,
        term_unit,
        started_seconds,
        is_moved_to_working_day,
        -- the day of acceptance is not counted; after closing it is the next working day; a
        -- same-day procedure taken too late is due the day after
        case
            when term_unit = 'working_day'
                then working_day_n + term_value + case
                    when not is_working_day then 0
                    when started_n > closing_second then 1
                    when term_value = 0 and started_n > same_day_until_second then 1
                    else 0
                end
        end as due_day_n,
        case when is_working_day and started_n <= closing_second then started_on
            else next_working_on
        end as accepted_on,
        -- the hour of acceptance: the first working moment not before it; a same-day procedure
        -- has until the close
        case
            when not is_due_at_same_hour then 86400
            when term_unit = 'working_day' and term_value = 0 then 86400
            when started_n <= opens_1 and is_working_day then opens_1
            when started_n <= closes_1 and is_working_day then started_n
            when started_n <= opens_2 and opens_2 < 86400 then opens_2
            when started_n <= closes_2 and opens_2 < 86400 then started_n
            else next_opens_1
        end as due_n,
        case when term_unit = 'hour' then started_seconds + 3600 * term_value end as hours_seconds
    from begun
),

targeted as (
    select
        counted.* replace (coalesce(counted.due_day_n, target.working_day_n) as due_day_n),
        case when not counted.is_moved_to_working_day then target.day_on end as unmoved_on
    from counted
    left join {{ ref('int_worktime_day') }} as target
        on
            counted.schedule_code = target.schedule_code
            and case counted.term_unit
                when 'calendar_day' then counted.accepted_on + counted.term_value
                when 'month' then {{ month_after('counted.accepted_on', 'counted.term_value') }}
            end = target.day_on
),

dated as (
    select
        targeted.*,
        {{ moment_on('due.day_on', 'least(targeted.due_n, due.closing_second)') }} as days_due_at,
        {{ working_seconds_at(
            moment_on('due.day_on', 'least(targeted.due_n, due.closing_second)'), 'due'
        ) }} as days_due_seconds
    from targeted
    left join {{ ref('int_worktime_day') }} as due
        on
            targeted.schedule_code = due.schedule_code
            and case when targeted.unmoved_on is null then targeted.due_day_n end
            = due.working_day_n
            and due.is_working_day
)

select
    dated.source,
    dated.dossier_code,
    dated.schedule_code,
    dated.started_at,
    dated.term_value,
    dated.term_unit,
    dated.started_seconds,
    case
        when dated.hours_seconds = dated.started_seconds then dated.started_at
        when dated.hours_seconds is not null
            then {{ moment_at_seconds('dated.hours_seconds', 'hours') }}
        when dated.unmoved_on is not null
            then {{ moment_on('unmoved.day_on', 'least(dated.due_n, unmoved.closing_second)') }}
        else dated.days_due_at
    end as due_at,
    case
        when dated.hours_seconds is not null then dated.hours_seconds
        when dated.unmoved_on is not null
            then {{ working_seconds_at(
                moment_on('unmoved.day_on', 'least(dated.due_n, unmoved.closing_second)'),
                'unmoved'
            ) }}
        else dated.days_due_seconds
    end as due_seconds
from dated
left join {{ ref('int_worktime_bucket') }} as hours
    on
        dated.schedule_code = hours.schedule_code
        and {{ bucket_of('dated.hours_seconds') }} = hours.bucket
        and dated.hours_seconds > hours.seconds_before
        and dated.hours_seconds <= hours.seconds_after
left join {{ ref('int_worktime_day') }} as unmoved
    on
        dated.schedule_code = unmoved.schedule_code
        and dated.unmoved_on = unmoved.day_on
{%- endmacro %}

{# The same due dates moved by waits that stop the clock (rule `pause`). `due` has source,
   dossier_code, schedule_code, started_at, due_at, due_seconds; `wait` has source,
   dossier_code, from_at, until_at without overlap, until_at empty while it lasts. Gives source,
   dossier_code, waited_seconds, is_waiting of the dossiers that waits move: a wait counts that
   begins not after the date moved by those before it. A query. #}
{% macro waited_before_due(due, wait) -%}
with clocked as (
    select
        {{ dossier_key('wait') }} as dossier_key,
        wait.from_at,
        wait.until_at,
        due.due_at,
        due.due_seconds,
        {{ working_seconds_at('greatest(wait.from_at, due.started_at)', 'from_day') }}
            as from_seconds,
        {{ working_seconds_at('wait.until_at', 'until_day') }} as until_seconds,
        -- the first moment at which so much time has been worked: in a session or at its end
        {{ is_worked_moment('greatest(wait.from_at, due.started_at)', 'from_day') }}
            as is_from_worked
    from {{ wait }} as wait
    inner join {{ due }} as due
        on
            {{ dossier_key('wait') }} = {{ dossier_key('due') }}
            and due.due_at is not null
            and (wait.until_at is null or wait.until_at > due.started_at)
    inner join {{ ref('int_worktime_day') }} as from_day
        on
            due.schedule_code = from_day.schedule_code
            and cast(greatest(wait.from_at, due.started_at) as date) = from_day.day_on
    left join {{ ref('int_worktime_day') }} as until_day
        on
            due.schedule_code = until_day.schedule_code
            and cast(wait.until_at as date) = until_day.day_on
),

summed as (
    select
        *,
        coalesce(cast(sum(until_seconds - from_seconds) over (
            partition by dossier_key order by from_at
            rows between unbounded preceding and 1 preceding
        ) as bigint), 0) as waited_before
    from clocked
),

-- once a wait begins after the date, so does every later one
counting as (
    select *
    from summed
    where
        case
            when waited_before = 0 then from_at <= due_at
            when from_seconds < due_seconds + waited_before then true
            else from_seconds = due_seconds + waited_before and is_from_worked
        end
)

select
    dossier_key,
    cast(sum(until_seconds - from_seconds) as bigint) as waited_seconds,
    bool_or(until_at is null) as is_waiting
from counting
group by dossier_key
{%- endmacro %}


{# Due dates with what `waited_before_due` found: source, dossier_code, due_first_at, due_at; the
   latter empty while a wait lasts. A query. #}
{% macro move_due_dates(due, waited) -%}
select
    due.source,
    due.dossier_code,
    due.due_at as due_first_at,
    case
        when waited.is_waiting then null
        when coalesce(waited.waited_seconds, 0) = 0 then due.due_at
        else {{ moment_at_seconds('(due.due_seconds + waited.waited_seconds)', 'later') }}
    end as due_at
from {{ due }} as due
left join {{ waited }} as waited
    on {{ dossier_key('due') }} = waited.dossier_key
left join {{ ref('int_worktime_bucket') }} as later
    on
        due.schedule_code = later.schedule_code
        and {{ bucket_of('due.due_seconds + waited.waited_seconds') }} = later.bucket
        and due.due_seconds + waited.waited_seconds > later.seconds_before
        and due.due_seconds + waited.waited_seconds <= later.seconds_after
{%- endmacro %}

{# One number for a dossier: joining and sorting on it costs a fraction of what the two texts of
   its key cost. #}
{% macro dossier_key(alias) -%}
{{ return(adapter.dispatch('dossier_key', 'motcua')(alias)) }}
{%- endmacro %}

{% macro duckdb__dossier_key(alias) -%}
hash({{ alias }}.source, {{ alias }}.dossier_code)
{%- endmacro %}
