"""Where endpoints can be, by the time that light needs: constraint-based geolocation.

Gueye et al., Constraint-Based Geolocation of Internet Hosts, IEEE/ACM Transactions on
Networking 14 (2006). A round trip from a vantage of known place puts an address into
a disc around it; it lies where all discs meet. Two discs that do not meet prove that
one address is in more than one place: Cicalese et al., A Fistful of Pings: Accurate and
Lightweight Anycast Enumeration and Geolocation, INFOCOM 2015.

Discs are those of light in fibre, with every margin of `places` on the side of the
claim; the second smallest round trip of a vantage counts, so that one glitch of a
clock convicts nobody. An address is judged, not a name: one name may have addresses
in several places.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.places import (
    FIBRE_KM_PER_MS,
    VACUUM_KM_PER_MS,
    Places,
    distances_km,
    least_distances_km,
    reach_km,
)
from cloudgauge.analysis.sightings import Sighting
from cloudgauge.model.run import Vantage
from cloudgauge.model.target import Region

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

# Nearer than that, an answer's own work is most of a round trip.
LEAST_INFLATED_KM = 100.0


class Verdict(StrEnum):
    """What is known of the place of an address.

    ``confirmed``: in the claimed region, for no other one of that provider fits.
    ``possible``: the claimed region fits, and others do. ``refuted``: it does not fit.
    ``anycast``: in several places. ``unknown``: there is nothing to judge it by.
    """

    REFUTED = "refuted"
    ANYCAST = "anycast"
    CONFIRMED = "confirmed"
    POSSIBLE = "possible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one vantage says of an address and its claimed region.

    Attributes:
        vantage: Its place among the vantages.
        disc_km: Radius of the disc, its margins included but that of the places.
        distance_km: From the vantage to the claimed region.
    """

    vantage: int
    rtt_ms: float
    disc_km: float
    distance_km: float

    @property
    def inflation(self) -> float | None:
        """The round trip over the least that fibre allows; None where both are near."""
        if self.distance_km < LEAST_INFLATED_KM:
            return None
        return self.rtt_ms * FIBRE_KM_PER_MS / self.distance_km


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """The verdict on one address of one target.

    Attributes:
        evidence: That of the vantage which excludes the claimed region by most, or
            where none does, of the one with the smallest disc; None for ``unknown``.
        against: Of ``anycast``: that of the vantage whose disc is furthest from the
            one of `evidence`.
        is_proof: Of ``refuted`` and ``anycast``: light in vacuum would not do either.
        nearest: Of ``refuted``: of the provider's regions that fit, the one nearest
            to the vantage of the smallest disc; None where none fits.
        fitting: How many of the provider's regions fit.
    """

    target_id: str
    address: str
    claimed: Region
    verdict: Verdict
    evidence: Evidence | None = None
    against: Evidence | None = None
    is_proof: bool = False
    nearest: Region | None = None
    fitting: int = 0


def locate(
    sightings: Sequence[Sequence[Sighting]],
    vantages: Sequence[Vantage],
    claimed: Mapping[str, Region],
    regions: Sequence[Region],
) -> tuple[Located, ...]:
    """Judge each address that was seen, in the order of targets and addresses.

    Args:
        sightings: Of each vantage.
        vantages: As many, each with coordinates.
        claimed: The region that each target is said to be in.
        regions: Every region that one could be in instead.

    Raises:
        ValueError: If a vantage has no coordinates.
    """
    if any(vantage.latitude_deg is None for vantage in vantages):
        msg = "each vantage must have coordinates"
        raise ValueError(msg)
    keys = sorted({(one.target_id, one.address) for seen in sightings for one in seen})
    rows = {key: row for row, key in enumerate(keys)}
    rtt_ms = np.full((len(keys), len(vantages)), np.nan)
    for place, seen in enumerate(sightings):
        for one in seen:
            if one.rtt_ms is not None:
                rtt_ms[rows[one.target_id, one.address], place] = one.rtt_ms
    ground = _Ground.of(vantages, regions)
    return tuple(
        ground.judge(target_id, address, claimed[target_id], rtt_ms[row])
        for row, (target_id, address) in enumerate(keys)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """Vantages and regions, and how far they are apart.

    Attributes:
        given_km: Shape (vantages, regions), by the coordinates.
        least_km: Likewise, with all that is uncertain taken off.
        between_km: Shape (vantages, vantages), likewise.
        providers: Shape (regions,): positions of the regions of each.
    """

    regions: tuple[Region, ...]
    rows: Mapping[str, int]
    given_km: Floats
    least_km: Floats
    between_km: Floats
    providers: Mapping[str, Codes]

    @classmethod
    def of(cls, vantages: Sequence[Vantage], regions: Sequence[Region]) -> "_Ground":
        """Measure every distance once."""
        here, there = Places.of_vantages(vantages), Places.of_regions(regions)
        names = [region.provider for region in regions]
        return cls(
            regions=tuple(regions),
            rows={region.region_id: row for row, region in enumerate(regions)},
            given_km=distances_km(here, there),
            least_km=least_distances_km(here, there),
            between_km=least_distances_km(here, here),
            providers={
                name: np.flatnonzero([other == name for other in names])
                for name in set(names)
            },
        )

    def judge(
        self, target_id: str, address: str, claimed: Region, rtt_ms: Floats
    ) -> Located:
        """The verdict on an address, by its round trip from each vantage, or NaN."""
        row = self.rows[claimed.region_id]
        seen = np.flatnonzero(~np.isnan(rtt_ms))
        made = Located(
            target_id=target_id,
            address=address,
            claimed=claimed,
            verdict=Verdict.UNKNOWN,
        )
        if not len(seen):
            return made
        if (apart := self._apart(seen, rtt_ms, FIBRE_KM_PER_MS)) is not None:
            evidence, against = (self._evidence(at, rtt_ms, row) for at in apart)
            return replace(
                made,
                verdict=Verdict.ANYCAST,
                evidence=evidence,
                against=against,
                is_proof=self._apart(seen, rtt_ms, VACUUM_KM_PER_MS) is not None,
            )
        return self._judge_one(made, seen, rtt_ms)

    def _judge_one(self, made: Located, seen: Codes, rtt_ms: Floats) -> Located:
        """The verdict on an address that may be in one place."""
        row = self.rows[made.claimed.region_id]
        discs_km = reach_km(rtt_ms[seen])
        tightest = int(seen[np.argmin(discs_km)])
        fits = np.all(self.least_km[seen] <= discs_km[:, np.newaxis], axis=0)
        mine = self.providers[made.claimed.provider]
        fitting = mine[fits[mine]]
        made = replace(made, fitting=len(fitting))
        if fits[row]:
            only = len(fitting) == 1
            return replace(
                made,
                verdict=Verdict.CONFIRMED if only else Verdict.POSSIBLE,
                evidence=self._evidence(tightest, rtt_ms, row),
            )
        furthest = int(seen[np.argmax(self.least_km[seen, row] - discs_km)])
        proof = self.least_km[seen, row] > reach_km(rtt_ms[seen], VACUUM_KM_PER_MS)
        return replace(
            made,
            verdict=Verdict.REFUTED,
            evidence=self._evidence(furthest, rtt_ms, row),
            is_proof=bool(proof.any()),
            nearest=self._nearest(fitting, tightest),
        )

    def _nearest(self, fitting: Codes, vantage: int) -> Region | None:
        if not len(fitting):
            return None
        return self.regions[int(fitting[np.argmin(self.given_km[vantage, fitting])])]

    def _apart(
        self, seen: Codes, rtt_ms: Floats, km_per_ms: float
    ) -> tuple[int, int] | None:
        """The vantages of the two discs furthest apart; None if all discs meet."""
        discs_km = reach_km(rtt_ms[seen], km_per_ms)
        gaps_km = self.between_km[np.ix_(seen, seen)]
        gaps_km = gaps_km - discs_km[:, np.newaxis] - discs_km[np.newaxis, :]
        place = int(np.argmax(gaps_km))
        if gaps_km.flat[place] <= 0:
            return None
        one, other = divmod(place, len(seen))
        return int(seen[one]), int(seen[other])

    def _evidence(self, vantage: int, rtt_ms: Floats, row: int) -> Evidence:
        return Evidence(
            vantage=vantage,
            rtt_ms=float(rtt_ms[vantage]),
            disc_km=float(reach_km(rtt_ms[vantage])),
            distance_km=float(self.given_km[vantage, row]),
        )
