"""Figures: pure builders from columns to a drawing, and the one palette they share.

What belongs here: Plotly figures and small SVG lines made from values already computed. What
does not: asking for figures, formatting rules of a locale, files, Streamlit.
"""

from pipelines.charts.before_after import ComparedLine, before_after
from pipelines.charts.classes import ClassSeries, class_stack
from pipelines.charts.classing import class_limits, class_of
from pipelines.charts.counterproof import months_around, placebo_strip
from pipelines.charts.fan import placebo_fan
from pipelines.charts.flow import FlowBand, FlowNode, band_colours, flow_picture
from pipelines.charts.interval import interval_line
from pipelines.charts.line import TargetSpan, monthly_line
from pipelines.charts.ramps import kinds, mix, ramp
from pipelines.charts.sparkline import sparkline
from pipelines.charts.theme import DARK, FONT_FAMILY, PALETTE, Palette
from pipelines.charts.unit_map import MapBlock, MapUnit, unit_map

__all__ = [
    "DARK",
    "FONT_FAMILY",
    "PALETTE",
    "ClassSeries",
    "ComparedLine",
    "FlowBand",
    "FlowNode",
    "MapBlock",
    "MapUnit",
    "Palette",
    "TargetSpan",
    "band_colours",
    "before_after",
    "class_limits",
    "class_of",
    "class_stack",
    "flow_picture",
    "interval_line",
    "kinds",
    "mix",
    "monthly_line",
    "months_around",
    "placebo_fan",
    "placebo_strip",
    "ramp",
    "sparkline",
    "unit_map",
]
