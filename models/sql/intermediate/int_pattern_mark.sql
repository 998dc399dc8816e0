{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=['source', 'month_on']
) }}
-- Every sign of a pattern, true or false, or empty where a dossier cannot show it; per month.
with told as (
    select
        * exclude (is_new),
        1 as sign
    from {{ ref('int_dossier_current') }}
    union all by name
    select
        * exclude (is_new),
        -1 as sign
    from {{ ref('int_dossier_told_before') }}
),

dossier as (
    select
        *,
        case
            when regexp_matches(dossier_code, '-[0-9]{6}-[0-9]{4,5}$')
                then cast(try_strptime(
                    regexp_extract(dossier_code, '-([0-9]{6})-[0-9]{4,5}$', 1), '%y%m%d'
                ) as date)
        end as code_on,
        {{ items_n(items_where('components_kept', 'item.is_digitized')) }} as digitized_n,
        {{ items_n('components_kept') }} as components_n,
        cast(received_at as time) as received_time,
        cast(finished_at as time) as finished_time
    from told
),

marked as (
    select
        sign,
        source,
        cast(date_trunc('month', coalesce(received_at, submitted_at)) as date) as month_on,
        is_day_declared,
        vneid_flag,
        received_at is not null and extract(day from received_at) <= 12 as is_early_day,
        received_time = time '00:00:00' as is_received_midnight,
        finished_time = time '00:00:00' as is_finished_midnight,
        case when channel = '2' and not is_received_at_day then received_at = submitted_at end
            as is_received_when_submitted,
        case
            when
                calendar = 'vn' and (
                    extract(hour from received_at) between 1 and 5
                    or extract(hour from received_at) >= 13
                )
                then extract(hour from received_at) < 13
        end as is_received_at_night,
        case
            when
                calendar = 'vn' and (
                    extract(hour from finished_at) between 1 and 5
                    or extract(hour from finished_at) >= 13
                )
                then extract(hour from finished_at) < 13
        end as is_finished_at_night,
        {{ is_exchanged('submitted_at', 'code_on') }} as is_submitted_exchanged,
        {{ is_exchanged('received_at', 'code_on') }} as is_received_exchanged,
        case when received_at is not null and fee_amount > 0 then online_payment_code = '0' end
            as is_fee_without_payment,
        case
            when received_at is not null and coalesce(fee_amount, 0) = 0
                then online_payment_code <> '0'
        end as is_payment_without_fee,
        fee_amount > 0 as has_fee,
        case when digitized_n > 0 then digitized_flag = '0' end as is_digitized_denied,
        case
            when received_at is not null and digitized_n = 0 and components_n > 0
                then digitized_flag = '1'
        end as is_digitized_claimed
    from dossier
)

select
    source,
    month_on,
    {{ counted() }} as dossiers_n,
    {{ counted('is_day_declared') }} as day_declared_n,
    {{ counted('has_fee') }} as fee_n,
    {{ counted('is_received_midnight is not null') }} as received_n,
    {{ counted('is_early_day') }} as early_day_n,
    {{ counted('vneid_flag is not null') }} as vneid_n,
    {% for mark in pattern_marks() %}
    {{ counted(mark ~ ' is not null') }} as {{ mark }}_seen_n,
    {{ counted(mark) }} as {{ mark }}_n,
    {% endfor %}
    {{ counted("vneid_flag = '1'") }} as vneid_yes_n
from marked
group by source, month_on
