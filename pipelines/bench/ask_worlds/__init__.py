"""Do the questions of the week keep their promise? Worlds are asked in which the truth is known.

What belongs here: asking drawn worlds by the product's own functions, and the table of what was
found and what was asked in vain. What does not: drawing a world (`simulator.asking`) or judging it
(`analysis.signals`); the two share nothing.
"""
