-- Whose a unit's dossiers are, and from when to when: its own while it lives, then those of the
-- units that followed it, through every change. At any day the parts of a unit cover 0 to 1, so
-- that a dossier whose code has a place there falls to one of them. Rows without an end are
-- today's boundaries: those after the last change that the reference lists hold.
with recursive change as (
    -- a unit hands over by ending: whatever is said of one that goes on changes no boundary
    select
        former.unit_key as from_key,
        later.unit_key as to_key,
        told.to_code,
        told.effective_on,
        told.share
    from {{ ref('stg_reference__unit_changes') }} as told
    inner join {{ ref('stg_reference__units') }} as former
        on
            told.from_code = former.unit_code
            and told.effective_on = former.unit_valid_to + 1
    inner join {{ ref('stg_reference__units') }} as later
        on
            told.to_code = later.unit_code
            and told.effective_on >= coalesce(later.unit_valid_from, date '0001-01-01')
            and told.effective_on <= coalesce(later.unit_valid_to, date '9999-12-31')
    where told.kind in ('unit_merger', 'unit_split', 'unit_abolished')
),

area as (
    -- figures of a former province go to its area, not to the province it joined (domain §7); so do
    -- those of any unit that left an area and of which no change tells
    select
        former.unit_key as from_key,
        later.unit_key as to_key,
        later.unit_code as to_code,
        later.unit_valid_from as effective_on,
        1.0 as share
    from {{ ref('stg_reference__units') }} as former
    inner join {{ ref('stg_reference__units') }} as later
        on
            'area-' || former.unit_code = later.unit_code
            and former.unit_valid_to + 1 = later.unit_valid_from
    where
        later.level = 'area'
        and (
            former.level = 'province'
            or former.unit_key not in (select change.from_key from change)
        )
),

handed_over as (
    select *
    from area
    union all by name
    select *
    from change
    where from_key not in (select area.from_key from area)
),

cumulated as (
    -- the last that takes anything ends at 1: a share of 0.333333 loses nobody
    select
        *,
        case
            when max(share) over later > 0 then least(sum(share) over so_far, 1)
            else 1
        end as share_to,
        count(*) over (partition by from_key) as successors_n
    from handed_over
    window
        so_far as (
            partition by from_key order by to_code
            rows between unbounded preceding and current row
        ),
        later as (
            partition by from_key order by to_code
            rows between 1 following and unbounded following
        )
),

parted as (
    select
        *,
        coalesce(lag(share_to) over (partition by from_key order by to_code), 0) as share_from
    from cumulated
),

step as (
    select *
    from parted
    where share_from < share_to
),

lineage as (
    select
        unit_key,
        unit_key as successor_key,
        cast(0 as double) as share_from,
        cast(1 as double) as share_to,
        cast(null as date) as from_on,
        false as is_restated
    from {{ ref('stg_reference__units') }}
    union all
    -- a part of a part: both ends by the same sum, so that neighbours meet
    select
        lineage.unit_key,
        step.to_key as successor_key,
        lineage.share_from + (lineage.share_to - lineage.share_from) * step.share_from
            as share_from,
        case
            when step.share_to = 1 then lineage.share_to
            else lineage.share_from + (lineage.share_to - lineage.share_from) * step.share_to
        end as share_to,
        step.effective_on as from_on,
        lineage.is_restated or step.successors_n > 1 as is_restated
    from lineage
    inner join step on lineage.successor_key = step.from_key
),

ended as (
    select distinct
        from_key,
        effective_on
    from step
)

select
    lineage.unit_key,
    lineage.successor_key,
    lineage.share_from,
    lineage.share_to,
    lineage.from_on,
    ended.effective_on as until_on,
    lineage.is_restated
from lineage
left join ended on lineage.successor_key = ended.from_key
