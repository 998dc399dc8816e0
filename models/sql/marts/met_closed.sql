select
    cast(closed_at as date) as closed_on,
    unit_key,
    level,
    field_code,
    procedure_code,
    channel,
    count(*) filter (where state = 'withdrawn') as withdrawn_n,
    count(*) filter (where state = 'refused') as refused_n,
    count(*) filter (where state = 'stopped') as stopped_n
from {{ ref('fct_dossier') }}
where state in ('withdrawn', 'refused', 'stopped')
group by 1, 2, 3, 4, 5, 6
