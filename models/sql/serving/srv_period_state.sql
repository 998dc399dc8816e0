-- Who signed or corrected the form of a period, and when. A view: closing a period adds to the
-- log and to a new snapshot without a build of the models.
select
    form,
    period,
    first_on,
    last_on,
    unit_code,
    unit_valid_from,
    state_n,
    state,
    stated_by,
    stated_at,
    note,
    snapshot,
    data_as_of_on,
    rules_hash
from {{ source('log', 'period_state') }}
