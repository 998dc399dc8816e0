-- Procedures of the reference list, and those only the records know (without name or result).
with seen as (
    select distinct
        procedure_code,
        nullif(field_code, 'unknown') as field_code
    from {{ ref('fct_dossier') }}
),

unknown as (
    select
        procedure_code,
        min(field_code) as field_code
    from seen
    where
        procedure_code not in (
            select listed.procedure_code from {{ ref('stg_reference__procedures') }} as listed
        )
    group by procedure_code
)

select
    procedure_code,
    procedure_name_vi,
    field_code,
    level,
    yields_result,
    true as is_known
from {{ ref('stg_reference__procedures') }}
union all
select
    procedure_code,
    procedure_code as procedure_name_vi,
    coalesce(field_code, 'unknown') as field_code,
    'unknown' as level,
    cast(null as boolean) as yields_result,
    false as is_known
from unknown
