{# Units and their changes. #}

{# Where a dossier's code falls between 0 and 1: the upper 53 bits, all that a double holds, of the
   last eight bytes of its MD5, read from the last to the first. MD5 is the same on every engine and
   in every version; that it can be forged does no harm here. #}
{% macro place_of_code(dossier_code) -%}
{{ return(adapter.dispatch('place_of_code', 'motcua')(dossier_code)) }}
{%- endmacro %}

{% macro duckdb__place_of_code(dossier_code) -%}
cast(md5_number_lower({{ dossier_code }}) >> 11 as double) * pow(2, -53)
{%- endmacro %}
