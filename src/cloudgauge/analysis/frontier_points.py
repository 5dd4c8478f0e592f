"""Regions by how far they are and what they cost: what nothing else beats."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cloudgauge.analysis.across import weighted
from cloudgauge.analysis.rounds import Line
from cloudgauge.analysis.serving import UserGroup, lines_of
from cloudgauge.analysis.sides import ALPHA
from cloudgauge.placement.frontier import frontier
from cloudgauge.stats.summary import Estimate, round_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Beaten:
    """Who beats a region: at most as slow and at most as dear, better in one.

    Attributes:
        by: Ids, fastest first; none on the frontier.
        surely_by: Those whose interval ends below where the region's begins.
    """

    by: tuple[str, ...]
    surely_by: tuple[str, ...]

    @property
    def is_on_frontier(self) -> bool:
        """Whether nothing beats it."""
        return not self.by


def region_estimates(
    groups: Sequence[UserGroup], regions: Sequence[str], p: float
) -> dict[str, Estimate]:
    """A quantile of each region over all vantages, by their weights.

    The weighted mean of the vantages' quantiles; the intervals hold for all regions
    at once with 95 %.

    Args:
        groups: Those of weight 0 are left out.
        regions: Ids.
        p: In (0, 1).

    Returns:
        None for a region that some vantage has no finite value of.
    """
    users = [group for group in groups if group.weight > 0]
    lines = lines_of(users, regions)
    shares = [group.weight / sum(one.weight for one in users) for group in users]
    level = 1 - ALPHA / max(len(lines), 1)
    found = {}
    for region, line in lines.items():
        parts = [_estimate(group, line, p, level) for group in users]
        joined = weighted(parts, shares)
        if joined is not None:
            found[region] = joined
    return {region: found[region] for region in regions if region in found}


def beaten_regions(
    latencies: Mapping[str, Estimate], costs: Mapping[str, float]
) -> dict[str, Beaten]:
    """Stand regions beside each other.

    Args:
        latencies: By region, points finite.
        costs: Of at least some of them, in one currency.

    Returns:
        For each region that has both.
    """
    names = [region for region in latencies if region in costs]
    known = [latencies[name] for name in names]
    standings = frontier(
        np.array([one.point for one in known]),
        np.array([costs[name] for name in names]),
        low_ms=np.array([one.low for one in known]),
        high_ms=np.array([one.high for one in known]),
    )
    return {
        name: Beaten(
            by=tuple(names[at] for at in one.beaten_by),
            surely_by=tuple(names[at] for at in one.surely_by),
        )
        for name, one in zip(names, standings, strict=True)
    }


def _estimate(group: UserGroup, line: Line, p: float, level: float) -> Estimate | None:
    if line not in group.rounds.lines:
        return None
    values = group.rounds.of(line)
    there = ~np.isnan(values)
    if not there.any():
        return None
    rounds = np.flatnonzero(there)
    found = round_interval(values[there], rounds, p, confidence=level)
    return found if math.isfinite(found.point) else None
