{# Working minutes from the start of the calendar to a moment: the minutes before its day and
   those of the day itself. `cal` is the alias of dim_calendar joined on the moment's date. #}
{% macro working_minutes_at(moment, cal) -%}
({{ cal }}.working_minutes_before + case when {{ cal }}.is_working_day then
    greatest(0, least(
        {{ minutes_between("time '" ~ var('morning_open') ~ "'", moment) }},
        {{ minutes_of('morning') }}))
    + greatest(0, least(
        {{ minutes_between("time '" ~ var('afternoon_open') ~ "'", moment) }},
        {{ minutes_of('afternoon') }}))
else 0 end)
{%- endmacro %}

{# Minutes from a time of day to a moment of that day, negative before it. #}
{% macro minutes_between(opening, moment) -%}
{{ return(adapter.dispatch('minutes_between', 'motcua')(opening, moment)) }}
{%- endmacro %}

{% macro default__minutes_between(opening, moment) -%}
floor((extract(epoch from cast({{ moment }} as time)) - extract(epoch from {{ opening }})) / 60)
{%- endmacro %}

{# Length of a session in minutes. #}
{% macro minutes_of(session) -%}
(extract(epoch from time '{{ var(session ~ '_close') }}')
    - extract(epoch from time '{{ var(session ~ '_open') }}')) / 60
{%- endmacro %}
