"""Reconciliation: what others report for a unit and month beside ours, the difference explained.

What belongs here: reading and keeping reported figures, our figures for the same units and
months, the evidence a snapshot holds, and the order in which explanations are tried. What does
not: any formula of a metric (the metric layer answers), and the pull of dossiers.
"""

from pipelines.serving.reconcile.evidence import read_evidence
from pipelines.serving.reconcile.explain import Reconciled, reconcile
from pipelines.serving.reconcile.kept import keep_reported, read_kept
from pipelines.serving.reconcile.reported import (
    BadRow,
    Known,
    ReportedFigure,
    ReportedFileError,
    read_reported,
)

__all__ = [
    "BadRow",
    "Known",
    "Reconciled",
    "ReportedFigure",
    "ReportedFileError",
    "keep_reported",
    "read_evidence",
    "read_kept",
    "read_reported",
    "reconcile",
]
