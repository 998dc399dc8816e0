"""The warehouse: the one writer of one DuckDB file.

What belongs here: the lock, the log tables and their merge, content hashes, replay, and running
dbt on the file. What does not: what a figure means (the models say that).
"""
