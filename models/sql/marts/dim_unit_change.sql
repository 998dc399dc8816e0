-- Which unit or shop was handed over to which, with the keys of the units in force on either side.
select
    change.change_id,
    change.kind,
    change.effective_on,
    change.is_date_assumed as date_is_assumed,
    former.unit_key as from_key,
    latter.unit_key as to_key,
    change.share,
    change.is_share_assumed as share_is_assumed,
    change.is_default,
    change.source,
    change.note
from {{ ref('stg_reference__unit_changes') }} as change
inner join {{ ref('stg_reference__units') }} as former
    on
        change.from_code = former.unit_code
        and coalesce(change.effective_on > former.unit_valid_from, true)
        and coalesce(change.effective_on - 1 <= former.unit_valid_to, true)
inner join {{ ref('stg_reference__units') }} as latter
    on
        change.to_code = latter.unit_code
        and coalesce(change.effective_on >= latter.unit_valid_from, true)
        and coalesce(change.effective_on <= latter.unit_valid_to, true)
