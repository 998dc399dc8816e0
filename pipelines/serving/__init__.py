"""Serving: publishing immutable snapshots, opening them, and asking them for figures.

What belongs here: the snapshot and its pointer, the metric layer, what the readers need of
both. What does not: computing facts (the models do), drawing them (`dashboard`).
"""
