-- Units with validity; units of an open log come from the data. A commune without a district
-- belongs to the area of the former district from which most of its predecessors came.
with predecessor as (
    select
        lineage.successor_key,
        former.parent_code,
        row_number() over (
            partition by lineage.successor_key
            order by count(distinct former.unit_key) desc, former.parent_code
        ) as place
    from {{ ref('dim_unit_successor') }} as lineage
    inner join {{ ref('stg_reference__units') }} as former
        on lineage.unit_key = former.unit_key
    where former.level = 'commune' and former.unit_valid_from is null
    group by lineage.successor_key, former.parent_code
),

located as (
    select
        unit.*,
        case
            when unit.level = 'district' then unit.unit_code
            when unit.level = 'commune' and unit.unit_valid_from is null then unit.parent_code
            when unit.level = 'commune' then 'area-' || predecessor.parent_code
            when unit.level = 'area' and unit.unit_code <> 'area-02' then unit.unit_code
        end as district_code
    from {{ ref('stg_reference__units') }} as unit
    left join predecessor
        on unit.unit_key = predecessor.successor_key and predecessor.place = 1
),

named as (
    select
        located.*,
        district.unit_name_vi as district_name_vi
    from located
    left join {{ ref('stg_reference__units') }} as district
        on located.district_code = district.unit_code
),

folded as (
    select
        from_code,
        min(effective_on) as folded_on
    from {{ ref('stg_reference__unit_changes') }}
    where kind = 'shop_merger'
    group by from_code
)

select
    named.unit_key,
    named.unit_code,
    named.unit_valid_from,
    named.unit_valid_to,
    named.unit_name_vi,
    named.level,
    named.unit_type,
    named.parent_code,
    named.district_code,
    named.district_name_vi,
    case when named.unit_valid_from is null then folded.folded_on end as shop_folded_on
from named
left join folded on named.unit_code = folded.from_code
union all
select distinct
    dossier.unit_key,
    dossier.unit_code,
    dossier.unit_valid_from,
    cast(null as date) as unit_valid_to,
    dossier.unit_code as unit_name_vi,
    'open' as level,
    'open' as unit_type,
    cast(null as varchar) as parent_code,
    cast(null as varchar) as district_code,
    cast(null as varchar) as district_name_vi,
    cast(null as date) as shop_folded_on
from {{ ref('fct_dossier') }} as dossier
where dossier.unit_key not in (
    select known.unit_key from {{ ref('stg_reference__units') }} as known
)
