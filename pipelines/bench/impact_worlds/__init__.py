"""Do the intervals of merger effects keep their promise? Estimates against worlds of known truth.

What belongs here: estimating what was planted in drawn worlds by the product's own functions, and
the table of how often they were right. What does not: drawing a world (`simulator.worlds`) or
estimating (`analysis.impact`); the two share nothing.
"""
