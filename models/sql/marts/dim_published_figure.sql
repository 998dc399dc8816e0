-- Figures the province published, each with what of ours it is to be read against.
select
    cast(meant.position as integer) as position,
    meant.topic,
    published.figure,
    published.scope,
    cast(published.as_of as date) as as_of_on,
    meant.label_vi,
    meant.label_en,
    published.unit,
    -- a share is a fraction from 0 to 1 here as everywhere
    case when published.unit = 'percent' then 0.01 else 1 end
    * cast(published.value as double) as published_value,
    case when published.unit = 'percent' then 0.01 else 1 end
    * cast(meant.rounded_to as double) as rounded_to_value,
    meant.source,
    meant.basis,
    meant.metric,
    meant.definition,
    meant.level,
    cast(meant.date_from as date) as first_on,
    cast(meant.date_to as date) as last_on,
    meant.comparison,
    meant.note_vi,
    meant.note_en
from {{ ref('published_figures') }} as published
inner join {{ ref('published_metrics') }} as meant
    on
        published.as_of = meant.as_of
        and published.figure = meant.figure
        and published.scope = meant.scope
