"""What the figures mean: effects with their intervals, signals apart from noise.

What belongs here: estimates made from the marts, each with its uncertainty and with what cannot
be said; frames in, frames out. What does not: files, databases, orchestration, drawing, and the
value of a registered metric, which the metric layer makes.
"""
