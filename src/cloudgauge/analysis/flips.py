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
