{# Days and numbers, where engines differ. #}

{# Every day from one to another, both included: an expression for the select list. #}
{% macro each_day(first_on, last_on) -%}
{{ return(adapter.dispatch('each_day', 'motcua')(first_on, last_on)) }}
{%- endmacro %}

{% macro duckdb__each_day(first_on, last_on) -%}
cast(unnest(generate_series({{ first_on }}, {{ last_on }}, interval 1 day)) as date)
{%- endmacro %}

{# Every whole number from one up to, not including, another: for the select list. #}
{% macro each_number(first_n, end_n) -%}
{{ return(adapter.dispatch('each_number', 'motcua')(first_n, end_n)) }}
{%- endmacro %}

{% macro duckdb__each_number(first_n, end_n) -%}
unnest(range({{ first_n }}, {{ end_n }}))
{%- endmacro %}

{# Whether a day is a Sunday, the last day of a week. #}
{% macro is_sunday(day_on) -%}
{{ return(adapter.dispatch('is_sunday', 'motcua')(day_on)) }}
{%- endmacro %}

{% macro duckdb__is_sunday(day_on) -%}
isodow({{ day_on }}) = 7
{%- endmacro %}
