-- The dossiers in an increment's scope as the build before left them.
-- depends_on: {{ ref('int_dossier_scope') }}
{% if is_increment() %}
select *
from main.fct_dossier
where rowid in (
    select kept.rowid
    from main.fct_dossier as kept
    inner join {{ ref('int_dossier_scope') }} as scope on kept.dossier_key = scope.dossier_key
)
{% else %}
select 0 as dossier_key
where false
{% endif %}
