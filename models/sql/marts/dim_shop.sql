-- The one-stop shops of the reference lists: the counter of each unit of the three levels, from its
-- first to its last day. A unit whose counter was folded into another's goes on without one.
with unit as (
    select
        unit_key,
        unit_code,
        unit_name_vi,
        level,
        coalesce(unit_valid_from, date '0001-01-01') as valid_from,
        coalesce(unit_valid_to, date '9999-12-31') as valid_to,
        unit_valid_from,
        unit_valid_to
    from {{ ref('stg_reference__units') }}
    where level in ('province', 'district', 'commune')
),

folding as (
    select
        giver.unit_key,
        taker.unit_key as folded_into_key,
        change.change_id,
        change.effective_on as folded_on,
        change.is_date_assumed
    from {{ ref('stg_reference__unit_changes') }} as change
    inner join unit as giver
        on
            change.from_code = giver.unit_code
            and change.effective_on - 1 >= giver.valid_from
            and change.effective_on - 1 <= giver.valid_to
    inner join unit as taker
        on
            change.to_code = taker.unit_code
            and change.effective_on >= taker.valid_from
            and change.effective_on <= taker.valid_to
    where change.kind = 'shop_merger'
),

-- a unit may have had several codes: the newest names the shop
coded as (
    select
        unit.unit_key,
        code.edoc_code
    from unit
    inner join {{ ref('stg_reference__unit_codes') }} as code
        on
            unit.unit_code = code.unit_code
            and unit.valid_from <= coalesce(code.code_valid_to, date '9999-12-31')
            and unit.valid_to >= coalesce(code.code_valid_from, date '0001-01-01')
    qualify row_number() over (
        partition by unit.unit_key order by code.code_valid_from desc nulls last, code.edoc_code asc
    ) = 1
)

select
    unit.unit_key,
    unit.unit_code,
    coded.edoc_code,
    unit.unit_name_vi,
    unit.level,
    unit.unit_valid_from as shop_valid_from,
    coalesce(folding.folded_on - 1, unit.unit_valid_to) as shop_valid_to,
    folding.folded_on as shop_folded_on,
    coalesce(folding.is_date_assumed, false) as is_folded_on_assumed,
    folding.folded_into_key,
    folding.change_id
from unit
left join coded on unit.unit_key = coded.unit_key
left join folding on unit.unit_key = folding.unit_key
