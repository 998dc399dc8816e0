"""The metric layer: the one way to a figure of a published snapshot.

What belongs here: reading the definitions a snapshot carries, checking a question, compiling
it and completing the answer with the groups that have nothing. What does not: any formula of
a metric (`models/metrics/*.yml` has them all), rounding, labels of pages, suppression.
"""

from pipelines.serving.metrics.answer import MetricLayer
from pipelines.serving.metrics.query import MetricQuery, MetricQueryError
from pipelines.serving.metrics.registry import MetricSpec
from pipelines.serving.metrics.snapshot import SnapshotError

__all__ = ["MetricLayer", "MetricQuery", "MetricQueryError", "MetricSpec", "SnapshotError"]
