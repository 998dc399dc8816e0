{# A moment's date with day and month exchanged; empty where that is no date or the same one. #}
{% macro exchanged(moment) -%}
case
    when extract(day from {{ moment }}) <= 12
        and extract(day from {{ moment }}) <> extract(month from {{ moment }})
        then make_date(
            cast(extract(year from {{ moment }}) as bigint),
            cast(extract(day from {{ moment }}) as bigint),
            cast(extract(month from {{ moment }}) as bigint))
end
{%- endmacro %}

{# Whether a moment lies outside the days its dossier's code allows while the exchanged date lies
   within them; empty where the date cannot be exchanged or the code bears none. #}
{% macro is_exchanged(moment, code_on) -%}
case when {{ exchanged(moment) }} is not null then
    not cast({{ moment }} as date)
        between {{ code_on }} and {{ code_on }} + {{ var('pattern_code_days') }}
    and {{ exchanged(moment) }}
        between {{ code_on }} and {{ code_on }} + {{ var('pattern_code_days') }}
end
{%- endmacro %}

{# Chernoff's bound: how surprising so large a share is where `chance` is the rule, as -ln(p). #}
{% macro surprise(records_n, share, chance) -%}
case when {{ share }} <= {{ chance }} then 0 else
    {{ records_n }} * (
        {{ share }} * ln({{ share }} / {{ chance }})
        + case when {{ share }} >= 1 then 0
            else (1 - {{ share }}) * ln((1 - {{ share }}) / (1 - {{ chance }})) end)
end
{%- endmacro %}

{# Signs a dossier can show by itself: mark, pattern, field of the record. #}
{% macro pattern_signs() -%}
{{ return([
    ('is_received_midnight', 'midnight_only', 'NgayTiepNhan'),
    ('is_finished_midnight', 'midnight_only', 'NgayKetThucXuLy'),
    ('is_received_when_submitted', 'reception_equals_submission', 'NgayTiepNhan'),
    ('is_received_at_night', 'hours_never_exceed_12', 'NgayTiepNhan'),
    ('is_finished_at_night', 'hours_never_exceed_12', 'NgayKetThucXuLy'),
    ('is_submitted_exchanged', 'day_month_swap', 'NgayNopHoSo'),
    ('is_received_exchanged', 'day_month_swap', 'NgayTiepNhan'),
    ('is_fee_without_payment', 'constant_flag', 'DuocThanhToanTrucTuyen'),
    ('is_payment_without_fee', 'constant_flag', 'DuocThanhToanTrucTuyen'),
    ('is_digitized_denied', 'constant_flag', 'HoSoCoThanhPhanSoHoa'),
    ('is_digitized_claimed', 'constant_flag', 'HoSoCoThanhPhanSoHoa'),
]) }}
{%- endmacro %}

{% macro pattern_marks() -%}
{{ return(pattern_signs() | map(attribute=0) | list) }}
{%- endmacro %}
