"""Restatement: what was published of a period before, what is now, and why the two differ.

Here belong reading what was said, splitting the difference and its wording. Not here: how a
figure is computed (the metric layer), and what the log held at a moment (`serving/as_of`).
"""

from pipelines.serving.restatement.cause import Cause, Rules
from pipelines.serving.restatement.report import Restatement, RestatementError, restate

__all__ = ["Cause", "Restatement", "RestatementError", "Rules", "restate"]
