"""The doctor: what is wrong with a home and its surroundings, why it matters and what to do.

What belongs here: checks that look and never change anything, one file a topic, and the small
records they read (sizes, alerts). What does not: the mending itself, which is a command or a
runbook, and anything that only Dagster understands.
"""
