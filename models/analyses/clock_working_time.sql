-- Working time from reception to finish, alone, as int_dossier_classified has it: for the bench
-- of the clock and for its comparison with the reference. Not built.
select
    dossier.source,
    dossier.dossier_code,
    {{ worked_seconds('dossier', 'reception_day', 'finish_day') }} as working_seconds
from {{ ref('int_dossier_stated') }} as dossier
left join {{ ref('int_worktime_day') }} as finish_day
    on
        dossier.schedule_code = finish_day.schedule_code
        and cast(dossier.finished_at as date) = finish_day.day_on
left join {{ ref('int_worktime_day') }} as reception_day
    on
        dossier.schedule_code = reception_day.schedule_code
        and cast(dossier.received_at as date) = reception_day.day_on
