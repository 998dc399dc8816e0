-- The shops in force on the data's last day, and since when each is silent.
with heard as (
    select
        unit_key,
        max(source_updated_at) as last_heard_at
    from {{ ref('fct_dossier') }}
    group by unit_key
)

select
    unit.unit_key,
    unit.unit_code,
    unit.unit_valid_from,
    unit.unit_name_vi,
    unit.level,
    unit.district_name_vi,
    heard.last_heard_at,
    coalesce(
        heard.last_heard_at
        < cast(data.data_as_of_on as timestamp) - interval {{ var('silent_after_days') }} day,
        true
    ) as is_silent
from {{ ref('dim_unit') }} as unit
cross join {{ ref('int_as_of') }} as data
left join heard on unit.unit_key = heard.unit_key
where
    unit.level <> 'area'
    and coalesce(unit.unit_valid_from, date '0001-01-01') <= data.data_as_of_on
    and coalesce(unit.unit_valid_to, date '9999-12-31') >= data.data_as_of_on
    and coalesce(unit.shop_folded_on, date '9999-12-31') > data.data_as_of_on
    -- a log that brings its own units says nothing of the province's
    and (unit.level = 'open') = (
        select coalesce(bool_or(dossier.level = 'open'), false)
        from {{ ref('fct_dossier') }} as dossier
    )
