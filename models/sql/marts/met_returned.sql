select
    cast(returned_at as date) as returned_on,
    unit_key,
    level,
    field_code,
    procedure_code,
    channel,
    count(*) as returned_n,
    count(*) filter (where is_returned_by_post) as returned_by_post_n
from {{ ref('fct_dossier') }}
where is_returned
group by 1, 2, 3, 4, 5, 6
