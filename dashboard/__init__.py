"""What leaders open in a browser: pages over a published snapshot.

What belongs here: pages, their components, words and number formats, access to the current
snapshot. What does not: any formula of a metric (`pipelines.serving.metrics` answers), any
writing. Nothing imports this package.
"""
