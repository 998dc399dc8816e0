-- The frozen calendar: which days the shops work, and why.
select
    cast(date as date) as day_on,
    is_working_day = '1' as is_working_day,
    kind,
    note
from {{ ref('calendar') }}
