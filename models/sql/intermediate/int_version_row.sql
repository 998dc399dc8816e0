{{ config(materialized='incremental', incremental_strategy='by_row') }}
-- Which version of the log is of which dossier, so that an increment finds those of its scope.
{{ rows_by_dossier('dossier_version', 'versions_from') }}
