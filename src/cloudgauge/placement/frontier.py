"""What nothing else beats: the regions of which none other is faster and cheaper.

Pareto's set of two figures that are both wanted low, and for every region beyond it
who beats it, and whether that survives the intervals.
"""

from dataclasses import dataclass

import numpy as np

from cloudgauge.placement.problem import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one region stands.

    Attributes:
        beaten_by: The regions that are at most as slow and at most as dear, and
            better in one of the two; none on the frontier. Fastest first.
        surely_by: Those of them whose interval ends below where this region's
            begins: faster beyond the noise, and no dearer.
    """

    beaten_by: tuple[int, ...]
    surely_by: tuple[int, ...]

    @property
    def is_on_frontier(self) -> bool:
        """Whether nothing beats it."""
        return not self.beaten_by


def frontier(
    latency_ms: Floats, cost: Floats, *, low_ms: Floats, high_ms: Floats
) -> tuple[Standing, ...]:
    """Stand regions beside each other by latency and cost.

    Args:
        latency_ms: Of each region; finite.
        cost: Of each region, exact enough to compare; finite.
        low_ms: Low end of each latency's interval, simultaneous if the answer is to
            hold for all at once; may be -inf.
        high_ms: High end; may be inf.

    Returns:
        A standing for each region, in the order given.
    """
    standings = []
    for at in range(len(cost)):
        no_worse = (latency_ms <= latency_ms[at]) & (cost <= cost[at])
        better = (latency_ms < latency_ms[at]) | (cost < cost[at])
        beats = np.flatnonzero(no_worse & better)
        beats = beats[np.lexsort((cost[beats], latency_ms[beats]))]
        sure = [int(other) for other in beats if high_ms[other] < low_ms[at]]
        standings.append(
            Standing(beaten_by=tuple(map(int, beats)), surely_by=tuple(sure))
        )
    return tuple(standings)
