-- All versions of the dossiers in an increment's scope; `is_new` came since the build before.
-- depends_on: {{ ref('int_dossier_scope') }}, {{ ref('int_dossier_before') }}
-- depends_on: {{ ref('int_wait_before') }}
select
    version.*,
    {{ 'version.rowid >= (select versions_from from build.state)' if is_increment() else 'true' }}
        as is_new
from {{ source('log', 'dossier_version') }} as version
where
    {% if is_increment() %}
    version.rowid in (
        select known.rowid
        from {{ source('log', 'dossier_version') }} as known
        inner join {{ ref('int_dossier_scope') }} as scope
            on known.source = scope.source and known.dossier_code = scope.dossier_code
    )
    {% else %}
    false
    {% endif %}
