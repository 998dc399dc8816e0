{# The order of the versions of a dossier, newest first (domain §2): total, and independent of
   the order of arrival. #}
{% macro newest_version_first() -%}
source_updated_at desc nulls last, latest_event_at desc nulls last, is_closed desc,
file desc, position desc, content_hash desc
{%- endmacro %}
