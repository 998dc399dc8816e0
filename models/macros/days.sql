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

{# Day of the week by ISO 8601: 1 Monday to 7 Sunday. #}
{% macro weekday_of(day_on) -%}
{{ return(adapter.dispatch('weekday_of', 'motcua')(day_on)) }}
{%- endmacro %}

{% macro duckdb__weekday_of(day_on) -%}
isodow({{ day_on }})
{%- endmacro %}

{# The day so many months later: the same number, else the last of that month. #}
{% macro month_after(day_on, months_n) -%}
{{ return(adapter.dispatch('month_after', 'motcua')(day_on, months_n)) }}
{%- endmacro %}

{% macro duckdb__month_after(day_on, months_n) -%}
cast({{ day_on }} + to_months({{ months_n }}) as date)
{%- endmacro %}

{# The first day of every month, quarter or year from the one of a day to that of another: for the
   select list. #}
{% macro each_period(kind, first_on, last_on) -%}
{{ return(adapter.dispatch('each_period', 'motcua')(kind, first_on, last_on)) }}
{%- endmacro %}

{% macro duckdb__each_period(kind, first_on, last_on) -%}
{%- set months = {'month': 1, 'quarter': 3, 'year': 12}[kind] -%}
cast(unnest(generate_series(
    cast(date_trunc('{{ kind }}', {{ first_on }}) as timestamp),
    cast({{ last_on }} as timestamp),
    interval {{ months }} month
)) as date)
{%- endmacro %}

{# The first day of the month that a pattern finds in a text as year and month; empty if none. #}
{% macro month_in(text, pattern, century='') -%}
{{ return(adapter.dispatch('month_in', 'motcua')(text, pattern, century)) }}
{%- endmacro %}

{% macro duckdb__month_in(text, pattern, century) -%}
cast(try_strptime(
    '{{ century }}' || replace(regexp_extract({{ text }}, '{{ pattern }}', 1), '-', '') || '01',
    '%Y%m%d'
) as date)
{%- endmacro %}
