"""The size of a province: how many dossiers there are, and how many of them in which years.

At scale 1 the province receives what it published: 1.1 million dossiers from 2021 to the first
quarter of 2024. Any other number of dossiers keeps that proportion.
"""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import polars as pl

from pipelines.simulator import trends
from pipelines.simulator.arrivals import day_weights
from pipelines.simulator.course import NOT_ACCEPTED_SHARE
from pipelines.simulator.published import COUNTED_UNTIL, dossiers_published
from pipelines.simulator.trends import share_at


def dossiers_at(scale: float, calendar: pl.DataFrame, until: date) -> int:
    """The number of dossiers up to `until` at a scale (1 = the province's real size)."""
    return round(dossiers_published() * scale / _received_share(calendar, until))


def received_until(dossiers: int, calendar: pl.DataFrame, until: date) -> int:
    """How many of so many dossiers are received by the end of the published years."""
    return round(dossiers * _received_share(calendar, until))


def arrivals_until(dossiers: int, calendar: pl.DataFrame, until: date) -> int:
    """How many arrive by then: the received and, with a margin, those that are turned away."""
    if until <= COUNTED_UNTIL:
        return dossiers
    received = received_until(dossiers, calendar, until)
    turned_away = received * _turned_away_share(calendar, until)
    return min(dossiers, received + math.ceil(turned_away + 4 * math.sqrt(turned_away + 1)))


def _received_share(calendar: pl.DataFrame, until: date) -> float:
    """The share of all dossiers received in the published years, by season and growth."""
    days, weights = day_weights(calendar, until)
    inside = days <= np.datetime64(COUNTED_UNTIL)
    return float(weights[inside].sum()) * (1 - _turned_away_share(calendar, until))


def _turned_away_share(calendar: pl.DataFrame, until: date) -> float:
    days, weights = day_weights(calendar, until)
    inside = days <= np.datetime64(COUNTED_UNTIL)
    online = share_at(trends.ONLINE, days[inside].astype("datetime64[s]"))
    return float(np.average(online, weights=weights[inside])) * NOT_ACCEPTED_SHARE
