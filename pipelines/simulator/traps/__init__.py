"""Traps seen in real systems, planted into what the simulated systems tell.

What belongs here: which traps there are and how often (`catalogue`), which dossiers fall into
them (`victims`), how their records then look (`disguise`), and what even a perfect reader can
no longer know of them (`known`). What does not: how the pipeline deals with them.
"""
