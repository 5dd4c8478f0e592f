import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.catalog.geography import (
    AREAS,
    EARTH_RADIUS_KM,
    areas_of,
    fibre_floor_ns,
    great_circle_km,
    vacuum_floor_ns,
)
from tests.model.test_target import REGION

LONDON = (51.5074, -0.1278)
NEW_YORK = (40.7128, -74.0060)
latitudes = st.floats(min_value=-90, max_value=90)
longitudes = st.floats(min_value=-180, max_value=180)
places = st.tuples(latitudes, longitudes)
HALF_ROUND_KM = math.pi * EARTH_RADIUS_KM


@pytest.mark.parametrize(
    ("first", "second", "distance_km"),
    [
        (LONDON, NEW_YORK, 5_570.2),
        # A degree of a great circle is 2 pi R / 360.
        ((0.0, 0.0), (0.0, 1.0), 111.195),
        ((0.0, 0.0), (1.0, 0.0), 111.195),
        ((90.0, 0.0), (-90.0, 0.0), HALF_ROUND_KM),
        ((0.0, 0.0), (0.0, 180.0), HALF_ROUND_KM),
        # Over the date line: 20 degrees of the equator, not 340.
        ((0.0, 170.0), (0.0, -170.0), 20 * 111.195),
        # Singapore and Johor Bahru, as two providers place them.
        ((1.35, 103.82), (1.49, 103.74), 17.93),
    ],
)
def test_known_distances(
    first: tuple[float, float], second: tuple[float, float], distance_km: float
) -> None:
    assert great_circle_km(*first, *second) == pytest.approx(distance_km, rel=1e-3)


@given(latitudes, longitudes, latitudes, longitudes)
def test_a_distance_is_the_same_both_ways_and_no_more_than_half_round(
    lat_1: float, lon_1: float, lat_2: float, lon_2: float
) -> None:
    there = great_circle_km(lat_1, lon_1, lat_2, lon_2)
    back = great_circle_km(lat_2, lon_2, lat_1, lon_1)
    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= HALF_ROUND_KM * (1 + 1e-12)


@given(latitudes, longitudes)
def test_a_place_is_nowhere_far_from_itself(lat: float, lon: float) -> None:
    assert great_circle_km(lat, lon, lat, lon) == 0


@given(places, places, places)
def test_no_detour_is_shorter(
    start: tuple[float, float], over: tuple[float, float], end: tuple[float, float]
) -> None:
    detour = great_circle_km(*start, *over) + great_circle_km(*over, *end)
    assert great_circle_km(*start, *end) <= detour + 1e-3


@given(latitudes, longitudes)
def test_antipodes_are_half_round_apart(lat: float, lon: float) -> None:
    opposite = lon - 180 if lon > 0 else lon + 180
    assert great_circle_km(lat, lon, -lat, opposite) == pytest.approx(HALF_ROUND_KM)


def test_light_sets_the_least_round_trip() -> None:
    # 149 896.229 km out and back are 299 792.458 km: one second in vacuum.
    assert vacuum_floor_ns(149_896.229) == 1_000_000_000
    # Fibre takes half as long again: 99.93 km for each millisecond.
    assert fibre_floor_ns(99.930_819) == pytest.approx(1_000_000, abs=1)
    assert vacuum_floor_ns(0) == fibre_floor_ns(0) == 0


@given(st.floats(min_value=0, max_value=20_037))
def test_fibre_is_never_faster_than_vacuum(distance_km: float) -> None:
    assert fibre_floor_ns(distance_km) >= vacuum_floor_ns(distance_km)


@pytest.mark.parametrize("floor_ns", [vacuum_floor_ns, fibre_floor_ns])
def test_a_negative_distance_is_a_mistake_of_the_caller(floor_ns: object) -> None:
    assert callable(floor_ns)
    with pytest.raises(ValueError, match=r"^distance_km must be >= 0, got -1$"):
        floor_ns(-1)


@pytest.mark.parametrize(
    ("country", "areas"),
    [
        ("SG", ("south-east-asia",)),
        ("AE", ("gulf",)),
        ("ZA", ("africa",)),
        ("EG", ("africa",)),
        ("BR", ("latin-america",)),
        ("MX", ("latin-america", "north-america")),
        ("US", ("north-america",)),
        ("DE", ("europe",)),
        ("IL", ("europe",)),
        ("TR", ("europe",)),
        ("RU", ("europe",)),
        ("KZ", ("europe",)),
        ("JP", ("east-asia",)),
        ("HK", ("east-asia",)),
        ("TW", ("east-asia",)),
        ("MO", ("east-asia",)),
        ("CN", ("mainland-china",)),
        ("IN", ("south-asia",)),
        ("NZ", ("oceania",)),
        ("QA", ("gulf",)),
        ("BH", ("gulf",)),
        ("AQ", ()),
    ],
)
def test_a_country_is_where_the_readme_says(
    country: str, areas: tuple[str, ...]
) -> None:
    assert areas_of(replace(REGION, country=country)) == areas


def test_there_are_exactly_the_ten_areas() -> None:
    assert list(AREAS) == [
        "africa",
        "east-asia",
        "europe",
        "gulf",
        "latin-america",
        "mainland-china",
        "north-america",
        "oceania",
        "south-asia",
        "south-east-asia",
    ]


def test_only_mexico_is_in_two_areas() -> None:
    every = [country for countries in AREAS.values() for country in countries]
    assert {country for country in every if every.count(country) > 1} == {"MX"}
