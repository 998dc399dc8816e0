"""The true figures, by the generator's own flags: what the product must find out by itself.

Belongs here: every metric of a plan by unit (the one that received, as it was) and month, written
independently of the product's SQL, and the document that says them. Does not: how a plan is drawn
or changed, what traps take away (`traps.known`).
"""

from pipelines.simulator.truth.document import Told, planted_rows, truth_document
from pipelines.simulator.truth.figures import true_rows

__all__ = ["Told", "planted_rows", "true_rows", "truth_document"]
