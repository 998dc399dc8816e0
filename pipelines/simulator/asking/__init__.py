"""Worlds for the weekly questions: provinces of noise, and of noise with one thing planted in it.

What belongs here: noise by unit and week, what is planted, the marts such a province would give.
What does not: anything that judges them. Figures are counted here by other code than the models'.
"""
