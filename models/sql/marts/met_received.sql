select
    cast(received_at as date) as received_on,
    unit_key,
    level,
    field_code,
    procedure_code,
    channel,
    count(*) as received_n,
    count(*) filter (where has_digitized_component) as digitized_n,
    count(*) filter (where channel = '2') as online_n
from {{ ref('fct_dossier') }}
where is_accepted
group by 1, 2, 3, 4, 5, 6
