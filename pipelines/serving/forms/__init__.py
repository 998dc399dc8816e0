"""Official forms: what a unit reports upward for a period, and the closing of that period.

What belongs here: periods of reports, the figures of a form put together from the metric layer,
its states (draft, signed, corrected) and its layout as a workbook. What does not: counting
dossiers (the models and the metric layer do), the words of the command line.
"""
