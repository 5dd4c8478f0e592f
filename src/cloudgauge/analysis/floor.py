"""Round trips that light could not make: against the claimed places of regions.

Taken is the second smallest of a series' round trips of the SYN by the kernel, so that
one glitch of a clock convicts nobody.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.places import (
    FIBRE_KM_PER_MS,
    MARGIN_MS,
    VACUUM_KM_PER_MS,
    VANTAGE_UNCERTAINTY_KM,
    Places,
    distances_km,
    least_distances_km,
    reach_km,
)
from cloudgauge.model.run import Vantage
from cloudgauge.model.target import Reach, Target
from cloudgauge.stats.caveat import Caveat, Weight

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_NAMED = 3
# As few regions as may look alike by chance, and how far apart they must lie.
_LEAST_ALIKE = 5
_FAR_KM = 5_000.0
# Alike is what differs by no more than this: a share of the median, or a millisecond.
_ALIKE_SHARE = 0.02
_ALIKE_MS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighted:
    """Targets and the round trip that each is judged by.

    Attributes:
        targets: Each once.
        rtt_ms: Shape (n,), finite: the second smallest.
    """

    targets: tuple[Target, ...]
    rtt_ms: Floats

    def where(self, mask: Mask) -> "Sighted":
        """Those where *mask* holds."""
        kept = zip(self.targets, mask, strict=True)
        targets = tuple(target for target, is_kept in kept if is_kept)
        return Sighted(targets=targets, rtt_ms=self.rtt_ms[mask])

    @classmethod
    def joined(cls, parts: Sequence["Sighted"]) -> "Sighted":
        """All of several, which have no target in common."""
        return cls(
            targets=tuple(target for part in parts for target in part.targets),
            rtt_ms=np.concatenate([np.empty(0), *(part.rtt_ms for part in parts)]),
        )

    @property
    def edges(self) -> Mask:
        """Those whose connections are known to end at an edge."""
        edges = [one.endpoint.reach is Reach.EDGE for one in self.targets]
        return np.array(edges, dtype=np.bool_)


def floor_caveats(sighted: Sighted, vantage: Vantage) -> Iterator[Caveat]:
    """Hold round trips against the distance to where each region is said to be.

    Says nothing of a vantage without coordinates.
    """
    if vantage.latitude_deg is None or not len(sighted.targets):
        return
    regions = Places.of_regions([target.region for target in sighted.targets])
    least_km = least_distances_km(Places.of_vantages([vantage]), regions)[0]
    proven = least_km > reach_km(sighted.rtt_ms, VACUUM_KM_PER_MS)
    doubtful = ~proven & (least_km > reach_km(sighted.rtt_ms, FIBRE_KM_PER_MS))
    edges = sighted.edges
    unsure = _unsure(vantage)
    if (here := proven & ~edges).any():
        yield Caveat(
            name="below light",
            text=(
                f"{_of(here, sighted, least_km)} answered sooner than light in vacuum "
                "could have come from the claimed place: this endpoint or this vantage "
                f"is not where it says, or something nearer answered ({unsure})"
            ),
            weight=Weight.PROOF,
        )
    if (here := doubtful & ~edges).any():
        yield Caveat(
            name="below fibre",
            text=(
                f"{_of(here, sighted, least_km)} answered sooner than light in "
                "straight fibre could have come from the claimed place: doubtful, no "
                f"more ({unsure})"
            ),
        )
    if (here := (proven | doubtful) & edges).any():
        yield Caveat(
            name="edge",
            text=(
                f"{_of(here, sighted, least_km)} answered sooner than its region "
                "could: it is known as an edge, so its connect says nothing of the "
                "region"
            ),
            weight=Weight.NOTE,
        )


def _unsure(vantage: Vantage) -> str:
    own_km = vantage.uncertainty_km
    how = "" if own_km is not None else " assumed"
    return (
        f"{MARGIN_MS:g} ms, the region's own uncertainty and "
        f"{own_km or VANTAGE_UNCERTAINTY_KM:g} km{how} for the vantage are allowed for"
    )


def _of(here: Mask, sighted: Sighted, least_km: Floats) -> str:
    """The worst of those where *here* holds, with its figures, and how many more."""
    places = np.flatnonzero(here)
    worst = places[np.argmin(sighted.rtt_ms[places] / least_km[places])]
    count = f"{len(places)} of {len(here)} endpoints" if len(here) > 1 else "1 endpoint"
    return (
        f"{count} (worst: {sighted.targets[worst].target_id}, "
        f"{sighted.rtt_ms[worst]:.1f} ms over at least {least_km[worst]:,.0f} km)"
    )


def alike_caveats(sighted: Sighted) -> Iterator[Caveat]:
    """Hold regions against one another: works without a place for the vantage.

    Wherever the vantage is, its way to one region and its way to another are
    together no shorter than the way between the two.
    """
    sighted = sighted.where(~sighted.edges)
    regions = Places.of_regions([target.region for target in sighted.targets])
    sums_ms = sighted.rtt_ms[:, np.newaxis] + sighted.rtt_ms[np.newaxis, :]
    # Each of the two round trips has its margin.
    allowed_km = reach_km(sums_ms + MARGIN_MS)
    broken = least_distances_km(regions, regions) > allowed_km
    suspects = _suspects(broken)
    is_most = 2 * len(suspects) > len(sighted.targets) and len(suspects) >= 3
    if suspects:
        yield _broken_caveat(sighted, broken, suspects, is_most=is_most)
    if not is_most:
        yield from _spread_caveat(sighted, distances_km(regions, regions))


def _suspects(broken: Mask) -> tuple[int, ...]:
    """The fewest places, about, without which no pair is broken: worst first."""
    left = broken.copy()
    found: list[int] = []
    while left.any():
        worst = int(np.argmax(left.sum(axis=0)))
        found.append(worst)
        left[worst, :] = False
        left[:, worst] = False
    return tuple(found)


def _broken_caveat(
    sighted: Sighted, broken: Mask, suspects: Sequence[int], *, is_most: bool
) -> Caveat:
    one = suspects[0]
    other = int(np.argmax(broken[one]))
    pair = f"{_figure(sighted, one)} and {_figure(sighted, other)}"
    if is_most:
        text = (
            f"{len(suspects)} of {len(sighted.targets)} endpoints answered sooner than "
            f"any one place could have them all ({pair}, for example): something "
            "before this vantage, a transparent proxy it may be, answers for them"
        )
        return Caveat(name="proxy", text=text, weight=Weight.PROOF)
    text = (
        f"no one place could have had these round trips: {pair}; at least one endpoint "
        "is not where it says"
    )
    # Of one pair, either may be the liar.
    if broken[one].sum() > 1:
        text += f", most likely {_named(sighted, suspects)}"
    return Caveat(name="pair below fibre", text=text)


def _named(sighted: Sighted, places: Sequence[int]) -> str:
    names = [sighted.targets[place].target_id for place in places[:_NAMED]]
    more = len(places) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _figure(sighted: Sighted, place: int) -> str:
    return f"{sighted.targets[place].target_id} in {sighted.rtt_ms[place]:.1f} ms"


def _spread_caveat(sighted: Sighted, between_km: Floats) -> Iterator[Caveat]:
    """Say that all regions answer alike, though they lie far from one another."""
    rtt_ms = sighted.rtt_ms
    regions = {target.region.region_id for target in sighted.targets}
    if len(regions) < _LEAST_ALIKE or between_km.max() < _FAR_KM:
        return
    low, high = float(rtt_ms.min()), float(rtt_ms.max())
    if high - low <= max(_ALIKE_MS, _ALIKE_SHARE * float(np.median(rtt_ms))):
        yield Caveat(
            name="all alike",
            text=(
                f"all {len(rtt_ms)} endpoints answered within {low:.1f} to "
                f"{high:.1f} ms, though up to {between_km.max():,.0f} km lie between "
                "their regions: something before this vantage may answer for them"
            ),
        )
