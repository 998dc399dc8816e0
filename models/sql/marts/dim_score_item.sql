-- Items of the score of Decision 766 with their parameters; a later version replaces an earlier.
select
    item,
    item_group,
    cast(position as integer) as position,
    cast(max_points as decimal(5, 2)) as max_points,
    metric,
    definition,
    cast(target as decimal(7, 6)) as target,
    rule,
    zero_denominator,
    feed,
    cast(valid_from as date) as valid_from,
    label_vi,
    label_en,
    needs_vi,
    needs_en,
    source,
    note
from {{ ref('score766') }}
