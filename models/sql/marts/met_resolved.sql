-- A dossier of an unknown procedure is resolved, but nothing says whether a result is due: it
-- stands apart, and the lenient count takes it as bearing one (domain §11).
select
    cast(finished_at as date) as finished_on,
    unit_key,
    level,
    field_code,
    procedure_code,
    channel,
    count(*) as resolved_n,
    count(*) filter (where yields_result) as result_due_n,
    count(*) filter (where yields_result and has_e_result) as e_result_n,
    count(*) filter (where yields_result is null) as result_unknown_n,
    count(*) filter (where yields_result is not null) as result_known_n,
    count(*) filter (
        where has_digitized_component and yields_result is not null
        and (not yields_result or has_e_result)
    ) as digitized_full_n,
    count(*) filter (
        where not coalesce(yields_result, true) or has_e_result
    ) as e_result_lenient_n
from {{ ref('fct_dossier') }}
where state = 'resolved'
group by 1, 2, 3, 4, 5, 6
