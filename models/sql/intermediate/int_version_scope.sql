-- All versions of the dossiers in an increment's scope; `is_new` came since the build before.
-- depends_on: {{ ref('int_dossier_scope') }}, {{ ref('int_dossier_before') }}
-- depends_on: {{ ref('int_wait_before') }}, {{ ref('int_version_row') }}
select
    version.*,
    {{ 'version.rowid >= (select versions_from from build.state)' if is_increment() else 'true' }}
        as is_new
from {{ source('log', 'dossier_version') }} as version
where {{ is_in_scope('version', 'int_version_row') }}
