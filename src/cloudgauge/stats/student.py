"""Student's t for many values at once, by scipy; few are left to `beta`.

Who compares a pair or two, as for the foot of a table, need not load scipy.
"""

import numpy as np
from numpy.typing import ArrayLike

from cloudgauge.stats import beta
from cloudgauge.stats.values import Floats

_FEW = 16
_FEW_TAILS = np.vectorize(beta.t_tail, otypes=[np.float64])
_FEW_QUANTILES = np.vectorize(beta.t_quantile, otypes=[np.float64])


def t_tails(statistics: ArrayLike, freedom: ArrayLike) -> Floats:
    """How probably each is at least as far from 0, to either side.

    Args:
        statistics: Any shape; infinity is allowed.
        freedom: The same shape or one number, above 0; infinity is the normal
            distribution.
    """
    if np.size(statistics) <= _FEW:
        return np.asarray(_FEW_TAILS(statistics, freedom))
    from scipy import special  # noqa: PLC0415  slow to import

    return np.asarray(2 * special.stdtr(freedom, -np.abs(statistics)))


def t_quantiles(p: ArrayLike, freedom: ArrayLike) -> Floats:
    """The p-quantiles.

    Args:
        p: Any shape, in (0, 1).
        freedom: The same shape or one number, as of `t_tails`.
    """
    if max(np.size(p), np.size(freedom)) <= _FEW:
        return np.asarray(_FEW_QUANTILES(p, freedom))
    from scipy import special  # noqa: PLC0415  slow to import

    return np.asarray(special.stdtrit(freedom, p))


def as_far_out(normal: ArrayLike, freedom: ArrayLike) -> Floats:
    """The values beyond which lies as much as beyond these of the normal one.

    Args:
        normal: Any shape, at least 0.
        freedom: The same shape or one number, as of `t_tails`.
    """
    from scipy import special  # noqa: PLC0415  slow to import

    # Of the lower tail, which is known to its last digit however far out.
    return np.asarray(-special.stdtrit(freedom, special.ndtr(-np.asarray(normal))))


def normal_of(statistics: ArrayLike, freedom: ArrayLike) -> Floats:
    """The normal values beyond which lies as much as beyond these, with their sign."""
    from scipy import special  # noqa: PLC0415  slow to import

    found = np.asarray(statistics, dtype=np.float64)
    return np.asarray(
        np.copysign(special.ndtri(special.stdtr(freedom, -np.abs(found))), found)
    )
