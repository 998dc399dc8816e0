{# Lists inside a record (components, fees, supplements, results). Each item is called `item` in
   the text given. Spark and Trino have the same functions under other names: a second engine
   adds its `<adapter>__…` beside ours. #}

{# The items for which the condition holds. #}
{% macro items_where(items, condition) -%}
{{ return(adapter.dispatch('items_where', 'motcua')(items, condition)) }}
{%- endmacro %}

{% macro duckdb__items_where(items, condition) -%}
list_filter({{ items }}, lambda item: {{ condition }})
{%- endmacro %}

{# One value of each item, in the order of the items. #}
{% macro items_as(items, expression) -%}
{{ return(adapter.dispatch('items_as', 'motcua')(items, expression)) }}
{%- endmacro %}

{% macro duckdb__items_as(items, expression) -%}
list_transform({{ items }}, lambda item: {{ expression }})
{%- endmacro %}

{# How many items; empty for an absent list. #}
{% macro items_n(items) -%}
{{ return(adapter.dispatch('items_n', 'motcua')(items)) }}
{%- endmacro %}

{% macro duckdb__items_n(items) -%}
len({{ items }})
{%- endmacro %}

{# The sum of one value of each item; empty where nothing is to be added. #}
{% macro items_sum(items, expression) -%}
{{ return(adapter.dispatch('items_sum', 'motcua')(items, expression)) }}
{%- endmacro %}

{% macro duckdb__items_sum(items, expression) -%}
list_sum({{ items_as(items, expression) }})
{%- endmacro %}

{# The first and the last value given in a field, in the order of another field and then of the
   value: what the lists say does not depend on the order in which they were sent. #}
{% macro first_given(items, order_field, field) -%}
{{ return(adapter.dispatch('first_given', 'motcua')(items, order_field, field)) }}
{%- endmacro %}

{% macro duckdb__first_given(items, order_field, field) -%}
{{ duckdb__values_given(items, order_field, field) }}[1]
{%- endmacro %}

{# The n-th item in the order of a field that is given: a record of that field as `place` and
   another as `value`; empty where there are not so many. #}
{% macro nth_item(items, order_field, field, n) -%}
{{ return(adapter.dispatch('nth_item', 'motcua')(items, order_field, field, n)) }}
{%- endmacro %}

{% macro duckdb__nth_item(items, order_field, field, n) -%}
list_sort({{ items_as(
    items_where(items, 'item.' ~ order_field ~ ' is not null'),
    "{'place': item." ~ order_field ~ ", 'value': item." ~ field ~ "}"
) }})[{{ n }}]
{%- endmacro %}

{% macro last_given(items, order_field, field) -%}
{{ return(adapter.dispatch('last_given', 'motcua')(items, order_field, field)) }}
{%- endmacro %}

{% macro duckdb__last_given(items, order_field, field) -%}
{{ duckdb__values_given(items, order_field, field) }}[-1]
{%- endmacro %}

{% macro duckdb__values_given(items, order_field, field) -%}
{%- set pairs -%}
list_sort({{ items_as(items, "{'place': item." ~ order_field ~ ", 'value': item." ~ field ~ "}") }})
{%- endset -%}
{{ items_where(items_as(pairs, 'item.value'), 'item is not null') }}
{%- endmacro %}

{# One row per item of a list: an expression for the select list. #}
{% macro each_item(items) -%}
{{ return(adapter.dispatch('each_item', 'motcua')(items)) }}
{%- endmacro %}

{% macro duckdb__each_item(items) -%}
unnest({{ items }})
{%- endmacro %}
