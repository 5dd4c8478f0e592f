"""What users wait for regions: a value a round, and its quantiles, user by region.

A user is a vantage with a weight. What is drawn again are rounds within a vantage, in
blocks where rounds depend on one another, and vantages where there are three or more:
Efron and Tibshirani, An Introduction to the Bootstrap, 1993; of two vantages nothing
can be said of others.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cloudgauge.analysis.rounds import Line, Rounds
from cloudgauge.analysis.series import Floats
from cloudgauge.analysis.sides import CONFIDENCE
from cloudgauge.stats.blocks import block_length
from cloudgauge.stats.summary import Estimate, round_interval

LEAST_VANTAGES_DRAWN = 3
# How far rounds depend on one another is seen in the regions that may serve.
_NEAREST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class UserGroup:
    """A vantage, and whom it stands for.

    Attributes:
        weight: Share of all users, at least 0.
        rounds: What was measured there.
        region_of: The region of each target.
    """

    name: str
    weight: float
    rounds: Rounds
    region_of: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Serving:
    """Times of users to regions.

    Attributes:
        users: Names; of weight above 0.
        weights: Shape (users,), with the sum 1.
        regions: Ids.
        values: For each user, shape (rounds, regions), in ms: NaN where there is
            none, infinity where it is only known to be longer.
        blocks: For each user, how many rounds are drawn at once.
    """

    users: tuple[str, ...]
    weights: Floats
    regions: tuple[str, ...]
    values: tuple[Floats, ...]
    blocks: tuple[int, ...]

    def quantiles(self, p: float) -> Floats:
        """Shape (users, regions), in ms; infinity where it is not known."""
        return np.array([quantiles(values, p) for values in self.values])

    def estimate(self, user: int, region: int, p: float) -> Estimate:
        """One of them with an interval by rounds; there must be a value."""
        values = self.values[user][:, region]
        there = ~np.isnan(values)
        rounds = np.flatnonzero(there)
        return round_interval(values[there], rounds, p, confidence=CONFIDENCE)

    @property
    def draws_vantages(self) -> bool:
        """Whether there are vantages enough to draw from."""
        return len(self.users) >= LEAST_VANTAGES_DRAWN

    def drawn(self, rng: np.random.Generator) -> "Serving":
        """The same of rounds, and vantages if there are enough, drawn again."""
        count = len(self.users)
        places = rng.integers(0, count, count) if self.draws_vantages else range(count)
        times = Counter(int(place) for place in places)
        kept = sorted(times)
        weights = self.weights[kept] * np.array([times[place] for place in kept])
        return replace(
            self,
            users=tuple(self.users[place] for place in kept),
            weights=weights / weights.sum(),
            values=tuple(self._rounds(place, rng) for place in kept),
            blocks=tuple(self.blocks[place] for place in kept),
        )

    def _rounds(self, user: int, rng: np.random.Generator) -> Floats:
        values, block = self.values[user], self.blocks[user]
        count = len(values)
        starts = rng.integers(0, count, size=-(-count // block))
        rows = ((starts[:, None] + np.arange(block)) % count).ravel()[:count]
        return np.asarray(values[rows])


def serving_of(groups: Sequence[UserGroup], regions: Sequence[str]) -> Serving:
    """Lay out what users measured.

    Of a region with several lines (endpoints, IP versions) one is taken for all
    users: that which most of them have a value of, of equals the first by name.

    Args:
        groups: At least one of weight above 0; the others are left out.
        regions: Ids, in the order wanted.
    """
    users = [group for group in groups if group.weight > 0]
    lines = lines_of(users, regions)
    values = tuple(
        _values(group, [lines.get(one) for one in regions]) for group in users
    )
    weights = np.array([group.weight for group in users])
    return Serving(
        users=tuple(group.name for group in users),
        weights=weights / weights.sum(),
        regions=tuple(regions),
        values=values,
        blocks=tuple(_block(one) for one in values),
    )


def lines_of(groups: Sequence[UserGroup], regions: Sequence[str]) -> dict[str, Line]:
    """The line by which each region is judged; none for one without a value."""
    found: dict[str, Counter[Line]] = {}
    for group in groups:
        for line in group.rounds.lines:
            region = group.region_of[line.target_id]
            seen = not np.isnan(group.rounds.of(line)).all()
            if region in regions and seen and not line.replica:
                found.setdefault(region, Counter())[line] += 1
    return {
        region: min(counts, key=lambda line: (-counts[line], line))
        for region, counts in found.items()
    }


def pairs_of(groups: Mapping[str, UserGroup], regions: Sequence[str]) -> Floats:
    """Medians between regions, shape (regions, regions), in ms; infinity if not known.

    Args:
        groups: What was measured from machines in a cloud, by their region.
        regions: Ids.
    """
    found = np.full((len(regions), len(regions)), np.nan)
    for region, group in groups.items():
        if region in regions:
            lines = lines_of([group], regions)
            values = _values(group, [lines.get(one) for one in regions])
            found[regions.index(region)] = quantiles(values, 0.5)
    found[np.isinf(found)] = np.nan
    # Of both directions the longer one; if one is known, that one.
    both = np.fmax(found, found.T)
    np.fill_diagonal(both, 0)
    return np.where(np.isnan(both), np.inf, both)


def quantiles(values: Floats, p: float) -> Floats:
    """The p-quantile of each column's values that are there, as `stats.summary` has it.

    Returns:
        Infinity where there is none.
    """
    ordered = np.sort(values, axis=0)
    count = (~np.isnan(values)).sum(axis=0)
    rank = np.round(p * count, 6)
    at = np.ceil(rank).astype(np.intp)
    columns = np.arange(values.shape[1])
    first = ordered[np.maximum(at, 1) - 1, columns]
    is_between = (rank == at) & (at >= 1) & (at < count)
    second = ordered[np.minimum(at, len(values) - 1), columns]
    middle = np.where(np.isinf(second), second, first + _half(second, first))
    found = np.where(is_between, middle, first)
    return np.asarray(np.where(count > 0, found, np.inf))


def _half(second: Floats, first: Floats) -> Floats:
    known = np.isfinite(first) & np.isfinite(second)
    return np.subtract(second, first, where=known, out=np.zeros_like(first)) / 2


def _values(group: UserGroup, lines: Sequence[Line | None]) -> Floats:
    rounds = group.rounds
    nothing = np.full(len(rounds.wall_ns), np.nan)
    columns = [
        rounds.of(line) if line is not None and line in rounds.lines else nothing
        for line in lines
    ]
    return np.stack(columns, axis=1)


def _block(values: Floats) -> int:
    middles = quantiles(values, 0.5)
    near = np.argsort(middles, kind="stable")[:_NEAREST]
    return max(block_length(values[:, at]) for at in near)
