"""How far things are apart, and how far an answer can have come from.

An RTT bounds a distance from above: nothing is faster than light, and in fibre it
covers two thirds of c, so that a millisecond of round trip is at most 99.93 km of
distance (149.9 km in vacuum). Every bound here errs on the side of the claim: of a
distance everything is taken off that the two places may be nearer, and to an RTT a
millisecond is added.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloudgauge.catalog.geography import (
    EARTH_RADIUS_KM,
    FIBRE_SHARE_OF_LIGHT,
    LIGHT_KM_PER_S,
)
from cloudgauge.model.run import Vantage
from cloudgauge.model.target import Region

Floats = NDArray[np.float64]

VACUUM_KM_PER_MS = LIGHT_KM_PER_S / 2 / 1_000
FIBRE_KM_PER_MS = VACUUM_KM_PER_MS * FIBRE_SHARE_OF_LIGHT
# What a clock may be wrong by before it convicts somebody.
MARGIN_MS = 1.0
# A vantage that does not say how well it knows its place knows its city.
VANTAGE_UNCERTAINTY_KM = 50.0
# The ellipsoid's shortest way may be shorter than the sphere's by as much.
_ELLIPSOID_SHARE = 0.006


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where things are said to be, shape (n,) each.

    Attributes:
        latitude_deg: North positive.
        longitude_deg: East positive.
        uncertainty_km: How far each may be from there.
    """

    latitude_deg: Floats
    longitude_deg: Floats
    uncertainty_km: Floats

    @classmethod
    def of_regions(cls, regions: Sequence[Region]) -> "Places":
        """Where regions are said to be."""
        return cls(
            latitude_deg=np.array([r.latitude_deg for r in regions], dtype=np.float64),
            longitude_deg=np.array(
                [r.longitude_deg for r in regions], dtype=np.float64
            ),
            uncertainty_km=np.array(
                [r.uncertainty_km for r in regions], dtype=np.float64
            ),
        )

    @classmethod
    def of_vantages(cls, vantages: Sequence[Vantage]) -> "Places":
        """Where vantages say they are; NaN for those that do not."""
        return cls(
            latitude_deg=_known([v.latitude_deg for v in vantages]),
            longitude_deg=_known([v.longitude_deg for v in vantages]),
            uncertainty_km=_known(
                [v.uncertainty_km or VANTAGE_UNCERTAINTY_KM for v in vantages]
            ),
        )


def distances_km(ones: Places, others: Places) -> Floats:
    """Great circles between each of *ones* and each of *others*, by the haversine.

    As `catalog.geography.great_circle_km`, for many at once.

    Returns:
        Shape (len(ones), len(others)).
    """
    phi_1 = np.radians(ones.latitude_deg)[:, np.newaxis]
    phi_2 = np.radians(others.latitude_deg)[np.newaxis, :]
    east_deg = others.longitude_deg[np.newaxis, :] - ones.longitude_deg[:, np.newaxis]
    haversine = (
        np.sin((phi_2 - phi_1) / 2) ** 2
        + np.cos(phi_1) * np.cos(phi_2) * np.sin(np.radians(east_deg) / 2) ** 2
    )
    return np.asarray(
        2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(haversine, 1)))
    )


def least_distances_km(ones: Places, others: Places) -> Floats:
    """How near each two may be at the nearest, with all that is uncertain of them.

    Returns:
        Shape (len(ones), len(others)), at least 0.
    """
    given = distances_km(ones, others) * (1 - _ELLIPSOID_SHARE)
    unsure = ones.uncertainty_km[:, np.newaxis] + others.uncertainty_km[np.newaxis, :]
    return np.asarray(np.maximum(given - unsure, 0))


def reach_km(rtt_ms: Floats, km_per_ms: float = FIBRE_KM_PER_MS) -> Floats:
    """From how far an answer within *rtt_ms* can have come, margin included."""
    return np.asarray((rtt_ms + MARGIN_MS) * km_per_ms)


def _known(values: Sequence[float | None]) -> Floats:
    return np.array(
        [np.nan if value is None else value for value in values], dtype=np.float64
    )
