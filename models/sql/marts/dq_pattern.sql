-- What one record cannot show and a source's many do (domain §2): a finding a row.
with sign as (
    {% for mark, pattern, field in pattern_signs() -%}
    select
        source,
        month_on,
        '{{ pattern }}' as pattern,
        '{{ field }}' as field,
        '{{ mark }}' as reason,
        {{ mark }}_seen_n as records_n,
        {{ mark }}_n as affected_n
    from {{ ref('int_pattern_mark') }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

source_known as (
    select
        source,
        sum(day_declared_n) > 0 as is_day_declared,
        sum(fee_n) > 0 as has_fee,
        min(month_on) as first_month_on,
        max(month_on) as last_month_on,
        count(*) filter (where received_n > 0) as months_n,
        sum(received_n) as received_n,
        sum(early_day_n) as early_day_n
    from {{ ref('int_pattern_mark') }}
    group by source
),

shown as (
    select
        source,
        pattern,
        field,
        reason,
        sum(records_n) as records_n,
        sum(affected_n) as affected_n,
        min(month_on) filter (where affected_n > 0) as since_on,
        max(month_on) filter (where affected_n > 0) as until_on
    from sign
    group by source, pattern, field, reason
),

told as (
    select
        shown.*,
        shown.affected_n / shown.records_n as share,
        cast({{ var('pattern_error_share') }} as double) as expected_share
    from shown
    inner join source_known on shown.source = source_known.source
    where
        shown.records_n >= {{ var('pattern_least_records') }}
        and not (shown.pattern = 'midnight_only' and source_known.is_day_declared)
        -- a source that sends no fee at all says nothing against its payments
        and (shown.reason <> 'is_payment_without_fee' or source_known.has_fee)
),

-- a flag of VNeID has no second sign in its record: the other sources of the same months stand in
month_total as (
    select
        month_on,
        sum(vneid_n) as all_n,
        sum(vneid_yes_n) as all_yes_n
    from {{ ref('int_pattern_mark') }}
    group by month_on
),

peer_month as (
    select
        mark.source,
        mark.month_on,
        mark.vneid_n,
        mark.vneid_yes_n,
        (total.all_yes_n - mark.vneid_yes_n + 0.5) / (total.all_n - mark.vneid_n + 1) as peer_share,
        mark.vneid_n / (total.all_n - mark.vneid_n) as own_weight
    from {{ ref('int_pattern_mark') }} as mark
    inner join month_total as total on mark.month_on = total.month_on
    where mark.vneid_n > 0 and total.all_n > mark.vneid_n
),

peer as (
    select
        source,
        sum(vneid_n) as records_n,
        sum(vneid_yes_n) as yes_n,
        sum(vneid_n * peer_share) as peer_n,
        sqrt(sum(vneid_n * peer_share * (1 - peer_share) * (1 + own_weight))) as deviation_n
    from peer_month
    group by source
    having sum(vneid_n) >= {{ var('pattern_least_records') }}
),

-- a large source that is wrong moves what all the others are read against: the middle one is right
middle as (
    select
        median((yes_n - peer_n) / records_n) as shift,
        count(*) as peers_n
    from peer
),

expected as (
    select
        peer.*,
        least(
            greatest(peer.peer_n + peer.records_n * middle.shift, 0.5), peer.records_n - 0.5
        ) as expected_n
    from peer
    cross join middle
    where middle.peers_n > {{ var('pattern_least_peers') }}
),

-- and where the sources differ among themselves by nature, a difference says less
spread as (
    select greatest(1, 1.4826 * median(abs(yes_n - expected_n) / deviation_n)) as width
    from expected
),

compared as (
    select
        expected.*,
        case
            when expected.yes_n > expected.expected_n
                then
                    (expected.yes_n - expected.expected_n)
                    / (expected.records_n - expected.expected_n)
            else (expected.expected_n - expected.yes_n) / expected.expected_n
        end as constant_share
    from expected
    cross join spread
    where
        abs(expected.yes_n - expected.expected_n)
        >= {{ var('pattern_peer_deviations') }} * spread.width * expected.deviation_n
),

-- a stretch of months without a single exception: so likely by the other sources of the months, or
-- by the source's own other months where those say it is likelier still
flag_month as (
    {% for value, reason, yes_n in (
        ('yes', 'is_yes_without_exception', 'vneid_yes_n'),
        ('no', 'is_no_without_exception', 'vneid_n - vneid_yes_n'),
    ) -%}
    select
        source,
        month_on,
        '{{ reason }}' as reason,
        vneid_n as records_n,
        {{ yes_n }} as value_n,
        {{ "peer_share" if value == "yes" else "1 - peer_share" }} as peer_share,
        row_number() over (partition by source order by month_on) as month_n
    from peer_month
    {{ "union all" if not loop.last }}
    {% endfor %}
),

unbroken as (
    select
        *,
        month_n - row_number() over (partition by source, reason order by month_on) as stretch
    from flag_month
    where value_n = records_n
),

own_share as (
    select
        source,
        reason,
        sum(value_n) filter (where value_n < records_n)
        / nullif(sum(records_n) filter (where value_n < records_n), 0) as share
    from flag_month
    group by source, reason
),

stretched as (
    select
        unbroken.source,
        unbroken.reason,
        sum(unbroken.records_n) as records_n,
        min(unbroken.month_on) as since_on,
        max(unbroken.month_on) as until_on,
        exp(sum(unbroken.records_n * ln(
            greatest(unbroken.peer_share, coalesce(own_share.share, 0))
        )) / sum(unbroken.records_n)) as expected_share
    from unbroken
    inner join own_share
        on unbroken.source = own_share.source and unbroken.reason = own_share.reason
    group by unbroken.source, unbroken.reason, unbroken.stretch
),

found as (
    select
        source,
        pattern,
        field,
        reason,
        records_n,
        affected_n,
        share,
        expected_share,
        since_on,
        until_on
    from told
    where
        share >= {{ var('pattern_least_share') }}
        and {{ surprise('records_n', 'share', 'expected_share') }}
        >= {{ var('pattern_least_surprise') }}
    union all
    select
        source,
        'constant_flag' as pattern,
        'TaiKhoanDuocXacThucVoiVNeID' as field,
        case when yes_n > expected_n then 'is_yes_beyond_peers' else 'is_no_beyond_peers' end
            as reason,
        records_n,
        case when yes_n > expected_n then yes_n else records_n - yes_n end as affected_n,
        case when yes_n > expected_n then yes_n else records_n - yes_n end / records_n as share,
        case when yes_n > expected_n then expected_n else records_n - expected_n end / records_n
            as expected_share,
        cast(null as date) as since_on,
        cast(null as date) as until_on
    from compared
    where constant_share >= {{ var('pattern_least_share') }}
    union all
    select
        stretched.source,
        'constant_flag' as pattern,
        'TaiKhoanDuocXacThucVoiVNeID' as field,
        stretched.reason,
        stretched.records_n,
        stretched.records_n as affected_n,
        1 as share,
        stretched.expected_share,
        stretched.since_on,
        stretched.until_on
    from stretched
    cross join middle
    where
        stretched.records_n >= {{ var('pattern_least_records') }}
        and middle.peers_n > {{ var('pattern_least_peers') }}
        and -stretched.records_n * ln(stretched.expected_share)
        >= {{ var('pattern_least_surprise') }}
    union all
    select
        source,
        'day_month_swap' as pattern,
        'NgayTiepNhan' as field,
        'is_no_day_beyond_12' as reason,
        received_n as records_n,
        early_day_n as affected_n,
        early_day_n / received_n as share,
        12 / 30.4 as expected_share,
        cast(null as date) as since_on,
        cast(null as date) as until_on
    from source_known
    where
        early_day_n = received_n
        and received_n >= {{ var('pattern_least_records') }}
        and months_n >= {{ var('pattern_least_months') }}
)

select
    found.source,
    found.pattern,
    found.field,
    found.reason,
    cast(found.records_n as bigint) as records_n,
    cast(found.affected_n as bigint) as affected_n,
    cast(found.expected_share * found.records_n as double) as expected_n,
    case when found.since_on > source_known.first_month_on then found.since_on end as since_on,
    case when found.until_on < source_known.last_month_on then found.until_on end as until_on
from found
inner join source_known on found.source = source_known.source
