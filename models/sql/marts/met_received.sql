select
    cast(received_at as date) as received_on,
    unit_key,
    level,
    field_code,
    procedure_code,
    channel,
    count(*) as received_n,
    count(*) filter (where has_digitized_component) as digitized_n,
    count(*) filter (where channel = '2') as online_n,
    count(*) filter (where has_reused_component) as reused_n,
    count(*) filter (where has_stored_component) as stored_n,
    count(*) filter (where is_vneid) as vneid_n,
    count(*) filter (where has_fee) as fee_n,
    count(*) filter (where is_paid_online) as paid_online_n,
    cast(sum(components_n) as bigint) as components_n,
    cast(sum(digitized_components_n) as bigint) as digitized_components_n
from {{ ref('fct_dossier') }}
where is_accepted
group by 1, 2, 3, 4, 5, 6
