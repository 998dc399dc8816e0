-- The record is kept as it was sent: its month is read out of the text. A mended one is in the
-- log by now.
select
    source,
    feed,
    rule,
    field,
    known_at,
    cast(date_trunc('month', coalesce(
        {{ month_in('record', '"MaHoSo":"[^"]*-([0-9]{4})[0-9]{2}-[0-9]+"', century='20') }},
        {{ month_in('record', '"NgayTiepNhan":"([0-9]{4}-?[0-9]{2})') }},
        cast(known_at as date)
    )) as date) as month_on
from {{ source('log', 'quarantine') }}
where mended_at is null
