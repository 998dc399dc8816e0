"""The pipeline: from a shop's system to a published snapshot.

What belongs here: code that moves and computes data. What does not: anything that draws
a page (`dashboard`), and anything that only an orchestrator understands (`pipelines.defs`).
"""
