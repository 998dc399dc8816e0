{{ config(materialized='view') }}
-- Under which unit a dossier stands on today's boundaries, and which unit answers for it: the one
-- that received it while that lives, then the one that followed it; of a closed dossier, on the
-- day of closing. A dossier of a unit that was split goes whole to one successor, by a hash of its
-- code against the cumulated shares (domain §7).
with coded as (
    select
        classified.*,
        data.data_as_of_on,
        case
            when classified.unit_key in (
                select parted.unit_key from {{ ref('dim_unit_successor') }} as parted
                where parted.share_to < 1
            ) then {{ place_of_code('classified.dossier_code') }}
            else 0
        end as code_place
    from {{ ref('int_dossier_classified') }} as classified
    cross join {{ ref('int_as_of') }} as data
)

select
    coded.*,
    -- units that are not the province's come from the data and stay what they are
    coalesce(today.successor_key, coded.unit_key) as today_unit_key,
    coalesce(responsible.successor_key, coded.unit_key) as responsible_unit_key,
    coalesce(today.is_restated, false) as is_restated
from coded
left join {{ ref('dim_unit_successor') }} as today
    on
        coded.unit_key = today.unit_key
        and today.until_on is null
        and coded.code_place >= today.share_from
        and coded.code_place < today.share_to
left join {{ ref('dim_unit_successor') }} as responsible
    on
        coded.unit_key = responsible.unit_key
        and coded.code_place >= responsible.share_from
        and coded.code_place < responsible.share_to
        and coalesce(cast(coded.closed_at as date), coded.data_as_of_on)
        >= coalesce(responsible.from_on, date '0001-01-01')
        and coalesce(cast(coded.closed_at as date), coded.data_as_of_on)
        < coalesce(responsible.until_on, date '9999-12-31')
