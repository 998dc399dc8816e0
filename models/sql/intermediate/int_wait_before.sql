-- The waits of the dossiers in an increment's scope as the build before left them.
-- depends_on: {{ ref('int_dossier_scope') }}
{{ left_before('int_wait_merged') }}
