-- depends_on: {{ ref('int_step_scope') }}
select
    source,
    dossier_code,
    step_at,
    status_code,
    office_name_vi,
    title_vi,
    started_at,
    step_due_at,
    content_hash,
    known_at
from {{ told('progress', ref('int_step_scope')) }}
