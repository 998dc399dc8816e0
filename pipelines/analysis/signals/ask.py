"""The questions of the week: signals on the worse side, one a cause, the weightiest first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from pipelines.analysis.signals.explain import Cause, find_causes
from pipelines.analysis.signals.metrics import WeeklyMetric
from pipelines.analysis.signals.panel import Run
from pipelines.analysis.signals.phrases import Tongue
from pipelines.analysis.signals.steps import find_slow_steps
from pipelines.analysis.signals.weeks import Weeks
from pipelines.analysis.signals.words import Question, write_sentence

MOST = 5
"""So many questions are asked of the whole province in a week, at most."""
LEAST_EXCESS = 5.0
"""Dossiers beyond expectation below which nobody is asked, however certain it is."""
_CERTAIN = 1e-10  # beyond that, more certainty weighs nothing
_VOLUME = "volume"

SCHEMA = pl.Schema(
    {
        "rank": pl.Int64, "is_listed": pl.Boolean, "subject": pl.String, "unit_key": pl.String,
        "level": pl.String, "field_code": pl.String, "topic": pl.String, "metric": pl.String,
        "first_on": pl.Date, "last_on": pl.Date, "weeks_n": pl.Int64, "numerator": pl.Int64,
        "denominator": pl.Int64, "expected": pl.Float64, "p_value": pl.Float64,
        "q_value": pl.Float64, "weight": pl.Float64, "silent_since_on": pl.Date,
        "explained_by_kind": pl.String, "explained_by_code": pl.String,
        "explained_by_share": pl.Float64, "also_by_kind": pl.String, "also_by_code": pl.String,
        "also_by_share": pl.Float64, "page": pl.String, "params": pl.String,
        "sentence_vi": pl.String, "sentence_en": pl.String,
    }
)  # fmt: skip


def choose(
    signals: pl.DataFrame, metrics: Sequence[WeeklyMetric], silent: pl.DataFrame
) -> pl.DataFrame:
    """The signals that are asked about, in their order: `weight` = size × certainty.

    `silent`: unit_key, silent_since_on of shops that tell nothing. One question for a subject and
    topic; a silent shop is asked why it is silent and nothing else.
    """
    topics = {metric.metric: metric.topic for metric in metrics}
    places = {metric.metric: place for place, metric in enumerate(metrics)}
    asked = (
        signals.filter(
            "is_signal",
            pl.col("direction").is_in(["worse", "fewer"]),
            (pl.col("numerator") - pl.col("expected")).abs() >= LEAST_EXCESS,
        )
        .with_columns(
            topic=pl.col("metric").replace_strict(topics, return_dtype=pl.String),
            weight=(pl.col("numerator") - pl.col("expected")).abs()
            * -pl.col("q_value").clip(lower_bound=_CERTAIN).log10(),
            subject_key=pl.coalesce("unit_key", "field_code", "subject"),
        )
        .join(silent, on="unit_key", how="left")
    )
    quiet = pl.col("silent_since_on").is_not_null() & (pl.col("topic") == _VOLUME).any().over(
        "subject_key"
    )
    return (
        asked.filter(~quiet | (pl.col("topic") == _VOLUME))
        .with_columns(
            place=pl.col("metric").replace_strict(places, return_dtype=pl.Int64),
            most=pl.col("weight").max().over("subject", "subject_key", "topic"),
        )
        .sort("place", "weight", descending=[False, True])
        .unique(["subject", "subject_key", "topic"], keep="first", maintain_order=True)
        .with_columns(weight="most")
        .sort("weight", "subject_key", "metric", descending=[True, False, False])
        .with_row_index("rank", offset=1)
        .with_columns(pl.col("rank").cast(pl.Int64), is_listed=pl.col("rank") <= MOST)
    )


def write_questions(
    run: Run,
    chosen: pl.DataFrame,
    metrics: Sequence[WeeklyMetric],
    weeks: Weeks,
    whole: Mapping[Tongue, str],
) -> pl.DataFrame:
    """The questions with what explains them, their sentences and links: `SCHEMA`.

    `whole` is what the province is called. Reads only the cells of the subjects chosen.
    """
    by_name = {metric.metric: metric for metric in metrics}
    causes = _explain(run, chosen, by_name, weeks)
    names = _read_names(run) if chosen.height else {}
    rows = [
        _write(row, by_name[row["metric"]], causes.get(row["rank"], ()), names, whole)
        for row in chosen.iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _explain(
    run: Run, chosen: pl.DataFrame, metrics: Mapping[str, WeeklyMetric], weeks: Weeks
) -> dict[int, tuple[Cause, ...]]:
    parts: dict[int, Cause] = {}
    steps: dict[tuple[str, str], Cause] = {}
    for (subject, name), group in chosen.group_by("subject", "metric", maintain_order=True):
        metric, kind = metrics[str(name)], str(subject)
        found = find_causes(run, metric, kind, group.select("subject_key", "expected"), weeks)
        for row in group.iter_rows(named=True):
            if row["subject_key"] in found:
                parts[row["rank"]] = found[row["subject_key"]]
    slow = chosen.filter(
        pl.col("metric").is_in([name for name, metric in metrics.items() if metric.is_of_steps])
    )
    for (subject,), group in slow.group_by("subject", maintain_order=True):
        kind, keys = str(subject), group["subject_key"].unique().sort().to_list()
        for key, cause in find_slow_steps(run, kind, keys, weeks).items():
            steps[kind, key] = cause
    causes: dict[int, tuple[Cause, ...]] = {}
    for row in chosen.iter_rows(named=True):
        step = steps.get((row["subject"], row["subject_key"]))
        if not metrics[row["metric"]].is_of_steps:
            step = None
        known = (step, parts.get(row["rank"]))
        causes[row["rank"]] = tuple(cause for cause in known if cause is not None)
    return causes


def _write(
    row: dict[str, Any],
    metric: WeeklyMetric,
    causes: tuple[Cause, ...],
    names: Mapping[str, str],
    whole: Mapping[Tongue, str],
) -> dict[str, Any]:
    question = Question(
        who=_name_subject(row, names, whole),
        metric=metric.metric,
        numerator=row["numerator"],
        denominator=row["denominator"],
        expected=row["expected"],
        weeks=row["weeks_n"],
        last_on=row["last_on"],
        worse_is_more=metric.worse_is_more,
        causes=causes,
        silent_since=row["silent_since_on"] if row["topic"] == _VOLUME else None,
    )
    first, second = (*causes, None, None)[:2]
    return {name: row.get(name) for name in SCHEMA.names()} | {
        "silent_since_on": question.silent_since,
        "explained_by_kind": None if first is None else first.kind,
        "explained_by_code": None if first is None else first.code,
        "explained_by_share": None if first is None else first.share,
        "also_by_kind": None if second is None else second.kind,
        "also_by_code": None if second is None else second.code,
        "also_by_share": None if second is None else second.share,
        "page": "data-quality" if question.silent_since else metric.page,
        "params": json.dumps(_params(row, causes)),
        "sentence_vi": write_sentence(question, names, "vi"),
        "sentence_en": write_sentence(question, names, "en"),
    }


def _params(row: dict[str, Any], causes: Sequence[Cause]) -> dict[str, str]:
    """The query of the address that reopens the view: whose figures, and what explains them."""
    params = {"period": "month"}
    params |= {c.kind: c.code for c in causes if c.kind != "step"}
    own = {"unit": row["unit_key"], "field": row["field_code"]}
    return params | {name: str(value) for name, value in own.items() if value is not None}


def _name_subject(
    row: dict[str, Any], names: Mapping[str, str], whole: Mapping[Tongue, str]
) -> dict[Tongue, str]:
    if row["unit_key"] is not None:
        name = names.get(row["unit_key"], row["unit_key"])
        return {"vi": name, "en": name}
    if row["field_code"] is not None:
        name = names.get(row["field_code"], row["field_code"])
        return {
            "vi": f"{whole['vi']}, lĩnh vực “{name}”",
            "en": f"{whole['en']}, field “{name}”",
        }
    return dict(whole)


def _read_names(run: Run) -> dict[str, str]:
    """Names by unit key, procedure code and field code.

    A name that two units bear gets its district; the shop of a province is its centre.
    """
    rows = run(
        """select unit_key as code, case
            when level = 'province'
            then 'Trung tâm Phục vụ hành chính công ' || lower(unit_name_vi[1]) || unit_name_vi[2:]
            when count(*) over (partition by unit_name_vi, unit_valid_from, level) > 1
                and district_name_vi is not null
            then unit_name_vi || ' (' || district_name_vi || ')' else unit_name_vi end as name
        from main.dim_unit
        union all select procedure_code, procedure_name_vi from main.dim_procedure
        union all select field_code, field_name_vi from main.dim_field"""
    )
    return {str(code): str(name) for code, name in rows.iter_rows()}


def read_silent(run: Run, weeks: Weeks) -> pl.DataFrame:
    """unit_key, silent_since_on: the shops of which nothing was heard in the last full week."""
    return run(
        f"""select unit_key, cast(last_heard_at as date) as silent_since_on from main.dq_shop
        where is_silent and last_heard_at < date '{weeks.last_on}' - 6"""
    )


def name_whole(run: Run, day: date) -> dict[Tongue, str]:
    """What the figures of all units are called on a day: after 01/07/2025 they are a part."""
    units = run(
        f"""select count(*) filter (where level = 'open') as open_n,
            count(*) filter (where level = 'commune' and unit_valid_from is not null
                and unit_valid_from <= date '{day}') as communes_n
        from main.dim_unit"""
    ).row(0, named=True)
    if units["open_n"]:
        return {"vi": "Tất cả đơn vị", "en": "All units"}
    if units["communes_n"]:
        number = units["communes_n"]
        return {
            "vi": f"Địa bàn Hà Giang cũ ({number} xã, phường)",
            "en": f"The area of former Hà Giang ({number} communes and wards)",
        }
    return {"vi": "Toàn tỉnh", "en": "The province"}
