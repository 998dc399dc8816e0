-- A submission without an answer is not refused, and no submission without its day is counted.
select
    cast(submitted_at as date) as submitted_on,
    unit_key,
    level,
    field_code,
    procedure_code,
    channel,
    count(*) as submitted_n,
    count(*) filter (where state = 'not_accepted' and status_code = '3') as not_accepted_n,
    count(is_answered_in_time) as answer_due_n,
    count(*) filter (where is_answered_in_time) as answered_in_time_n
from {{ ref('fct_dossier') }}
where submitted_at is not null
group by 1, 2, 3, 4, 5, 6
