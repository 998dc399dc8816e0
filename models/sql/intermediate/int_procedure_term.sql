-- The term in force per procedure, channel and day of reception, without overlap: a term given
-- for the channel goes before one for all, the newer before the older.
with channel as (
    select distinct channel
    from {{ ref('int_dossier_current') }}
),

offered as (
    select
        term.procedure_code,
        channel.channel,
        term.term_value,
        term.term_unit,
        term.valid_from,
        term.valid_to,
        term.channel is not null as is_own
    from {{ ref('stg_reference__procedure_terms') }} as term
    inner join channel on coalesce(term.channel, channel.channel) = channel.channel
),

-- days on which the term in force may change
edge as (
    select
        procedure_code,
        channel,
        valid_from as from_on
    from offered
    union
    select
        procedure_code,
        channel,
        valid_to + 1 as from_on
    from offered
    where valid_to < date '9999-12-31'
),

span as (
    select
        *,
        lead(from_on) over (partition by procedure_code, channel order by from_on) as until_on
    from edge
),

ranked as (
    select
        span.procedure_code,
        span.channel,
        span.from_on as valid_from,
        coalesce(span.until_on - 1, date '9999-12-31') as valid_to,
        offered.term_value,
        offered.term_unit,
        row_number() over (
            partition by span.procedure_code, span.channel, span.from_on
            order by
                offered.is_own desc, offered.valid_from desc,
                offered.term_unit asc, offered.term_value asc
        ) as place
    from span
    inner join offered
        on
            span.procedure_code = offered.procedure_code
            and span.channel = offered.channel
            and span.from_on between offered.valid_from and offered.valid_to
)

select
    procedure_code,
    channel,
    valid_from,
    valid_to,
    term_value,
    term_unit
from ranked
where place = 1
