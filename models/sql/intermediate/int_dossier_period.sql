{{ config(materialized='view') }}
{% set kinds = ['month', 'quarter', 'year'] %}
-- Decision 766, item 2.1: the class of a dossier in each period in which it was received or at
-- whose start it was open (domain §4). The end is that of the dossier if it closed by then, else
-- its single open supplement request, else the last day of the period, compared by date; of a
-- period that is not over, the data's last day.
with dossier as (
    select
        told.unit_key,
        told.today_unit_key,
        told.level,
        told.field_code,
        told.procedure_code,
        told.channel,
        cast(told.received_at as date) as received_on,
        told.closed_at,
        told.class_d766,
        told.due_d766_at,
        told.first_requested_at,
        told.first_answered_at,
        told.late_by_request_at,
        least(coalesce(cast(told.closed_at as date), told.data_as_of_on), told.data_as_of_on)
            as last_on,
        told.data_as_of_on,
        told.sign
    from {{ dossiers_counted_as_of() }} as told
    where told.is_accepted and cast(told.received_at as date) <= told.data_as_of_on
),

in_period as (
    {% for kind in kinds %}
    select
        'd766_{{ kind }}' as definition,
        * exclude (data_as_of_on),
        {{ each_period(kind, 'received_on', 'last_on') }} as period_on,
        data_as_of_on
    from dossier
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

ended as (
    select
        *,
        least(
            case definition
                when 'd766_month' then {{ month_after('period_on', 1) }}
                when 'd766_quarter' then {{ month_after('period_on', 3) }}
                else {{ month_after('period_on', 12) }}
            end - 1,
            data_as_of_on
        ) as end_on
    from in_period
)

select
    definition,
    period_on,
    unit_key,
    today_unit_key,
    level,
    field_code,
    procedure_code,
    channel,
    sign,
    case
        when cast(closed_at as date) <= end_on then class_d766
        when cast(late_by_request_at as date) <= end_on then 'late'
        when due_d766_at is null then 'no_due_date'
        when
            cast(first_requested_at as date) <= end_on
            and coalesce(cast(first_answered_at as date) > end_on, true)
            then case when first_requested_at <= due_d766_at then 'on_time' else 'late' end
        when end_on <= cast(due_d766_at as date) then 'on_time'
        else 'late'
    end as class
from ended
