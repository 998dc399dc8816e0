"""The marts that a plan would give, counted here on their own, in an engine in memory.

Only the tables and columns that are asked for; days before `since` are left out.
"""

from __future__ import annotations

from datetime import date

import duckdb
import numpy as np
import polars as pl

from pipelines.settings import settings
from pipelines.simulator.course import RESOLVED
from pipelines.simulator.plan import DIGITS_ALL, DIGITS_FIRST, ELECTRONIC, Province
from pipelines.simulator.words import TITLES
from pipelines.worktime.vectorised import WorkClock

_ANSWER_HOURS = 8
# what a step tells of: the event, the status it bears, who acted (position in TITLES)
_STEPS = (
    ("accepted", "2", 0), ("transferred", "4", 1), ("wait1_from", "5", 1), ("wait1_to", "4", 1),
    ("wait2_from", "5", 1), ("wait2_to", "4", 1), ("appraised", "4", 1), ("approved", "4", 2),
    ("closed", "9", 1), ("returned", "10", 0),
)  # fmt: skip
_CELL = "unit_key, field_code, procedure_code, channel"
_MARTS = f"""
create table met_received as select cast(accepted as date) as received_on, {_CELL},
    count(*) as received_n, count(*) filter (where is_digitized) as digitized_n,
    count(*) filter (where channel = '2') as online_n
from dossier where accepted is not null group by all;
create table met_deadline as select cast(finished as date) as counted_on, 'ii06a' as definition,
    {_CELL}, count(*) as classified_n,
    count(*) filter (where cast(finished as date) < cast(due_last as date)) as early_n,
    count(*) filter (where cast(finished as date) = cast(due_last as date)) as on_time_n,
    count(*) filter (where cast(finished as date) > cast(due_last as date)) as late_n
from dossier where finished is not null group by all;
create table met_resolved as select cast(finished as date) as finished_on, {_CELL},
    count(*) filter (where yields_result) as result_due_n,
    count(*) filter (where yields_result and is_electronic) as e_result_n
from dossier where finished is not null group by all;
create table met_submitted as select cast(submitted as date) as submitted_on, {_CELL},
    count(answered_in_time) as answer_due_n,
    count(*) filter (where answered_in_time) as answered_in_time_n
from dossier where channel = '2' group by all;
create table met_stock as with sunday as (
    select cast(unnest(generate_series(date '{{first}}', date '{{last}}', interval 7 day)) as date)
        as period_end_on)
select period_end_on, {_CELL},
    count(*) filter (where cast(coalesce(closed, 'infinity') as date) > period_end_on) as open_n,
    count(*) filter (where cast(coalesce(closed, 'infinity') as date) > period_end_on
        and cast(due_last as date) < period_end_on) as overdue_n,
    count(*) filter (where finished is not null
        and cast(finished as date) <= period_end_on) as counter_n,
    count(*) filter (where finished is not null
        and cast(finished as date) < period_end_on - 7) as counter_over_7_n
from sunday inner join dossier on cast(accepted as date) <= period_end_on
    and cast(coalesce(returned, if(finished is null, closed, null), 'infinity') as date)
        > period_end_on
group by all;
create table fct_dossier as select dossier_key, unit_key, field_code, procedure_code, channel,
    if(finished is null, 'open', 'resolved') as state, finished as finished_at from dossier;
"""


def build_marts(
    plan: pl.DataFrame, province: Province, since: date, until: date
) -> duckdb.DuckDBPyConnection:
    """An engine with the marts of the dossiers submitted since a day, and the lists beside them."""
    connection = duckdb.connect()
    dossier = _describe(plan, province)
    connection.register("drawn", dossier)
    connection.execute("create table dossier as select * from drawn")
    connection.execute(_MARTS.format(first=_sunday(since), last=until))
    connection.register("told", _steps(dossier))
    connection.execute("create table fct_step as select * from told")
    for name, frame in _lists(province, until).items():
        connection.register("listed", frame)
        connection.execute(f"create table {name} as select * from listed")
    connection.execute(
        f"""create table dq_shop as select unit_key, max(greatest(submitted, coalesce(accepted,
            submitted), coalesce(closed, submitted), coalesce(returned, submitted)))
            as last_heard_at, last_heard_at < date '{until}' - interval 7 day as is_silent
        from dossier group by unit_key"""
    )
    return connection


def _describe(plan: pl.DataFrame, province: Province) -> pl.DataFrame:
    units, catalogue = province.units, province.catalogue
    keys = units["unit_code"] + "@" + units["valid_from"].fill_null("")
    unit, procedure = plan["unit"].cast(pl.Int64), plan["procedure"].cast(pl.Int64)
    answered = plan.select(pl.coalesce("accepted", "not_accepted")).to_series()
    known = answered.is_not_null().to_numpy()
    moments = [
        series.dt.epoch("s").fill_null(0).to_numpy().astype("datetime64[s]")
        for series in (plan["submitted"], answered)
    ]
    delay = np.zeros(plan.height, dtype=np.int64)
    delay[known] = province.clock.between(*(moment[known] for moment in moments))
    in_time = pl.Series(delay <= _ANSWER_HOURS * 3600) & ~plan["slow_answer"]
    return plan.with_row_index("dossier_key").with_columns(
        unit_key=keys.gather(unit),
        procedure_code=catalogue["procedure_code"].gather(procedure),
        field_code=catalogue["field_code"].gather(procedure),
        yields_result=(catalogue["yields_result"] == 1).gather(procedure),
        channel=pl.col("channel").cast(pl.String),
        finished=pl.when(pl.col("outcome") == RESOLVED).then("closed"),
        is_digitized=pl.col("digits").is_in([DIGITS_ALL, DIGITS_FIRST]),
        is_electronic=pl.col("result") == ELECTRONIC,
        answered_in_time=pl.when(answered.is_not_null()).then(in_time),
    )


def _steps(dossier: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(
        dossier.filter(pl.col(event).is_not_null()).select(
            "dossier_key", "unit_key", step_at=event, status_code=pl.lit(status),
            title_vi=pl.lit(TITLES[title]), office_name_vi=pl.lit(TITLES[title]),
        )
        for event, status, title in _STEPS
    )  # fmt: skip


def _lists(province: Province, until: date) -> dict[str, pl.DataFrame]:
    reference = settings().reference_dir
    units = pl.read_csv(reference / "units.csv", infer_schema=False)
    changes = pl.read_csv(reference / "unit_changes.csv", infer_schema=False)
    calendar = pl.read_csv(reference / "calendar.csv", infer_schema=False)
    folded = changes.filter(kind="shop_merger").select(
        unit_code="from_code", shop_folded_on=pl.col("effective_date").str.to_date()
    )
    days = calendar.select(
        day_on=pl.col("date").str.to_date(),
        is_working_day=pl.col("is_working_day") == "1",
        note="note",
    )
    return {
        "dim_unit": units.join(folded, on="unit_code", how="left", maintain_order="left").select(
            unit_key=pl.col("unit_code") + "@" + pl.col("valid_from").fill_null(""),
            unit_code="unit_code",
            unit_name_vi="name_vi",
            level="level",
            unit_valid_from=pl.col("valid_from").str.to_date(),
            unit_valid_to=pl.col("valid_to").str.to_date(),
            district_name_vi=pl.lit(None, dtype=pl.String),
            shop_folded_on=pl.when(pl.col("valid_from").is_null()).then("shop_folded_on"),
        ),
        "stg_reference__unit_changes": changes.select(
            "change_id", "kind", "from_code", "to_code",
            effective_on=pl.col("effective_date").str.to_date(),
        ),
        "dim_calendar": days,
        "dim_procedure": province.catalogue.select(
            "procedure_code", procedure_name_vi="name_vi", field_code="field_code"
        ),
        "dim_field": province.catalogue.select(
            "field_code", field_name_vi="field_name_vi"
        ).unique(),
        "int_as_of": pl.DataFrame({"data_as_of_on": [until]}),
        "int_worktime_day": _worktime(days, province.clock),
    }  # fmt: skip


def _worktime(days: pl.DataFrame, clock: WorkClock) -> pl.DataFrame:
    hours = clock.hours
    worked = pl.col("is_working_day")
    return days.select(
        "day_on",
        schedule_code=pl.lit("province"),
        opens_1=pl.when(worked).then(hours.opens).otherwise(86_400),
        closes_1=pl.when(worked).then(hours.noon_from).otherwise(86_400),
        opens_2=pl.when(worked).then(hours.noon_to).otherwise(86_400),
        closes_2=pl.when(worked).then(hours.closes).otherwise(86_400),
        seconds_before=(pl.when(worked).then(hours.day).otherwise(0)).cum_sum().shift(
            1, fill_value=0
        ),
        full_day_seconds=pl.lit(hours.day),
    )  # fmt: skip


def _sunday(day: date) -> date:
    return date.fromordinal(day.toordinal() + (7 - day.isoweekday()) % 7)
