-- Under the rule `restart`: the due date of the full term from the end of each wait.
{{ due_without_waits(
    '(select term.source, term.dossier_code, term.schedule_code, wait.until_at as started_at,'
    ~ ' term.term_value, term.term_unit'
    ~ ' from ' ~ ref('int_dossier_term') ~ ' as term'
    ~ ' inner join ' ~ ref('int_worktime_day') ~ ' as day'
    ~ ' on term.schedule_code = day.schedule_code'
    ~ ' and cast(term.received_at as date) = day.day_on'
    ~ " and day.wait_rule = 'restart'"
    ~ ' inner join ' ~ ref('int_wait_merged') ~ ' as wait'
    ~ ' on ' ~ dossier_key('term') ~ ' = ' ~ dossier_key('wait')
    ~ ' and wait.until_at > term.received_at'
    ~ ' where term.term_unit is not null)'
) }}
