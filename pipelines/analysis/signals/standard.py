"""What everybody else did with the same fields in the same weeks: season, Tết and common shocks.

Indirect standardisation: a unit's expectation is the sum over its fields of its dossiers times
the share of all other units. What moves the whole province, or a field in it, moves the
expectation with it and is nobody's signal but the province's.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

from pipelines.analysis.signals.panel import Counts

PRIOR = 20.0
"""Dossiers that a field's usual share counts for, where few others have the field."""
_LEAST, _MOST = 1e-4, 1 - 1e-4


def bounded_logit(share: Counts) -> Counts:
    """Log-odds of shares, those of 0 and 1 held at a ten-thousandth."""
    return logit(np.clip(share, _LEAST, _MOST))


def share_of(numerator: Counts, denominator: Counts, prior: Counts | float) -> Counts:
    """Shares drawn towards `prior` as if `PRIOR` more dossiers had been of it."""
    return (numerator + PRIOR * prior) / (denominator + PRIOR)


def expect_of_others(numerator: Counts, denominator: Counts, *, left_out: Counts) -> Counts:
    """The expected numerator by unit and stretch.

    `numerator`, `denominator`: unit × field × stretch. `left_out`: unit, 1 for units whose newest
    stretch is no measure for the others, else 0.
    """
    x, n = numerator.copy(), denominator.copy()
    kept = (1 - left_out)[:, None]
    x[..., 0] *= kept
    n[..., 0] *= kept
    # the usual is that of the past: what is judged is no part of it
    past_x, past_n = x[..., 1:], n[..., 1:]
    usual = share_of(np.asarray(past_x.sum()), np.asarray(past_n.sum()), 0.5)
    by_field = share_of(past_x.sum(axis=(0, 2)), past_n.sum(axis=(0, 2)), usual)
    # what is left of the others when the unit itself is taken away
    others_x = x.sum(axis=0)[None] - x
    others_n = n.sum(axis=0)[None] - n
    moved = share_of(others_x.sum(axis=1), others_n.sum(axis=1), usual)
    prior = expit(
        bounded_logit(by_field)[None, :, None]
        + (bounded_logit(moved) - bounded_logit(usual))[:, None, :]
    )
    return (denominator * share_of(others_x, others_n, prior)).sum(axis=1)


def volume_of_others(counts: Counts, peers: Counts, *, left_out: Counts) -> Counts:
    """What the other units of the same group received, by unit and stretch.

    `counts`: unit × stretch; `peers`: unit × unit, 1 where one is measured by the other;
    `left_out`: unit, 1 for units that are no measure for the others, in no stretch.
    """
    kept = counts * (1 - left_out)[:, None]
    return peers @ kept - np.diag(peers)[:, None] * kept
