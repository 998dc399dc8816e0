-- Dossiers held back, counted by the month they are of and the rule they broke. A view: the log of
-- quarantine grows with every pull, while a day loaded twice changes no table.
{{ config(materialized='view') }}
with spoken as (
    select
        source,
        max_by(units, pull_id) as units
    from {{ ref('stg_log__outcome') }}
    where feed = 'dossiers'
    group by source
)

select
    held.source,
    spoken.units,
    held.month_on,
    held.rule,
    count(*) as quarantined_n
from {{ ref('stg_log__quarantine') }} as held
left join spoken on held.source = spoken.source
where held.feed = 'dossiers'
group by held.source, spoken.units, held.month_on, held.rule
