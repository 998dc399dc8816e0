-- The dossiers in an increment's scope as the build before left them.
-- depends_on: {{ ref('int_dossier_scope') }}
{{ left_before('fct_dossier') }}
