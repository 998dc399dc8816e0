-- The newest version of every dossier.
select *
from {{ ref('stg_log__dossier_version') }}
qualify row_number() over (
    partition by source, dossier_code order by {{ newest_version_first() }}
) = 1
