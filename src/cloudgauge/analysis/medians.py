"""The median of a line's rounds, worked out once for the same values.

A page shows it in a table, on a map and in pictures, and ranks by it at a vantage and
over all of them: from rounds that are put together anew, but hold the same values.
"""

from hashlib import blake2b

import numpy as np

from cloudgauge.analysis.series import Floats
from cloudgauge.stats.summary import Estimate, round_interval

# More lines than a page has of all vantages, at two levels each.
_MOST = 8192
_HELD: dict[tuple[bytes, float], Estimate] = {}


def median_at(values: Floats, confidence: float) -> Estimate | None:
    """The p50 with an interval by rounds; None without a value.

    Args:
        values: One a round; NaN where there is none, infinity for a timeout.
        confidence: In (0, 1).
    """
    there = ~np.isnan(values)
    if not there.any():
        return None
    key = (blake2b(values.tobytes(), digest_size=16).digest(), confidence)
    if key not in _HELD:
        if len(_HELD) >= _MOST:
            _HELD.clear()
        places = np.flatnonzero(there)
        _HELD[key] = round_interval(values[there], places, confidence=confidence)
    return _HELD[key]
