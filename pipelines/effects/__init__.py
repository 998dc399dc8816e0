"""What mergers did: when it is estimated, from what, and where the answers are kept.

What belongs here: reading what the estimators are given, from the warehouse or a snapshot; the
step of a run; what would come out with another day. What does not: estimating
(`pipelines.analysis`), showing what was published (`pipelines.serving.impact`).
"""
