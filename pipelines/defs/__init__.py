"""Everything that knows Dagster, and nothing else: assets, checks, jobs and schedules.

What belongs here: thin wrappers that hand settings and a run id to the code behind them. What
does not: any computation.
"""
