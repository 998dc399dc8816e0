-- How far the data speaks: a pull up to midnight speaks for the day before.
select
    max(speaks_until_at) as data_as_of_at,
    cast(max(speaks_until_at) - interval 1 second as date) as data_as_of_on,
    min(fetched_at) as first_fetched_at
from {{ ref('stg_log__outcome') }}
where status in ('ok', 'partial')
