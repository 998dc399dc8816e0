"""Signal, not noise: whether a figure changed, whether units differ, and what deserves a question.

What belongs here: charts with limits that know how months differ, funnels that know how large units
are, tests of a week against the others and the own past, what explains a deviation, the sentence
that asks about it. What does not: reading a file, writing a table, drawing, who may see what. Marts
are read through a callable that answers SQL.
"""

from pipelines.analysis.signals.ask import MOST
from pipelines.analysis.signals.ask import SCHEMA as ASK_SCHEMA
from pipelines.analysis.signals.comparison import FUNNEL_SCHEMA, compare_units
from pipelines.analysis.signals.funnel import draw_funnel
from pipelines.analysis.signals.intervals import wilson
from pipelines.analysis.signals.judge import SIGNAL_SCHEMA
from pipelines.analysis.signals.monthly import (
    SPC_SCHEMA,
    chart_months,
    list_charted,
    read_months,
)
from pipelines.analysis.signals.week import Week, judge_week

__all__ = [
    "ASK_SCHEMA",
    "FUNNEL_SCHEMA",
    "MOST",
    "SIGNAL_SCHEMA",
    "SPC_SCHEMA",
    "Week",
    "chart_months",
    "compare_units",
    "draw_funnel",
    "judge_week",
    "list_charted",
    "read_months",
    "wilson",
]
