"""Where regions lie: distances, areas, and how fast light lets an answer be."""

import math
from collections.abc import Mapping
from types import MappingProxyType

from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.target import Region

# Mean radius (2a + b) / 3 of the GRS 80 ellipsoid: Moritz, Geodetic Reference
# System 1980, Journal of Geodesy 74 (2000), 128-133.
EARTH_RADIUS_KM = 6371.0088
# Exact, by the definition of the metre (BIPM, SI Brochure, 9th edition, 2.2).
LIGHT_KM_PER_S = 299_792.458
# Silica fibre has a group index near 1.47, so light in it covers about two
# thirds of c; the bound of Gueye et al., Constraint-Based Geolocation of
# Internet Hosts, IEEE/ACM Transactions on Networking 14 (2006).
FIBRE_SHARE_OF_LIGHT = 2 / 3

MAINLAND_CHINA = "mainland-china"

# A country may be in two areas (Mexico). Where none of the ten names fits, a
# country is in the one that its cables lead to: the Levant, Turkey, Russia, the
# Caucasus and Central Asia are with Europe. Hong Kong, Macao and Taiwan have
# other networks, laws and accounts than the mainland: East Asia.
_COUNTRIES = {
    "africa": (
        "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM "
        "LR LS LY MA MG ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD "
        "TG TN TZ UG YT ZA ZM ZW"
    ),
    "east-asia": "HK JP KP KR MN MO TW",
    "europe": (
        "AD AL AM AT AX AZ BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GE GG GI GR "
        "HR HU IE IL IM IS IT JE JO KG KZ LB LI LT LU LV MC MD ME MK MT NL NO PL PS "
        "PT RO RS RU SE SI SJ SK SM SY TJ TM TR UA UZ VA XK"
    ),
    "gulf": "AE BH IQ IR KW OM QA SA YE",
    "latin-america": (
        "AG AI AR AW BB BL BO BQ BR BS BZ CL CO CR CU CW DM DO EC FK GD GF GP GT GY "
        "HN HT JM KN KY LC MF MQ MS MX NI PA PE PR PY SR SV SX TC TT UY VC VE VG VI"
    ),
    MAINLAND_CHINA: "CN",
    "north-america": "BM CA GL MX PM US",
    "oceania": (
        "AS AU CC CK CX FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM "
        "VU WF WS"
    ),
    "south-asia": "AF BD BT IN LK MV NP PK",
    "south-east-asia": "BN ID KH LA MM MY PH SG TH TL VN",
}
AREAS: Mapping[str, frozenset[str]] = MappingProxyType(
    {name: frozenset(codes.split()) for name, codes in _COUNTRIES.items()}
)


def areas_of(region: Region) -> tuple[str, ...]:
    """The areas that a region's country belongs to, in order of name; may be none."""
    return tuple(name for name in AREAS if region.country in AREAS[name])


def great_circle_km(
    latitude_1_deg: float,
    longitude_1_deg: float,
    latitude_2_deg: float,
    longitude_2_deg: float,
) -> float:
    """Shortest way over a sphere of the Earth's mean radius, by the haversine.

    The ellipsoid's own shortest way differs by less than 0.6 %, and may be the
    shorter one: who proves something by a distance leaves that margin.

    Source: R. W. Sinnott, Virtues of the Haversine, Sky and Telescope 68 (1984).

    Returns:
        Kilometres, from 0 to half the circumference.
    """
    phi_1, phi_2 = math.radians(latitude_1_deg), math.radians(latitude_2_deg)
    half_lambda = math.radians(longitude_2_deg - longitude_1_deg) / 2
    haversine = (
        math.sin((phi_2 - phi_1) / 2) ** 2
        + math.cos(phi_1) * math.cos(phi_2) * math.sin(half_lambda) ** 2
    )
    # Rounding may leave antipodes a hair above 1, where asin is not defined.
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(haversine, 1.0)))


def vacuum_floor_ns(distance_km: float) -> int:
    """Least round trip over a distance that physics allows: light in vacuum.

    An RTT below it proves that one of the two places is wrong.

    Raises:
        ValueError: If *distance_km* is negative.
    """
    return _floor_ns(distance_km, LIGHT_KM_PER_S)


def fibre_floor_ns(distance_km: float) -> int:
    """Least round trip over a distance in straight fibre: two thirds of c.

    An RTT below it makes a place doubtful, no more: part of the way may be
    radio or hollow-core fibre, where light is as fast as in vacuum.

    Raises:
        ValueError: If *distance_km* is negative.
    """
    return _floor_ns(distance_km, LIGHT_KM_PER_S * FIBRE_SHARE_OF_LIGHT)


def _floor_ns(distance_km: float, speed_km_per_s: float) -> int:
    if distance_km < 0:
        msg = f"distance_km must be >= 0, got {distance_km}"
        raise ValueError(msg)
    return math.floor(2 * distance_km / speed_km_per_s * NS_PER_S)
