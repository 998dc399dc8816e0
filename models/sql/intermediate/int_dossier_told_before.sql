-- The newest version of every dossier in an increment's scope that was known to the build before.
select *
from {{ ref('stg_log__dossier_version') }}
where not is_new
qualify row_number() over (
    partition by source, dossier_code order by {{ newest_version_first() }}
) = 1
