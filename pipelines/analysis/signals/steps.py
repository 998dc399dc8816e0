"""Where the time goes: working time by step of the dossiers resolved, now and in the year before.

A step is what a progress record tells of: its status and the office or title that acted. The time
up to it since the record before is its own; waiting for the applicant is nobody's. What is expected
of a procedure's step is what it took before.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines.analysis.signals.explain import YEAR, Cause, column_of, condition_of
from pipelines.analysis.signals.panel import Run
from pipelines.analysis.signals.weeks import Weeks

LEAST_SHARE = 0.5
"""Share of all added time that a step holds at least."""
LEAST_LONGER = 0.1
"""By how much dossiers take longer, at least, for a step to be to blame."""
_SAMPLE = 40_000
_PRIOR = 5.0
_NOT_IN_WORK = "('1', '2', '3', '10')"
_WAITING = "('5', '6')"

_PAST_N = """
select count(*) as past_n from main.fct_dossier
where state = 'resolved' and finished_at >= date '{first}' and finished_at < date '{since}'
    and {condition}
"""
# the past is a sample, by the number of the dossier
_SELECT = """
with dossier as materialized (
    select dossier_key, {subject} as subject_key, procedure_code,
        finished_at >= date '{since}' as is_now
    from main.fct_dossier
    where state = 'resolved' and {condition}
        and finished_at >= date '{first}' and finished_at < date '{last}' + 1
        and (finished_at >= date '{since}' or dossier_key % {every} = 0)),
told as (
    select dossier_key, step_at, status_code,
        coalesce(title_vi, office_name_vi, '') as office,
        lag(step_at) over one as before_at, lag(status_code) over one as before_code
    from main.fct_step where dossier_key in (select dossier_key from dossier)
    window one as (partition by dossier_key order by step_at, status_code)),
timed as (
    select told.dossier_key, trim(told.status_code || ' ' || told.office) as code,
        {until_step} - {until_before} as seconds
    from told
    inner join main.int_worktime_day as step_day
        on step_day.schedule_code = 'province' and step_day.day_on = told.step_at::date
    inner join main.int_worktime_day as before_day
        on before_day.schedule_code = 'province' and before_day.day_on = told.before_at::date
    where told.status_code not in {not_in_work} and told.before_code not in {waiting}),
counted as (
    select subject_key, procedure_code, is_now, count(*) as dossiers_n from dossier group by all)
select subject_key, procedure_code, is_now, counted.dossiers_n, timed.code,
    cast(sum(timed.seconds) as double) as seconds
from dossier inner join timed using (dossier_key)
inner join counted using (subject_key, procedure_code, is_now)
group by all
"""


def find_slow_steps(run: Run, subject: str, keys: Sequence[str], weeks: Weeks) -> dict[str, Cause]:
    """The step that holds most of the time added, by subject; none where no step stands out."""
    words = {
        "condition": condition_of(subject, keys),
        "first": weeks.judged_from - YEAR,
        "since": weeks.judged_from,
        "last": weeks.last_on,
    }
    past_n = int(run(_PAST_N.format(**words)).item())
    timed = run(
        _SELECT.format(
            **words,
            subject=column_of(subject),
            every=max(past_n // _SAMPLE, 1),
            until_step=_worked_until("told.step_at", "step_day"),
            until_before=_worked_until("told.before_at", "before_day"),
            not_in_work=_NOT_IN_WORK,
            waiting=_WAITING,
        )
    )
    return {key: Cause("step", code, share) for key, code, share in compare_steps(timed)}


def compare_steps(timed: pl.DataFrame) -> list[tuple[str, str, float]]:
    """Subject, step and its share of the added time, where one holds most of it.

    `timed`: subject_key, procedure_code, is_now, dossiers_n (of the procedure), code, seconds.
    """
    if timed.is_empty():
        return []
    key = ["subject_key", "procedure_code", "code"]
    number = timed.select("subject_key", "procedure_code", "is_now", "dossiers_n").unique()
    now, past = number.filter("is_now"), number.filter(~pl.col("is_now"))
    steps = timed.select("subject_key", "code").unique()
    usual = _mean_by_step(timed.filter(~pl.col("is_now")), past)
    expected = (
        now.select("subject_key", "procedure_code", now_n="dossiers_n")
        .join(steps, on="subject_key")
        .join(
            timed.filter(~pl.col("is_now")).select(*key, past_seconds="seconds"),
            on=key,
            how="left",
        )
        .join(
            past.select("subject_key", "procedure_code", past_n="dossiers_n"),
            on=["subject_key", "procedure_code"],
            how="left",
        )
        .join(usual, on=["subject_key", "code"], how="left")
        .with_columns(pl.col("past_seconds", "past_n", "usual").fill_null(0.0))
        .with_columns(
            each=(pl.col("past_seconds") + _PRIOR * pl.col("usual")) / (pl.col("past_n") + _PRIOR)
        )
        .group_by("subject_key", "code")
        .agg(expected=(pl.col("now_n") * pl.col("each")).sum())
    )
    took = timed.filter("is_now").group_by("subject_key", "code").agg(pl.col("seconds").sum())
    return (
        expected.join(took, on=["subject_key", "code"], how="left")
        .with_columns(added=pl.col("seconds").fill_null(0.0) - pl.col("expected"))
        .with_columns(
            whole=pl.col("added").sum().over("subject_key"),
            before=pl.col("expected").sum().over("subject_key"),
        )
        .filter(pl.col("whole") >= LEAST_LONGER * pl.col("before"))
        .with_columns(share=(pl.col("added") / pl.col("whole")).clip(upper_bound=1.0))
        .filter(pl.col("share") >= LEAST_SHARE)
        .sort("share", "code", descending=[True, False])
        .unique("subject_key", keep="first", maintain_order=True)
        .select("subject_key", "code", "share")
        .rows()
    )


def _mean_by_step(timed: pl.DataFrame, past: pl.DataFrame) -> pl.DataFrame:
    whole = past.group_by("subject_key").agg(past_all_n=pl.col("dossiers_n").sum())
    return (
        timed.group_by("subject_key", "code")
        .agg(pl.col("seconds").sum())
        .join(whole, on="subject_key")
        .select("subject_key", "code", usual=pl.col("seconds") / pl.col("past_all_n"))
    )


def _worked_until(moment: str, day: str) -> str:
    """Working seconds from the start of the calendar to a moment, as `models/macros/clock.sql`."""
    second = f"((epoch_us({moment}) // 1000000) % 86400)"
    sessions = " + ".join(
        f"greatest(0, least({second} - {day}.opens_{n}, {day}.closes_{n} - {day}.opens_{n}))"
        for n in (1, 2)
    )
    return f"({day}.seconds_before + {sessions})"
