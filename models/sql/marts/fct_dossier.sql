{{ config(materialized='incremental', incremental_strategy='by_dossier') }}
-- One row per dossier as it is known now.
with located as (
    select
        dossier.*,
        {{ items_where('dossier.components_kept', 'item.is_digitized') }} as components_digitized,
        {{ items_where('dossier.components_kept', 'item.is_reused') }} as components_reused,
        {{ items_where('dossier.components_kept', 'item.is_from_store') }} as components_stored,
        coalesce(short.procedure_code, sent.procedure_code, dossier.procedure_sent_code)
            as procedure_code,
        coalesce(short.yields_result, sent.yields_result) as yields_result,
        coalesce(dossier.field_sent_code, short.field_code, sent.field_code, 'unknown')
            as field_code,
        -- a unit that is not the province's comes from the data
        coalesce(unit.level, 'open') as level
    from {{ ref('int_dossier_placed') }} as dossier
    left join {{ ref('stg_reference__procedures') }} as sent
        on dossier.procedure_sent_code = sent.procedure_code
    left join {{ ref('stg_reference__procedures') }} as short
        on dossier.procedure_short_code = short.procedure_code
    left join {{ ref('stg_reference__units') }} as unit on dossier.unit_key = unit.unit_key
)

select
    {{ dossier_key('located') }} as dossier_key,
    located.source,
    located.dossier_code,
    located.unit_key,
    located.unit_code,
    located.unit_valid_from,
    located.today_unit_key,
    located.is_restated,
    located.responsible_unit_key,
    located.level,
    located.field_code,
    located.procedure_code,
    located.yields_result,
    located.channel,
    located.is_channel_assumed,
    located.is_unit_name_different,
    located.is_status_from_step,
    located.yields_result is null as is_procedure_unknown,
    located.is_received_at_day as is_received_day,
    located.status_code,
    located.state,
    located.is_accepted,
    located.submitted_at,
    located.received_at,
    located.due_original_at,
    located.due_at,
    located.is_due_day,
    located.due_moment_at,
    located.due_d766_at,
    computed.due_computed_at,
    located.first_requested_at,
    located.first_answered_at,
    located.late_by_request_at,
    located.has_waited_without_new_due,
    case when located.state = 'resolved' then located.finished_at end as finished_at,
    located.is_finish_from_return,
    located.is_finished_at_day as is_finished_day,
    located.returned_at,
    located.closed_at,
    located.is_closed_day,
    located.class_ii06a,
    located.class_ii06a_vendor,
    located.class_half_day,
    located.class_instant,
    located.class_d766,
    cast(case when located.state = 'resolved' then located.working_seconds // 60 end as bigint)
        as working_minutes,
    cast(located.full_day_seconds // 60 as bigint) as full_day_minutes,
    coalesce({{ items_n('located.components_kept') }}, 0) as components_n,
    coalesce({{ items_n('located.components_digitized') }}, 0) as digitized_components_n,
    coalesce(
        case
            when {{ items_n('located.components_kept') }} > 0
                then {{ items_n('located.components_digitized') }} > 0
            else coalesce(located.has_digitized_component, located.digitized_flag = '1')
        end,
        false
    ) as has_digitized_component,
    coalesce(
        case
            when {{ items_n('located.components_kept') }} > 0
                then {{ items_n('located.components_reused') }} > 0
            else located.has_reused_component
        end,
        false
    ) as has_reused_component,
    coalesce({{ items_n('located.components_stored') }}, 0) > 0 as has_stored_component,
    located.has_e_result,
    coalesce(located.vneid_flag = '1', false) as is_vneid,
    located.fee_amount,
    coalesce(located.fee_amount > 0, false) as has_fee,
    coalesce(located.fee_amount > 0 and located.online_payment_code in ('1', '2'), false)
        as is_paid_online,
    answer.is_in_time as is_answered_in_time,
    located.state = 'resolved' and located.returned_at is not null as is_returned,
    located.state = 'resolved'
    and located.returned_at is not null
    and coalesce(located.return_method_code = '1', false) as is_returned_by_post,
    located.supplement_n,
    located.source_updated_at,
    located.known_at
from located
left join {{ ref('int_dossier_due') }} as computed
    on located.source = computed.source and located.dossier_code = computed.dossier_code
left join {{ ref('int_dossier_answered') }} as answer
    on located.source = answer.source and located.dossier_code = answer.dossier_code
-- kept in the order of reception: a day's change then touches a stretch of the table
order by located.received_at
