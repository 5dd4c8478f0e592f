"""Delays and faults of every pair, from geography and a scenario."""

from dataclasses import replace

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.model.run import Vantage
from cloudgauge.world.scenario import (
    FIBRE_KM_PER_S,
    Geography,
    Override,
    Scenario,
    choose_place,
    geographic_rtt_ns,
    scenario_hash,
)
from cloudgauge.world.site import (
    Conduct,
    Fault,
    Link,
    Resolution,
    Site,
    remote_id_of,
    sites_from_json,
    sites_to_json,
)
from tests.world.places import place

_BERLIN = Vantage(name="berlin", latitude_deg=52.52, longitude_deg=13.40)
_TOKYO = Vantage(name="tokyo", latitude_deg=35.68, longitude_deg=139.69)
# As an earlier version without objects and buckets computed it.
_HASH_OF_THE_DEFAULT = (
    "b3e3e1ee87c2b5840dc4b26500f9b13d53e8a28d5a6c837383b3587b1a334d06"
)
# Berlin to Frankfurt, great circle, by the haversine formula on a 6371 km sphere.
_KM = 423.5


def test_a_round_trip_is_the_inflated_great_circle_there_and_back_in_fibre() -> None:
    plain = Geography(inflation=1.5, inflation_spread=0, access_ns=0)
    rtt_ns = geographic_rtt_ns(plain, _BERLIN, place("x").region, seed=1)
    assert rtt_ns == pytest.approx(2 * _KM * 1.5 / FIBRE_KM_PER_S * 1e9, rel=0.01)


def test_a_pair_is_drawn_from_the_seed_and_stays_above_the_physical_floor() -> None:
    wild = Geography(inflation=1, inflation_spread=2, access_ns=0)
    floor_ns = 2 * _KM / FIBRE_KM_PER_S * 1e9
    rtts_ns = [
        geographic_rtt_ns(wild, _BERLIN, place("x").region, seed=seed)
        for seed in range(50)
    ]
    assert min(rtts_ns) >= floor_ns * 0.99
    assert len(set(rtts_ns)) > 20
    again_ns = geographic_rtt_ns(wild, _BERLIN, place("x").region, seed=7)
    assert again_ns == rtts_ns[7]


def test_regions_of_one_city_are_not_exactly_alike() -> None:
    same_city = [place(code).region for code in ("a", "b", "c")]
    rtts_ns = {
        geographic_rtt_ns(Geography(), _BERLIN, region, seed=1) for region in same_city
    }
    assert len(rtts_ns) == 3


def test_an_address_of_the_outside_has_no_number() -> None:
    with pytest.raises(ValueError, match=r"address of the private network, got 10\."):
        remote_id_of("10.0.0.1")


def test_the_vantage_is_what_was_asked_for() -> None:
    scenario = Scenario(vantages=(_BERLIN, _TOKYO))
    assert choose_place(scenario, None) == _BERLIN
    assert choose_place(scenario, Vantage(name="tokyo")) == _TOKYO
    elsewhere = replace(_TOKYO, name="elsewhere")
    assert choose_place(scenario, elsewhere) == elsewhere
    with pytest.raises(
        ConfigError,
        match='want coordinates or one of berlin, tokyo; did you mean "tokyo"',
    ):
        choose_place(scenario, Vantage(name="tokio"))


def test_the_hash_is_of_all_but_the_seed() -> None:
    scenario = Scenario()
    assert scenario_hash(scenario) == scenario_hash(replace(scenario, seed=5))
    other = replace(scenario, geography=Geography(inflation=1.7))
    assert scenario_hash(scenario) != scenario_hash(other)
    assert len(scenario_hash(scenario)) == 64

    # What older manifests say of a scenario still names it.
    assert scenario_hash(scenario) == _HASH_OF_THE_DEFAULT


def test_what_came_later_is_in_the_hash_when_it_is_used() -> None:
    scenario = Scenario()
    for other in (
        replace(scenario, object_bytes=5),
        replace(scenario, guest_ports=(5201,)),
        replace(
            scenario,
            link=replace(scenario.link, burst_bytes=10**6, sustained_bits_per_s=10**6),
        ),
        replace(scenario, overrides=(Override(match="x", places=("a/b",)),)),
    ):
        assert scenario_hash(scenario) != scenario_hash(other)


def test_sites_are_read_back_equal() -> None:
    site = Site(
        host="a.example",
        region_id="lab/a",
        primary=True,
        ports=(80, 443),
        expected=(("/", 403), ("/x?y", 200)),
        numbers=(256, 257),
        link=Link(rtt_ns=5, bits_per_s=1000, reorder=True),
        conduct=Conduct(fault=Fault.STALL, resolution=Resolution.FAIL, status=500),
        objects=(("/agent", 5),),
        places=("lab/b", "lab/c"),
        guest_ports=(5201,),
    )
    assert sites_from_json(sites_to_json((site,))) == (site,)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"rtt_ns": -1}, "must be >= 0"),
        ({"rtt_ns": 1, "loss": 1.0}, r"want loss in \[0, 1\)"),
        ({"rtt_ns": 1, "bits_per_s": 0}, "bits_per_s must be at least 1"),
        ({"rtt_ns": 1, "syn_drops": 6}, r"syn_drops must be in \[0, 5\]"),
        ({"rtt_ns": 1, "burst_bytes": 10**6}, "burst and sustained_mbit_per_s go"),
        ({"rtt_ns": 1, "sustained_bits_per_s": 9}, "go together: a bucket needs both"),
        (
            {"rtt_ns": 1, "burst_bytes": 1500, "sustained_bits_per_s": 9},
            "want burst of at least 65536 B",
        ),
    ],
)
def test_a_link_that_cannot_be_is_refused(fields: dict[str, int], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Link(**fields)  # type: ignore[arg-type]  # the table's values are numbers


@pytest.mark.parametrize(
    ("conduct", "problem"),
    [
        ({"fault_share": 1.5}, r"fault_share must be in \[0, 1\], got 1.5"),
        ({"status": 100}, r"status must be in \[200, 599\], got 100"),
        ({"newest_tls": "1.1"}, 'tls must be "1.2" or "1.3", got "1.1"'),
    ],
)
def test_conduct_that_cannot_be_is_refused(
    conduct: dict[str, object], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        Conduct(**conduct)  # type: ignore[arg-type]  # the table's values differ
