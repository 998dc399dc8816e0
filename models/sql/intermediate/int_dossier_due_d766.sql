-- Where no due date was sent, Decision 766 holds finish − reception − supplement time against the
-- term (domain §11): the due date by the term, moved by the one supplement that a dossier in time
-- may have. Status 6 stops nothing here; a request never answered lasts until the closing.
with dossier as (
    select
        source,
        dossier_code,
        first_requested_at as from_at,
        coalesce(first_answered_at, closed_at) as until_at
    from {{ ref('int_dossier_stated') }}
    where is_accepted and due_at is null
),

due as (
    select first.*
    from {{ ref('int_dossier_due_first') }} as first
    inner join dossier
        on first.source = dossier.source and first.dossier_code = dossier.dossier_code
),

supplement as (
    select *
    from dossier
    where until_at > from_at
),

waited as (
    {{ waited_before_due('due', 'supplement') }}
)

{{ move_due_dates('due', 'waited') }}
