-- The figures kept of every form that was closed, each time it was; never changed afterwards.
select
    form,
    period,
    unit_code,
    unit_valid_from,
    snapshot,
    state,
    level,
    field_code,
    metric as figure,
    numerator as figure_n
from {{ source('log', 'published_figure') }}
where form is not null
