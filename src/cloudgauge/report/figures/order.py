"""In which order regions stand in a picture."""

import math
from collections.abc import Sequence

from cloudgauge.report.figures.values import Distribution, Measure


def by_median(found: Sequence[Distribution], measure: Measure) -> list[Distribution]:
    """The best median first; what has none last; likes by their label."""

    def place(one: Distribution) -> tuple[float, str]:
        middle = one.at(0.5)
        if middle is None:
            return math.inf, one.label
        sign = -1.0 if measure.more_is_better else 1.0
        return sign * middle.point, one.label

    return sorted(found, key=place)
