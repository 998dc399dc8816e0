-- The dossiers that an increment computes: those of which something came since the build before,
-- and submissions whose answer was not due then. Empty where a build is whole.
{% if is_increment() %}
with came as (
    select
        version.source,
        version.dossier_code
    from {{ source('log', 'dossier_version') }} as version
    where version.rowid >= (select versions_from from build.state)
    union
    select
        step.source,
        step.dossier_code
    from {{ source('log', 'progress') }} as step
    where step.rowid >= (select steps_from from build.state)
    union
    select
        source,
        dossier_code
    from main.fct_dossier
    where
        state = 'not_accepted'
        and status_code = '1'
        and channel = '2'
        and submitted_at is not null
        and is_answered_in_time is null
)

{% else %}
with came as (
    select
        source,
        dossier_code
    from {{ source('log', 'dossier_version') }}
    where false
    union all
    select
        source,
        dossier_code
    from {{ source('log', 'progress') }}
    where false
)

{% endif %}
select
    {{ dossier_key('came') }} as dossier_key,
    source,
    dossier_code
from came
