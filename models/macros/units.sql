{# Units and their changes. #}

{# Where a dossier's code falls between 0 and 1: the first 53 of the last 64 bits of its MD5, all
   that a double holds. MD5 is the same on every engine, in every version and build; that it can be
   forged does no harm here. #}
{% macro place_of_code(dossier_code) -%}
{{ return(adapter.dispatch('place_of_code', 'motcua')(dossier_code)) }}
{%- endmacro %}

{% macro duckdb__place_of_code(dossier_code) -%}
cast(md5_number_lower({{ dossier_code }}) >> 11 as double) * pow(2, -53)
{%- endmacro %}
