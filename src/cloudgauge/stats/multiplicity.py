"""Many comparisons at once: how sure each must be for all to be believed."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cloudgauge.stats.values import Floats

Flags = NDArray[np.bool_]


def holm(p_values: ArrayLike) -> Floats:
    """Adjust p-values so that rejecting those up to alpha errs at all with alpha.

    Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian
    Journal of Statistics 6 (1979). Holds whatever depends on what.

    Args:
        p_values: Shape (m,), each in [0, 1].

    Returns:
        Shape (m,), in the same order, at least *p_values*, at most 1.

    Raises:
        ValueError: If *p_values* is not one-dimensional or not in [0, 1].
    """
    found = _probabilities(p_values)
    order = np.argsort(found, kind="stable")
    factors = np.arange(len(found), 0, -1)
    adjusted = np.maximum.accumulate(found[order] * factors)
    return _back(np.minimum(adjusted, 1.0), order)


def benjamini_hochberg(p_values: ArrayLike) -> Floats:
    """Adjust p-values so that among those up to q a share of at most q is wrong.

    Benjamini and Hochberg, Controlling the False Discovery Rate, Journal of the Royal
    Statistical Society B 57 (1995). On average, and where the tests are independent
    or depend positively; for screening, not for claims.

    Args:
        p_values: Shape (m,), each in [0, 1].

    Returns:
        Shape (m,), in the same order, at least *p_values*, at most 1.

    Raises:
        ValueError: If *p_values* is not one-dimensional or not in [0, 1].
    """
    found = _probabilities(p_values)
    order = np.argsort(found, kind="stable")
    raised = found[order] * (len(found) / np.arange(1, len(found) + 1))
    adjusted = np.minimum.accumulate(raised[::-1])[::-1]
    return _back(np.minimum(adjusted, 1.0), order)


def e_bh(e_values: ArrayLike, alpha: float = 0.05) -> Flags:
    """Reject hypotheses by e-values, a share of at most *alpha* of them wrongly.

    Wang and Ramdas, False Discovery Rate Control with E-values, Journal of the Royal
    Statistical Society B 84 (2022). On average, whatever depends on what and whenever
    one stopped: the i greatest are rejected, with the largest i of which the i-th
    greatest is at least m / (i alpha).

    Args:
        e_values: Shape (m,), each at least 0; infinity is certainty.
        alpha: In (0, 1).

    Returns:
        Shape (m,), in the same order: which are rejected.

    Raises:
        ValueError: If *e_values* is not one-dimensional or below 0, or *alpha* is not
            in (0, 1).
    """
    found = np.asarray(e_values, dtype=np.float64)
    if found.ndim != 1 or not (found >= 0).all():
        msg = "e-values must be one-dimensional and at least 0"
        raise ValueError(msg)
    if not 0 < alpha < 1:
        msg = f"alpha must be between 0 and 1, got {alpha}"
        raise ValueError(msg)
    falling = np.sort(found)[::-1]
    enough = falling * np.arange(1, len(found) + 1) * alpha >= len(found)
    if not enough.any():
        return np.zeros(len(found), dtype=bool)
    least: np.float64 = falling[int(np.flatnonzero(enough)[-1])]
    return found >= least


def _probabilities(p_values: ArrayLike) -> Floats:
    found = np.asarray(p_values, dtype=np.float64)
    if found.ndim != 1 or not ((found >= 0) & (found <= 1)).all():
        msg = "p-values must be one-dimensional and from 0 to 1"
        raise ValueError(msg)
    return found


def _back(values: Floats, order: NDArray[np.intp]) -> Floats:
    found = np.empty_like(values)
    found[order] = values
    return found
