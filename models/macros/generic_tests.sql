{% test is_within(model, column_name, low, high) %}
select {{ column_name }} from {{ model }}
where {{ column_name }} < {{ low }} or {{ column_name }} > {{ high }}
{% endtest %}

{% test adds_up(model, total, parts) %}
select * from {{ model }} where {{ total }} <> {{ parts | join(' + ') }}
{% endtest %}
