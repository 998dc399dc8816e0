with listed as (
    select
        field_code,
        min(field_name_vi) as field_name_vi
    from {{ ref('stg_reference__procedures') }}
    group by field_code
),

seen as (
    select distinct field_code
    from {{ ref('fct_dossier') }}
    union
    select distinct field_code from {{ ref('dim_procedure') }}
)

select
    seen.field_code,
    coalesce(listed.field_name_vi, seen.field_code) as field_name_vi
from seen
left join listed on seen.field_code = listed.field_code
