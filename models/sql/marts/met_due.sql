{% set cell = 'unit_key, level, field_code, procedure_code, channel' %}
-- Due dates themselves, on the day of reception: sent later than the term allows, moved, waited
-- for without a new date.
select
    cast(received_at as date) as received_on,
    {{ cell }},
    count(*) filter (where due_at is not null) as due_sent_n,
    count(*) filter (where due_at is not null and due_computed_at is not null) as due_known_n,
    count(*) filter (where cast(due_at as date) > cast(due_computed_at as date))
        as due_later_than_term_n,
    count(*) filter (where due_at <> due_original_at) as due_moved_n,
    count(*) filter (where has_waited_without_new_due) as waited_without_new_due_n
from {{ ref('fct_dossier') }}
where is_accepted
group by cast(received_at as date), {{ cell }}
