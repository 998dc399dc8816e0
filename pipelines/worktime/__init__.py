"""Working time and due dates: the calendar of working days and the clock that runs on it.

What belongs here: which days are worked, working time between two moments, due dates from a
term. `reference` says the rule in the plainest Python; `vectorised` does the same on columns.
What does not: deadline classes (they compare dates and live in the models), and units.
"""
