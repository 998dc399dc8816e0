-- The waits of the dossiers in an increment's scope as the build before left them.
-- depends_on: {{ ref('int_dossier_scope') }}
{% if is_increment() %}
select *
from main.int_wait_merged
where dossier_key in (select dossier_key from {{ ref('int_dossier_scope') }})
{% else %}
select 0 as dossier_key
where false
{% endif %}
