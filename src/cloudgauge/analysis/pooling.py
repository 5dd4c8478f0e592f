"""Pairs of several vantages joined: the weighted mean of what each says.

The vantages are taken as a fixed set and measured independently of one another, so the
variance of the mean is the sum of theirs, by the squares of the weights; its degrees of
freedom as Satterthwaite has them (An Approximate Distribution of Estimates of Variance
Components, Biometrics Bulletin 2, 1946).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.series import Floats
from cloudgauge.stats.multiplicity import holm
from cloudgauge.stats.pairs import Pairs
from cloudgauge.stats.student import t_quantiles, t_tails


def pooled_pairs(parts: Sequence[Pairs], weights: Sequence[float]) -> Pairs:
    """Join the pairs of vantages.

    Args:
        parts: At least one, all of the same targets in the same order.
        weights: One each, above 0, with the sum 1.

    Returns:
        Shifts over all of them; one that some vantage does not know has an error
        without bound, and a p-value of 1.
    """
    shares = np.array(weights)[:, None]
    shift: Floats = (shares * np.array([part.shift for part in parts])).sum(axis=0)
    # Of each vantage, by how much it moves the mean.
    moves: Floats = shares * np.array([part.error for part in parts])
    variance = (moves**2).sum(axis=0)
    known = np.isfinite(variance) & np.isfinite(shift) & (variance > 0)
    error = np.where(known, np.sqrt(variance), np.inf)
    freedom = _freedom(parts, moves, known)
    p, reach = np.ones(len(shift)), np.full(len(shift), np.inf)
    level = (1 + parts[0].confidence) / 2
    p[known] = t_tails(shift[known] / error[known], freedom[known])
    reach[known] = t_quantiles(level, freedom[known]) * error[known]
    # A shift without a bound has no ends.
    middle = np.where(np.isfinite(shift), shift, 0.0)
    return replace(
        parts[0],
        n=np.sum([part.n for part in parts], axis=0),
        both_beyond=np.sum([part.both_beyond for part in parts], axis=0),
        shift=shift,
        low=middle - reach,
        high=middle + reach,
        error=error,
        freedom=freedom,
        p=p,
        p_adjusted=holm(p),
        directions=_directions(parts, moves, known),
        rounds=sum(part.rounds for part in parts),
        caveats=tuple(dict.fromkeys(c for part in parts for c in part.caveats)),
    )


def _freedom(parts: Sequence[Pairs], moves: Floats, known: NDArray[np.bool_]) -> Floats:
    below = np.zeros(len(known))
    for part, move in zip(parts, moves, strict=True):
        below[known] += move[known] ** 4 / np.maximum(part.freedom[known], 1)
    found = np.full(len(known), np.inf)
    some = known & (below > 0)
    found[some] = (moves[:, some] ** 2).sum(axis=0) ** 2 / below[some]
    return found


def _directions(
    parts: Sequence[Pairs], moves: Floats, known: NDArray[np.bool_]
) -> Floats:
    """Noise of one vantage moves nothing at another: directions stand side by side."""
    total = np.sqrt((moves**2).sum(axis=0))
    columns = []
    for part, move in zip(parts, moves, strict=True):
        scaled = np.zeros_like(part.directions)
        scaled[known] = part.directions[known] * (move[known] / total[known])[:, None]
        columns.append(scaled)
    return np.concatenate(columns, axis=1)
