-- When each dossier is due by its term, had nobody waited (domain §3).
{{ due_without_waits(
    '(select source, dossier_code, schedule_code, received_at as started_at, term_value, term_unit'
    ~ ' from ' ~ ref('int_dossier_term') ~ ' where term_unit is not null)'
) }}
