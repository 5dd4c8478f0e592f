"""What every estimator asks of the values it is given."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def finite(values: ArrayLike) -> Floats:
    """Give values as floats.

    Raises:
        ValueError: If they are empty, not one-dimensional or not finite.
    """
    found = series(values)
    if not np.isfinite(found).all():
        msg = f"values must be finite, got {_first_odd(found)}"
        raise ValueError(msg)
    return found


def bounded_below(values: ArrayLike) -> Floats:
    """Give values as floats of which some may be infinite: longer than was waited.

    Raises:
        ValueError: If they are empty, not one-dimensional, NaN or minus infinity.
    """
    found = series(values)
    if np.isnan(found).any() or np.isneginf(found).any():
        msg = f"values must be finite or infinity, got {_first_odd(found)}"
        raise ValueError(msg)
    return found


def series(values: ArrayLike) -> Floats:
    """Give values as floats.

    Raises:
        ValueError: If they are empty or not one-dimensional.
    """
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or not len(found):
        msg = f"values must be one-dimensional and not empty, got shape {found.shape}"
        raise ValueError(msg)
    return found


def numbered(labels: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rounds as numbers from 0 in their order, and how many values each has.

    Args:
        labels: Shape (n,), n of at least 1: the round of each value.
    """
    if (labels[1:] > labels[:-1]).all():
        # One value a round, in order, as nearly always.
        return np.arange(len(labels)), np.ones(len(labels), dtype=np.intp)
    _, places, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    return places, sizes


def check_level(confidence: float) -> None:
    """Refuse what is no level of confidence.

    Raises:
        ValueError: If it is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        msg = f"confidence must be between 0 and 1, got {confidence}"
        raise ValueError(msg)


def check_share(p: float) -> None:
    """Refuse what is no quantile's share.

    Raises:
        ValueError: If it is not between 0 and 1.
    """
    if not 0 < p < 1:
        msg = f"p must be between 0 and 1, got {p}"
        raise ValueError(msg)


def _first_odd(values: Floats) -> str:
    odd = np.isnan(values) | np.isneginf(values)
    place = int(np.argmax(odd if odd.any() else ~np.isfinite(values)))
    return f"{values[place]} at place {place}"
