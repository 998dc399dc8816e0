"""Benches that go through several rooms: the day's load on a long history.

What belongs here: making the history and the day, and the clock around the product's own
functions. What does not: a bench of one room, which stands in that room.
"""
