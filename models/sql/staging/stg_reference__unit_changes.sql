select
    listed.change_id,
    listed.kind,
    cast(coalesce(edit.effective_date, listed.effective_date) as date) as effective_on,
    coalesce(edit.date_is_assumed, listed.date_is_assumed) = 'true' as is_date_assumed,
    listed.from_code,
    listed.to_code,
    cast(coalesce(edit.share, listed.share) as double) as share,
    coalesce(edit.share_is_assumed, listed.share_is_assumed) = 'true' as is_share_assumed,
    listed.is_default = 'true' as is_default,
    coalesce(edit.source, listed.source) as source,
    listed.note,
    edit.change_id is not null as is_edited
from {{ ref('unit_changes') }} as listed
left join {{ source('edited', 'unit_change_edit') }} as edit on listed.change_id = edit.change_id
