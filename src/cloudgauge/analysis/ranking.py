"""Regions ranked at one vantage, or over several: places they may hold, and ties.

Never a sorted list of points: each region has the places that it may hold, and letters
that it shares with those it is not shown to differ from (`stats.rankset`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.rounds import Attempts, Line, Rounds
from cloudgauge.analysis.series import Floats
from cloudgauge.analysis.sides import ALPHA, CONFIDENCE
from cloudgauge.stats.bootstrap import medians
from cloudgauge.stats.caveat import Caveat
from cloudgauge.stats.compare import shift
from cloudgauge.stats.multiplicity import holm
from cloudgauge.stats.order import stochastic_order
from cloudgauge.stats.pairs import Pairs
from cloudgauge.stats.rankset import RankSets, letters_of, rank_sets
from cloudgauge.stats.summary import Estimate, round_interval

Flags = NDArray[np.bool_]

# The same samples give the same figures.
_SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a region may stand.

    Attributes:
        p50: In the metric's unit, with an interval that holds for all regions at once;
            None where it was never seen.
        behind: By how much it is worse than the leader, likewise; None for the leader
            and where there is nothing to compare.
        low_rank: The best place it may hold; None where it was never seen.
        high_rank: The worst.
        letters: It shares one with each that it is not shown to differ from.
        rounds: With a value.
    """

    line: Line
    p50: Estimate | None
    behind: Estimate | None
    low_rank: int | None
    high_rank: int | None
    letters: str
    rounds: int
    attempts: Attempts

    @property
    def may_be_best(self) -> bool:
        """Whether nothing is surely better."""
        return self.low_rank == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Places of regions that may be held against one another.

    Attributes:
        vantage: Name; "" for all vantages together.
        places: By best place, then worst, then point; the never seen last.
        is_paired: Whether round was held against round.
        is_burst: The rounds were too close together to say anything of other hours.
        better: Pairs of target ids of which the first is surely better.
    """

    metric: Metric
    vantage: str
    places: tuple[Place, ...]
    is_paired: bool
    is_burst: bool
    rounds: int
    better: frozenset[tuple[str, str]]
    caveats: tuple[Caveat, ...] = ()

    @property
    def best(self) -> tuple[str, ...]:
        """Target ids of all that may be best."""
        return tuple(one.line.target_id for one in self.places if one.may_be_best)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A vantage's ranking, and the pairs it was made of, to be pooled.

    Attributes:
        pairs: Of the lines `lines`, in their order; None if unpaired or fewer than two.
    """

    ranking: Ranking
    lines: tuple[Line, ...]
    medians: Floats
    pairs: Pairs | None


def rank_rounds(rounds: Rounds, *, vantage: str, is_paired: bool) -> Ranked:
    """Rank the lines of one vantage; second series of controls are left out."""
    plain = rounds.some([line for line in rounds.lines if not line.replica])
    seen = [line for line in plain.lines if not np.isnan(plain.of(line)).all()]
    known = plain.some(seen)
    sign = -1.0 if rounds.metric.is_rate else 1.0
    points = medians(known.values)
    if len(seen) < 2:
        found, pairs = _alone(len(seen)), None
    elif is_paired:
        sets = rank_sets(sign * known.values, rng=np.random.default_rng(_SEED))
        found, pairs = _of_sets(sets), sets.pairs
    else:
        found, pairs = _unpaired(known, sign), None
    ranking = Ranking(
        metric=rounds.metric,
        vantage=vantage,
        places=_places(plain, known, found),
        is_paired=is_paired,
        is_burst=rounds.coverage().is_burst,
        rounds=len(rounds.wall_ns),
        better=_better(found, seen),
        caveats=found.caveats,
    )
    return Ranked(ranking=ranking, lines=tuple(seen), medians=points, pairs=pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a method makes of lines.

    Attributes:
        worse: Shape (k, k): whether the line of the row is surely worse than the
            column's.
        behind: By how much each is worse than the leader, in the metric's unit.
    """

    letters: tuple[str, ...]
    worse: Flags
    behind: tuple[Estimate | None, ...]
    caveats: tuple[Caveat, ...] = ()


def _alone(count: int) -> _Found:
    caveats: tuple[Caveat, ...] = ()
    if count:
        text = "one region alone is first of one: there is nothing to rank"
        caveats = (Caveat(name="alone", text=text),)
    return _Found(
        letters=("a",) * count,
        worse=np.zeros((count, count), dtype=np.bool_),
        behind=(None,) * count,
        caveats=caveats,
    )


def _of_sets(sets: RankSets) -> _Found:
    pairs = sets.pairs
    sure = pairs.p_adjusted <= ALPHA
    worse = np.zeros((pairs.targets, pairs.targets), dtype=np.bool_)
    above, below = sure & (pairs.shift > 0), sure & (pairs.shift < 0)
    worse[pairs.second[above], pairs.first[above]] = True
    worse[pairs.first[below], pairs.second[below]] = True
    return _Found(
        letters=sets.letters, worse=worse, behind=sets.intervals, caveats=sets.caveats
    )


def _unpaired(rounds: Rounds, sign: float) -> _Found:
    """By the order of two heaps of values, corrected for all pairs."""
    heaps = [column[~np.isnan(column)] for column in sign * rounds.values.T]
    pairs = list(combinations(range(len(heaps)), 2))
    orders = [stochastic_order(heaps[one], heaps[other]) for one, other in pairs]
    adjusted = holm([order.p_value for order in orders])
    worse = np.zeros((len(heaps), len(heaps)), dtype=np.bool_)
    for (one, other), order, p in zip(pairs, orders, adjusted, strict=True):
        if p <= ALPHA and order.theta != 0.5:
            # Of the two, the candidate is the better one where it is more often below.
            row, column = (one, other) if order.theta > 0.5 else (other, one)
            worse[row, column] = True
    points = medians(sign * rounds.values)
    leader = int(np.argmin(points))
    level = 1 - ALPHA / (len(heaps) - 1)
    behind = [
        None if at == leader else shift(heaps[leader], heap, confidence=level)
        for at, heap in enumerate(heaps)
    ]
    text = "no rounds in common: whatever else changed is in the differences"
    return _Found(
        letters=letters_of(worse | worse.T, np.argsort(points, kind="stable")),
        worse=worse,
        behind=tuple(behind),
        caveats=(Caveat(name="unpaired", text=text),),
    )


def _places(plain: Rounds, known: Rounds, found: _Found) -> tuple[Place, ...]:
    count = len(known.lines)
    low = 1 + found.worse.sum(axis=1)
    high = count - found.worse.sum(axis=0)
    sign = -1.0 if plain.metric.is_rate else 1.0
    made = []
    for at, line in enumerate(known.lines):
        p50 = _median(known, line, count)
        order = (low[at], high[at], sign * p50.point, line.target_id)
        place = Place(
            line=line,
            p50=p50,
            behind=found.behind[at],
            low_rank=int(low[at]),
            high_rank=int(high[at]),
            letters=found.letters[at],
            rounds=p50.n,
            attempts=known.attempts_of(line),
        )
        made.append((order, place))
    made.sort(key=lambda item: item[0])
    unseen = [line for line in plain.lines if line not in known.lines]
    return (
        *(place for _, place in made),
        *(_never_seen(line, plain.attempts_of(line)) for line in unseen),
    )


def _median(rounds: Rounds, line: Line, count: int) -> Estimate:
    """The median with an interval that holds for all *count* lines at once."""
    values = rounds.of(line)
    there = ~np.isnan(values)
    level = 1 - (1 - CONFIDENCE) / count
    return round_interval(values[there], np.flatnonzero(there), confidence=level)


def _never_seen(line: Line, attempts: Attempts) -> Place:
    return Place(
        line=line,
        p50=None,
        behind=None,
        low_rank=None,
        high_rank=None,
        letters="",
        rounds=0,
        attempts=attempts,
    )


def _better(found: _Found, lines: Sequence[Line]) -> frozenset[tuple[str, str]]:
    rows, columns = np.nonzero(found.worse)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return frozenset(
        (lines[better].target_id, lines[worse].target_id) for worse, better in pairs
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """Two regions whose order is sure at two vantages, and not the same."""

    one: str
    other: str
    one_better_at: str
    other_better_at: str


def flips(rankings: Sequence[Ranking]) -> tuple[Flip, ...]:
    """Pairs of regions that change places with the vantage, each once, by name."""
    found: dict[tuple[str, str], Flip] = {}
    for here, there in permutations(rankings, 2):
        for one, other in here.better:
            if one < other and (other, one) in there.better:
                flip = Flip(
                    one=one,
                    other=other,
                    one_better_at=here.vantage,
                    other_better_at=there.vantage,
                )
                found.setdefault((one, other), flip)
    return tuple(found[pair] for pair in sorted(found))
