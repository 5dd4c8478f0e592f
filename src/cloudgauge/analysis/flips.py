"""Where the order of two regions hangs on the vantage."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

from cloudgauge.analysis.ranking import Ranking


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
    turned = [
        frozenset((worse, better) for better, worse in r.better) for r in rankings
    ]
    for (here, _), (there, opposite) in permutations(
        zip(rankings, turned, strict=True), 2
    ):
        for one, other in here.better & opposite:
            if one < other and (one, other) not in found:
                found[one, other] = Flip(
                    one=one,
                    other=other,
                    one_better_at=here.vantage,
                    other_better_at=there.vantage,
                )
    return tuple(found[pair] for pair in sorted(found))
