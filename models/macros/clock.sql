{# The clock: everything is looked up in int_worktime_day. `cal` is the alias of its row for the
   day of a moment and the schedule of the unit; moments are to the second. #}

{# Seconds after midnight. #}
{% macro second_of_day(moment) -%}
{{ return(adapter.dispatch('second_of_day', 'motcua')(moment)) }}
{%- endmacro %}

{% macro duckdb__second_of_day(moment) -%}
((epoch_us({{ moment }}) // 1000000) % 86400)
{%- endmacro %}

{# Seconds after midnight of a time of day given as text, `07:30:00`. #}
{% macro second_of_time(text) -%}
{{ second_of_day("(date '2000-01-01' + cast(" ~ text ~ " as time))") }}
{%- endmacro %}

{# The moment so many seconds after the midnight that begins a day. #}
{% macro moment_on(day_on, second_n) -%}
{{ return(adapter.dispatch('moment_on', 'motcua')(day_on, second_n)) }}
{%- endmacro %}

{% macro duckdb__moment_on(day_on, second_n) -%}
(cast({{ day_on }} as timestamp) + to_seconds({{ second_n }}))
{%- endmacro %}

{# Working seconds from the start of the calendar to a moment: those before its day and those of
   each session. On a day off no session ever opens. #}
{% macro working_seconds_at(moment, cal) -%}
({{ cal }}.seconds_before
    + greatest(0, least(
        {{ second_of_day(moment) }} - {{ cal }}.opens_1, {{ cal }}.closes_1 - {{ cal }}.opens_1))
    + greatest(0, least(
        {{ second_of_day(moment) }} - {{ cal }}.opens_2, {{ cal }}.closes_2 - {{ cal }}.opens_2)))
{%- endmacro %}

{# Working seconds of a dossier from reception to finish; a finish of day precision counts to the
   close of its day. #}
{% macro worked_seconds(dossier, reception_day, finish_day) -%}
{{ working_seconds_at(
    'case when ' ~ dossier ~ '.is_finished_at_day then '
    ~ moment_on('cast(' ~ dossier ~ '.finished_at as date)', '86399')
    ~ ' else ' ~ dossier ~ '.finished_at end',
    finish_day
) }}
- {{ working_seconds_at(dossier ~ '.received_at', reception_day) }}
{%- endmacro %}

{# Whether a moment lies in a session, its end included, its start not. #}
{% macro is_worked_moment(moment, cal) -%}
(({{ second_of_day(moment) }} > {{ cal }}.opens_1
    and {{ second_of_day(moment) }} <= {{ cal }}.closes_1)
    or ({{ second_of_day(moment) }} > {{ cal }}.opens_2
    and {{ second_of_day(moment) }} <= {{ cal }}.closes_2))
{%- endmacro %}

{# The first moment by which so many working seconds have passed, from a row of
   int_worktime_bucket: the end of a session, not the start of the next one. #}
{% macro moment_at_seconds(seconds_n, cal) -%}
{%- set left -%}
{{ seconds_n }} - {{ cal }}.seconds_before
{%- endset -%}
{{ moment_on(cal ~ '.day_on',
    'case when ' ~ left ~ ' <= ' ~ cal ~ '.closes_1 - ' ~ cal ~ '.opens_1 then '
    ~ cal ~ '.opens_1 + ' ~ left ~ ' else ' ~ cal ~ '.opens_2 + ' ~ left ~ ' - ('
    ~ cal ~ '.closes_1 - ' ~ cal ~ '.opens_1) end') }}
{%- endmacro %}

{# The buckets of working time in which int_worktime_bucket is looked up: four hours each. #}
{% macro bucket_of(seconds_n) -%}
{{ return(adapter.dispatch('bucket_of', 'motcua')(seconds_n)) }}
{%- endmacro %}

{% macro duckdb__bucket_of(seconds_n) -%}
(({{ seconds_n }}) // 14400)
{%- endmacro %}

{# The value of a rule on a day, from dim_rule. #}
{% macro rule_on(rule, day_on) -%}
(
    select dim_rule.value from {{ ref('dim_rule') }} as dim_rule
    where
        dim_rule.rule = '{{ rule }}'
        and {{ day_on }} between dim_rule.valid_from and dim_rule.valid_to
)
{%- endmacro %}
