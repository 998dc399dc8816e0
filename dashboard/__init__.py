"""What leaders open in a browser: pages over a published snapshot.

What belongs here: pages, their components, words and number formats, access to the current
snapshot, and who is there to see it (`access`). What does not: any formula of a metric
(`pipelines.serving.metrics` answers), any writing but of the logs of access and exports. Nothing
imports this package.

How a page is made: a function of a reader and a language, and a `PageEntry` with the roles that
may see it. The reader is narrowed to the viewer already, so the page asks for figures and says
nothing of roles; it takes no other way to the snapshot. See `access` for dossiers and files.
"""
