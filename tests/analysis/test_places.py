import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.analysis.places import (
    FIBRE_KM_PER_MS,
    VACUUM_KM_PER_MS,
    Places,
    distances_km,
    least_distances_km,
    reach_km,
)
from cloudgauge.catalog.geography import great_circle_km
from cloudgauge.model.run import Vantage

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)


def place(latitude_deg: float, longitude_deg: float, within_km: float = 0.0) -> Places:
    return Places(
        latitude_deg=np.array([latitude_deg]),
        longitude_deg=np.array([longitude_deg]),
        uncertainty_km=np.array([within_km]),
    )


@given(latitudes, longitudes, latitudes, longitudes)
def test_many_distances_are_those_of_one(
    latitude_1: float, longitude_1: float, latitude_2: float, longitude_2: float
) -> None:
    found = distances_km(place(latitude_1, longitude_1), place(latitude_2, longitude_2))
    wanted = great_circle_km(latitude_1, longitude_1, latitude_2, longitude_2)
    assert found[0, 0] == pytest.approx(wanted, abs=1e-6)


def test_the_least_distance_has_everything_taken_off() -> None:
    # A quarter of the circumference: 2 pi 6371.0088 / 4 = 10,007.6 km; 0.6 % of it are
    # 60.0 km, and the two places are uncertain by 160 km.
    one, other = place(0, 0, 60), place(0, 90, 100)
    found = least_distances_km(one, other)[0, 0]
    assert found == pytest.approx(10_007.56 - 60.05 - 160, abs=0.1)
    assert least_distances_km(one, place(0, 1, 100))[0, 0] == 0


def test_a_millisecond_of_round_trip_is_a_hundred_kilometres_of_fibre() -> None:
    assert pytest.approx(99.93, abs=0.01) == FIBRE_KM_PER_MS
    assert pytest.approx(149.9, abs=0.01) == VACUUM_KM_PER_MS
    # One more is allowed for.
    assert reach_km(np.array([9.0]))[0] == pytest.approx(999.3, abs=0.1)


def test_a_vantage_without_a_place_is_nowhere_and_one_without_a_doubt_has_fifty() -> (
    None
):
    known = Vantage(name="a", latitude_deg=1.0, longitude_deg=2.0)
    sure = Vantage(name="b", latitude_deg=1.0, longitude_deg=2.0, uncertainty_km=0.5)
    found = Places.of_vantages([known, sure, Vantage(name="c")])
    assert found.uncertainty_km[:2].tolist() == [50, 0.5]
    assert np.isnan(found.latitude_deg[2])
