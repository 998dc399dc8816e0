-- depends_on: {{ ref('dim_unit_successor') }}
-- depends_on: {{ ref('int_as_of') }}
-- The dossiers that an increment computes: those of which something came since the build before,
-- submissions whose answer was not due then, and what was not closed when its unit ended. Empty
-- where a build is whole.
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
    union
    select
        source,
        dossier_code
    from main.fct_dossier
    where
        closed_at is null
        and unit_key in (
            select handed_over.unit_key
            from {{ ref('dim_unit_successor') }} as handed_over
            cross join build.state as before
            cross join {{ ref('int_as_of') }} as data
            where
                before.data_as_of_on < handed_over.from_on
                and data.data_as_of_on >= handed_over.from_on
        )
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
