"""A province to try the product on: synthetic, seeded, the same for the same seed.

What belongs here: the course of invented dossiers, the records that the systems of the
province would send about them, a server and files that send them, and the true figures by the
generator's own flags. What does not: any code of the pipeline that reads those records. The
truth is worth something only because nothing here shares a line with what it checks; the
calendar and the clock of `pipelines.worktime` alone are common ground.
"""
