"""Regions ranked at one vantage, or over several: places they may hold, and ties.

Never a sorted list of points: each region has the places that it may hold, and letters
that it shares with those it is not shown to differ from (`stats.rankset`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np

from cloudgauge.analysis.across import weighted
from cloudgauge.analysis.held_pairs import HeldPairs
from cloudgauge.analysis.medians import median_at
from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.pooling import pooled_pairs, steady_pairs
from cloudgauge.analysis.rank_methods import (
    Standing,
    by_heaps,
    by_intervals,
    by_rounds,
    nothing_shown,
)
from cloudgauge.analysis.rounds import Attempts, Line, Rounds
from cloudgauge.analysis.series import Floats
from cloudgauge.analysis.sides import CONFIDENCE
from cloudgauge.stats.bootstrap import medians
from cloudgauge.stats.caveat import Caveat
from cloudgauge.stats.rankset import ranks_of
from cloudgauge.stats.summary import Estimate

# The same samples give the same figures.
_SEED = 1
# Up to so many at a vantage, how pairs move together is not well known.
_FEW_ROUNDS = 60
# Up to so many hardly show how they depend on one another, or how they vary.
_HARDLY_ANY = 12


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
        limit: How long was waited, of which an infinite p50 is beyond.
    """

    line: Line
    p50: Estimate | None
    behind: Estimate | None
    low_rank: int | None
    high_rank: int | None
    letters: str
    rounds: int
    attempts: Attempts
    limit: float | None = None

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


def rank_rounds(
    rounds: Rounds, *, vantage: str, is_paired: bool, held: HeldPairs | None = None
) -> Ranking:
    """Rank the lines of one vantage; second series of controls are left out.

    Args:
        rounds: Of that vantage.
        vantage: Its name.
        is_paired: Whether a round may be held against a round.
        held: The pairs of the same ranking, also of other vantages.
    """
    plain = rounds.some([line for line in rounds.lines if not line.replica])
    seen = [line for line in plain.lines if not np.isnan(plain.of(line)).all()]
    known = plain.some(seen)
    sign = rounds.metric.sign
    together = (~np.isnan(known.values)).sum(axis=1) > 1
    if len(seen) < 2 or (is_paired and together.sum() < 2):
        found = nothing_shown(len(seen))
    elif is_paired:
        found = _by_pairs(sign * known.values, held or HeldPairs())
    else:
        found = by_heaps(known)
    places = [
        _Candidate(
            line=line,
            p50=_median(known, line, len(seen)),
            rounds=_rounds_of(known, line),
            attempts=attempts,
            limit=rounds.limit,
        )
        for line, attempts in zip(seen, known.attempts, strict=True)
    ]
    unseen = [line for line in plain.lines if line not in known]
    return Ranking(
        metric=rounds.metric,
        vantage=vantage,
        places=(
            *_places(places, found, sign),
            *(_never_seen(line, plain.attempts_of(line)) for line in unseen),
        ),
        is_paired=is_paired,
        is_burst=rounds.coverage().is_burst,
        rounds=len(rounds.wall_ns),
        better=_better(found, seen),
        caveats=found.caveats,
    )


def _by_pairs(values: Floats, held: HeldPairs) -> Standing:
    rng = np.random.default_rng(_SEED)
    return by_rounds(ranks_of(held.of(values), medians(values), rng=rng))


def rank_together(
    places: Sequence[Rounds],
    weights: Sequence[float],
    held: HeldPairs | None = None,
) -> Ranking:
    """Rank the lines that every vantage has a value of, over all vantages.

    Args:
        places: The rounds of two vantages or more, paired; lines of none are left out.
        weights: One each, above 0, with the sum 1.
        held: The pairs of the same ranking, at each vantage.

    Raises:
        ValueError: If fewer than two lines have a value at each.
    """
    sign = places[0].metric.sign
    lines = common_lines(places)
    if len(lines) < 2:
        msg = f"want at least two common lines, got {len(lines)}"
        raise ValueError(msg)
    known = [one.some(lines) for one in places]
    parts = [steady_pairs(sign * one.values, held) for one in known]
    pairs = pooled_pairs(parts, weights)
    points = np.average([medians(one.values) for one in known], axis=0, weights=weights)
    least = min(len(one.wall_ns) for one in known)
    found = by_intervals(pairs, sign * points, is_few=least <= _FEW_ROUNDS)
    count = len(lines)
    candidates = [
        _Candidate(
            line=line,
            p50=weighted([_median(one, line, count) for one in known], weights),
            rounds=sum(_rounds_of(one, line) for one in known),
            attempts=reduce(add, (one.attempts_of(line) for one in known)),
        )
        for line in lines
    ]
    return Ranking(
        metric=places[0].metric,
        vantage="",
        places=_places(candidates, found, sign),
        is_paired=True,
        is_burst=any(one.coverage().is_burst for one in places),
        rounds=sum(len(one.wall_ns) for one in places),
        better=_better(found, lines),
        caveats=(*_of_few(least), *found.caveats),
    )


def _of_few(rounds: int) -> tuple[Caveat, ...]:
    if rounds > _HARDLY_ANY:
        return ()
    noun = "round" if rounds == 1 else "rounds"
    text = (
        f"a vantage has {rounds} {noun}: places over all vantages take so few for "
        "normal, and for independent of one another"
    )
    return (Caveat(name="few rounds", text=text),)


def common_lines(places: Sequence[Rounds]) -> list[Line]:
    """The lines that have a value at every vantage; no second series of controls."""
    seen = [
        {
            line
            for line in one.lines
            if not line.replica and not np.isnan(one.of(line)).all()
        }
        for one in places
    ]
    return sorted(set.intersection(*seen))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A line that has values."""

    line: Line
    p50: Estimate | None
    rounds: int
    attempts: Attempts
    limit: float | None = None


def _places(
    candidates: Sequence[_Candidate], found: Standing, sign: float
) -> tuple[Place, ...]:
    low = 1 + found.worse.sum(axis=1)
    high = len(candidates) - found.worse.sum(axis=0)
    made = []
    for at, one in enumerate(candidates):
        point = sign * one.p50.point if one.p50 else math.inf
        order = (int(low[at]), int(high[at]), point, one.line.target_id)
        place = Place(
            line=one.line,
            p50=one.p50,
            behind=found.behind[at],
            low_rank=order[0],
            high_rank=order[1],
            letters=found.letters[at],
            rounds=one.rounds,
            attempts=one.attempts,
            limit=one.limit,
        )
        made.append((order, place))
    made.sort(key=lambda item: item[0])
    return tuple(place for _, place in made)


def _rounds_of(rounds: Rounds, line: Line) -> int:
    return int((~np.isnan(rounds.of(line))).sum())


def _median(rounds: Rounds, line: Line, count: int) -> Estimate | None:
    """The median with an interval that holds for all *count* lines at once."""
    return median_at(rounds.of(line), 1 - (1 - CONFIDENCE) / count)


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


def _better(found: Standing, lines: Sequence[Line]) -> frozenset[tuple[str, str]]:
    rows, columns = np.nonzero(found.worse)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return frozenset(
        (lines[better].target_id, lines[worse].target_id) for worse, better in pairs
    )
