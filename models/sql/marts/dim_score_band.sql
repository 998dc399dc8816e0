-- Bands of the score of Decision 766, from a share of the measurable points on.
select
    band,
    cast(least_share as decimal(7, 6)) as least_share,
    cast(least_measurable_points as decimal(5, 2)) as least_measurable_points,
    cast(valid_from as date) as valid_from,
    label_vi,
    label_en,
    source,
    note
from {{ ref('score766_bands') }}
