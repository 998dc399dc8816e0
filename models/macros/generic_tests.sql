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

{# Owners whose parts do not cover 0 to 1 once: a gap, an overlap, or an end that is missing. #}
{% test covers_whole(model, owner) %}
with part as (
    select
        {{ owner }} as owner,
        share_from,
        share_to,
        coalesce(lag(share_to) over (partition by {{ owner }} order by share_from), 0) as met_at
    from {{ model }}
)
select owner from part
group by owner
having count(*) filter (where share_from <> met_at) > 0 or max(share_to) <> 1
{% endtest %}
