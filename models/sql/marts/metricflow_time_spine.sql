-- Every day that a metric may be asked for; the metric layer needs it to be gapless.
with days as (
    {{ dbt.date_spine('day', "cast('2005-01-01' as date)", "cast('2036-01-01' as date)") }}
)

select cast(date_day as date) as date_day
from days
