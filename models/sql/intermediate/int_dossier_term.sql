-- What the clock needs of every accepted dossier that follows the Vietnamese calendar: the
-- schedule of its unit, reception, and the term of its procedure (empty: unknown).
select
    dossier.source,
    dossier.dossier_code,
    dossier.schedule_code,
    dossier.received_at,
    coalesce(short.term_value, sent.term_value) as term_value,
    coalesce(short.term_unit, sent.term_unit) as term_unit
from {{ ref('int_dossier_stated') }} as dossier
left join {{ ref('int_procedure_term') }} as short
    on
        dossier.procedure_short_code = short.procedure_code
        and dossier.channel = short.channel
        and cast(dossier.received_at as date) between short.valid_from and short.valid_to
left join {{ ref('int_procedure_term') }} as sent
    on
        dossier.procedure_sent_code = sent.procedure_code
        and dossier.channel = sent.channel
        and cast(dossier.received_at as date) between sent.valid_from and sent.valid_to
where dossier.is_accepted and dossier.schedule_code is not null and dossier.received_at is not null
