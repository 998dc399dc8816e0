-- All steps of the dossiers in an increment's scope.
-- depends_on: {{ ref('int_dossier_scope') }}, {{ ref('int_dossier_before') }}
-- depends_on: {{ ref('int_wait_before') }}
select step.*
from {{ source('log', 'progress') }} as step
where
    {% if is_increment() %}
    step.rowid in (
        select known.rowid
        from {{ source('log', 'progress') }} as known
        inner join {{ ref('int_dossier_scope') }} as scope
            on known.source = scope.source and known.dossier_code = scope.dossier_code
    )
    {% else %}
    false
    {% endif %}
