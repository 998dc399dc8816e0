{{ config(materialized='incremental', incremental_strategy='by_dossier') }}
-- One row per step of a known dossier.
select
    dossier.dossier_key,
    step.source,
    step.dossier_code,
    dossier.unit_key,
    step.step_at,
    step.status_code,
    step.office_name_vi,
    step.title_vi,
    step.started_at,
    step.step_due_at
from {{ ref('stg_log__progress') }} as step
inner join {{ dossiers_counted() }} as dossier
    on step.source = dossier.source and step.dossier_code = dossier.dossier_code
where dossier.sign = 1
