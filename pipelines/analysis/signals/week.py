"""A week's signals and questions from the tables of a warehouse or a snapshot, in one call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from pipelines.analysis.signals.ask import choose, name_whole, read_silent, write_questions
from pipelines.analysis.signals.ground import read_setting
from pipelines.analysis.signals.judge import judge
from pipelines.analysis.signals.metrics import list_tested
from pipelines.analysis.signals.panel import Run, read_panels


@dataclass(frozen=True)
class Week:
    """`signals`: every test (see `judge`); `questions`: what is asked, in order (see `ask`)."""

    signals: pl.DataFrame
    questions: pl.DataFrame


def judge_week(run: Run, data_as_of: date, *, least: int, headline_digitization: str) -> Week:
    """Judge the last full weeks of the data.

    `run` answers SQL over the marts in schema `main`; `least` is the denominator below which a
    share is grey, `headline_digitization` the metric that the word stands for.
    """
    metrics = list_tested(headline_digitization)
    setting = read_setting(run, data_as_of, least)
    panels = read_panels(run, metrics, setting.weeks, setting.units)
    signals = judge(panels, metrics, setting)
    chosen = choose(signals, metrics, read_silent(run, setting.weeks))
    whole = name_whole(run, setting.weeks.last_on)
    return Week(signals, write_questions(run, chosen, metrics, setting.weeks, whole))
