"""Worlds: provinces as a monthly panel, drawn by the thousand, in which an effect is known.

What belongs here: drawing dossiers with season, noise, drift and a planted effect, and counting
them by month, unit and procedure. What does not: records, servers and files (the rest of the
simulator makes those), and anything that estimates. The truth is that of the draw.
"""

from pipelines.simulator.worlds.draw import World, draw_world
from pipelines.simulator.worlds.kinds import KINDS, Kind, Noise

__all__ = ["KINDS", "Kind", "Noise", "World", "draw_world"]
