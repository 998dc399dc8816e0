-- All steps of the dossiers in an increment's scope.
-- depends_on: {{ ref('int_dossier_scope') }}, {{ ref('int_dossier_before') }}
-- depends_on: {{ ref('int_wait_before') }}, {{ ref('int_step_row') }}
select step.*
from {{ source('log', 'progress') }} as step
where {{ is_in_scope('step', 'int_step_row') }}
