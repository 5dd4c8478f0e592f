"""Why two regions may be tied though one between them is not: a wide interval."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.ranking import Place, Ranking

_ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class WideTie:
    """Three regions by rising p50 of which the far one is tied, the middle one not.

    Attributes:
        near: The best of the three.
        between: Surely worse than it.
        far: Not surely worse, though further off.
    """

    near: Place
    between: Place
    far: Place


def wide_ties(rankings: Sequence[Ranking], metric: Metric) -> Iterator[str]:
    """Explain the first such tie of each ranking, and count the others."""
    for ranking in rankings:
        found = ties_of(ranking, metric)
        if not found:
            continue
        first = found[0]
        near, between, far = (
            f"{place.line.target_id} ({_point(place):.1f} {metric.unit})"
            for place in (first.near, first.between, first.far)
        )
        more = f", and {len(found) - 1} more such ties" if len(found) > 1 else ""
        yield (
            f"a tie by width ({ranking.vantage or _ALL}): {far} shares a letter with "
            f"{near} though {between} does not, since {_why(first)}{more}"
        )


def ties_of(ranking: Ranking, metric: Metric) -> tuple[WideTie, ...]:
    """Of each region that is tied beyond another, the best region it is tied to."""
    known = [place for place in ranking.places if math.isfinite(_point(place))]
    known.sort(key=lambda place: metric.sign * _point(place))
    found = {}
    for at, near in enumerate(known):
        between = None
        for far in known[at + 1 :]:
            pair = near.line.target_id, far.line.target_id
            if pair in ranking.better:
                between = between or far
            elif between is not None and pair[1] not in found:
                found[pair[1]] = WideTie(near=near, between=between, far=far)
    return tuple(found.values())


def _point(place: Place) -> float:
    return place.p50.point if place.p50 else math.inf


def _why(tie: WideTie) -> str:
    """What makes the interval of the far one wide."""
    far, between = tie.far, tie.between
    if far.rounds < between.rounds:
        return f"it has a value in {far.rounds} rounds, not {between.rounds}"
    if far.attempts.timed_out > between.attempts.timed_out:
        return f"it timed out {far.attempts.timed_out} times"
    return "its rounds vary more, or depend more on one another"
