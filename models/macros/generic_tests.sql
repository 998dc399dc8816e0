{# Rows whose value is below `low` or above `high`, each a number or a column. #}
{% test is_within(model, column_name, low, high) %}
select {{ column_name }} from {{ model }}
where {{ column_name }} < {{ low }} or {{ column_name }} > {{ high }}
{% endtest %}

{# Rows whose parts do not make the total. #}
{% test adds_up(model, total, parts) %}
select * from {{ model }} where {{ total }} <> {{ parts | join(' + ') }}
{% endtest %}

{# Combinations that stand more than once, or have an empty part: together the grain of a table. #}
{% test is_key(model, columns) %}
select {{ columns | join(', ') }}, count(*) as rows_n
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1 or {{ columns | join(' is null or ') }} is null
{% endtest %}
