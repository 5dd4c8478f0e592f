from dataclasses import replace
from typing import Any

import pytest

from cloudgauge.model.run import Part, Vantage
from tests.store.synthetic import make_plan, make_run_info

TOKYO = Vantage(name="tokyo-1", latitude_deg=35.68, longitude_deg=139.77, asn=64_512)


@pytest.mark.parametrize("name", ["a", "Tokyo.1", "a_b-c", "x" * 64])
def test_a_vantage_has_a_name_that_can_name_a_folder(name: str) -> None:
    assert Vantage(name=name).name == name


@pytest.mark.parametrize(
    "name", ["", ".hidden", "a.", "-a", "a/b", "..", "a b", "ü", "x" * 65, "a\n"]
)
def test_a_name_that_could_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"^name must be 1 to 64 letters, digits"):
        Vantage(name=name)


def test_what_nobody_said_of_a_vantage_is_none() -> None:
    vantage = Vantage(name="somewhere")
    assert vantage.latitude_deg is None
    assert vantage.asn is None
    assert vantage.country is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"latitude_deg": None}, "latitude_deg and longitude_deg go together"),
        ({"longitude_deg": None}, "latitude_deg and longitude_deg go together"),
        ({"latitude_deg": 91.0}, r"latitude_deg must be in \[-90, 90\], got 91"),
        ({"latitude_deg": -91.0}, r"latitude_deg must be in \[-90, 90\], got -91"),
        ({"longitude_deg": 181.0}, r"longitude_deg must be in .*, got 181"),
        ({"longitude_deg": -181.0}, r"longitude_deg must be in .*, got -181"),
        ({"uncertainty_km": 0.0}, r"uncertainty_km must be in \(0, 20000\], got 0"),
        ({"uncertainty_km": 2e4 + 1}, r"uncertainty_km must be in \(0, 20000\], got"),
        ({"asn": 0}, r"asn must be in \[1, 4294967295\], got 0"),
        ({"asn": 2**32}, r"asn must be in \[1, 4294967295\], got 4294967296"),
    ],
)
def test_a_vantage_that_cannot_be_is_refused(
    change: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=f"^{problem}"):
        replace(TOKYO, **change)


def test_an_uncertainty_of_no_place_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^uncertainty_km is of coordinates, and"):
        Vantage(name="somewhere", uncertainty_km=5.0)


def test_a_vantage_may_say_how_well_its_place_is_known() -> None:
    assert replace(TOKYO, uncertainty_km=5.0).uncertainty_km == 5.0


@pytest.mark.parametrize("started_wall_ns", [-1, 2**63])
def test_a_start_without_a_date_is_refused(started_wall_ns: int) -> None:
    info = make_run_info(make_plan())
    with pytest.raises(ValueError, match="started_wall_ns must be in"):
        replace(info, started_wall_ns=started_wall_ns)


PART = Part(campaign="c" * 32, number=0, first_round=0, rounds=1, slots=0)


def test_a_part_has_all_slots_of_its_rounds_unless_it_is_the_rest() -> None:
    assert not PART.is_rest


@pytest.mark.parametrize("campaign", ["", "C" * 32, "c" * 31, "c" * 33])
def test_a_campaign_of_another_spelling_is_refused(campaign: str) -> None:
    with pytest.raises(ValueError, match=r"^campaign must be 32 hexadecimal digits"):
        replace(PART, campaign=campaign)


@pytest.mark.parametrize(
    "change", [{"number": -1}, {"first_round": -1}, {"rounds": 0}, {"slots": -1}]
)
def test_a_part_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(
        ValueError, match=r"^number, first_round and slots must be >= 0"
    ):
        replace(PART, **change)
