"""Figures: pure builders from columns to a drawing, and the one palette they share.

What belongs here: Plotly figures and small SVG lines made from values already computed. What
does not: asking for figures, formatting rules of a locale, files, Streamlit.
"""

from pipelines.charts.classes import ClassSeries, class_stack
from pipelines.charts.line import TargetSpan, monthly_line
from pipelines.charts.sparkline import sparkline
from pipelines.charts.theme import DARK, FONT_FAMILY, PALETTE, Palette

__all__ = [
    "DARK",
    "FONT_FAMILY",
    "PALETTE",
    "ClassSeries",
    "Palette",
    "TargetSpan",
    "class_stack",
    "monthly_line",
    "sparkline",
]
