"""Statistics over the marts that are no single metric: effects of mergers, signals in series.

What belongs here: estimates with their error, tests and what explains them; frames and numbers in,
frames out. What does not: files, the warehouse, pages, the definition of a metric.
"""
