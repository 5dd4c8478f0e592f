"""Round trips of a made-up world: light in fibre, 1.6 times as long as straight.

Regions lie on the equator, a degree of longitude is 111.195 km, and a millisecond of
round trip is at most 99.93 km.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudgauge.analysis.location import Located, Verdict, locate
from cloudgauge.analysis.places import FIBRE_KM_PER_MS
from cloudgauge.analysis.sightings import Sighting, sightings_of
from cloudgauge.catalog.geography import great_circle_km
from cloudgauge.model.run import Vantage
from cloudgauge.model.target import Region
from tests.analysis.rows import Row, sample_columns
from tests.store.synthetic import make_target

KM_PER_DEGREE = 111.195


def region(provider: str, code: str, longitude: float, latitude: float = 0.0) -> Region:
    made = make_target(provider, code).region
    return replace(made, latitude_deg=latitude, longitude_deg=longitude)


def vantage(name: str, longitude: float, latitude: float = 0.0) -> Vantage:
    return Vantage(
        name=name, latitude_deg=latitude, longitude_deg=longitude, uncertainty_km=10
    )


def seen(rtt_ms: float | None, address: str = "192.0.2.1") -> tuple[Sighting, ...]:
    return (Sighting(target_id="t", address=address, n=9, rtt_ms=rtt_ms),)


def judged(
    claimed: Region,
    regions: tuple[Region, ...],
    rtts_ms: dict[Vantage, float | None],
) -> Located:
    (found,) = locate(
        [seen(rtt_ms) for rtt_ms in rtts_ms.values()],
        list(rtts_ms),
        {"t": claimed},
        regions,
    )
    return found


HERE = region("aws", "here", 0)
NEAR = region("aws", "near", 5)
FAR = region("aws", "far", 60)
OTHER = region("gcp", "other", 0)
EVERYWHERE = (FAR, HERE, NEAR, OTHER)


def test_an_endpoint_that_no_other_region_fits_is_confirmed() -> None:
    found = judged(HERE, EVERYWHERE, {vantage("v", 0): 1.5})
    assert found.verdict is Verdict.CONFIRMED
    assert found.fitting == 1
    assert found.evidence is not None
    assert found.evidence.disc_km == pytest.approx(2.5 * 99.93, abs=0.1)
    assert found.evidence.distance_km == 0
    assert found.evidence.inflation is None


def test_an_endpoint_that_another_region_of_its_provider_fits_is_possible() -> None:
    # 5 degrees are 556 km: less 0.6 %, 60 km of the region and 10 of the vantage.
    least_ms = (556.0 * 0.994 - 70) / 99.93 - 1
    found = judged(HERE, EVERYWHERE, {vantage("v", 0): least_ms + 0.01})
    assert (found.verdict, found.fitting) == (Verdict.POSSIBLE, 2)
    found = judged(HERE, EVERYWHERE, {vantage("v", 0): least_ms - 0.01})
    assert found.verdict is Verdict.CONFIRMED


def test_a_second_vantage_narrows_down_where_an_endpoint_is() -> None:
    west, east = vantage("west", -20), vantage("east", 20)
    assert judged(HERE, EVERYWHERE, {west: 35.0}).verdict is Verdict.POSSIBLE
    found = judged(FAR, EVERYWHERE, {west: 135.0, east: 70.0})
    # From 20 east, 60 east and 0 are 4,448 and 2,224 km away: both within 7,095.
    assert found.verdict is Verdict.POSSIBLE
    found = judged(FAR, EVERYWHERE, {west: 135.0, vantage("far", 60): 2.0})
    assert found.verdict is Verdict.CONFIRMED


def test_an_endpoint_that_was_moved_is_refuted_with_the_region_that_fits() -> None:
    found = judged(FAR, EVERYWHERE, {vantage("v", 0): 2.0, vantage("w", 10): 25.0})
    assert found.verdict is Verdict.REFUTED
    assert found.is_proof
    assert found.nearest == HERE
    assert found.fitting == 1
    assert found.evidence is not None
    assert found.evidence.vantage == 0
    assert found.evidence.distance_km == pytest.approx(60 * KM_PER_DEGREE, rel=1e-4)
    assert found.evidence.inflation == pytest.approx(2 * 99.93 / 6_671.7, rel=1e-3)


def test_the_vantage_that_excludes_a_place_by_most_is_the_evidence() -> None:
    # 60 east is 3,424 km outside the disc of the one and 648 km outside that of the
    # other, which is the smaller.
    found = judged(FAR, EVERYWHERE, {vantage("a", 0): 30.0, vantage("b", 30): 25.0})
    assert found.verdict is Verdict.REFUTED
    assert found.evidence is not None
    assert found.evidence.vantage == 0


def test_light_in_vacuum_tells_a_proof_from_a_doubt() -> None:
    # 60 degrees are 6,671.7 km, 6,561.7 with all taken off: 64.66 ms in fibre and
    # 42.77 ms in vacuum, with the millisecond that is allowed for.
    for rtt_ms, verdict, is_proof in (
        (42.7, Verdict.REFUTED, True),
        (42.9, Verdict.REFUTED, False),
        (64.6, Verdict.REFUTED, False),
        (64.8, Verdict.POSSIBLE, False),
    ):
        found = judged(FAR, EVERYWHERE, {vantage("v", 0): rtt_ms})
        assert (found.verdict, found.is_proof) == (verdict, is_proof), rtt_ms


def test_an_endpoint_in_no_region_of_its_provider_has_none_that_fits() -> None:
    found = judged(FAR, EVERYWHERE, {vantage("v", 120): 2.0})
    assert found.verdict is Verdict.REFUTED
    assert found.nearest is None
    assert found.fitting == 0


def test_two_discs_that_do_not_meet_are_anycast() -> None:
    found = judged(
        HERE,
        EVERYWHERE,
        {vantage("a", 0): 2.0, vantage("b", 30): 20.0, vantage("c", 60): 3.0},
    )
    assert found.verdict is Verdict.ANYCAST
    assert found.is_proof
    assert found.evidence is not None
    assert found.against is not None
    assert {found.evidence.vantage, found.against.vantage} == {0, 2}


def test_discs_that_just_meet_are_no_anycast() -> None:
    # 6,671.7 km less 0.6 % and twice 10 km are 6,611.6: 66.16 ms, with 1 ms each.
    pair = {vantage("a", 0): 32.1, vantage("c", 60): 32.1}
    assert judged(HERE, EVERYWHERE, dict(pair)).verdict is not Verdict.ANYCAST
    pair = dict.fromkeys(pair, 32.0)
    found = judged(HERE, EVERYWHERE, dict(pair))
    assert found.verdict is Verdict.ANYCAST
    assert not found.is_proof


def test_what_nobody_saw_twice_is_unknown() -> None:
    found = judged(HERE, EVERYWHERE, {vantage("v", 0): None})
    assert found.verdict is Verdict.UNKNOWN
    assert found.evidence is None


def test_each_address_is_judged_by_itself() -> None:
    found = locate(
        [(*seen(2.0, "192.0.2.1"), *seen(900.0, "192.0.2.2"))],
        [vantage("v", 0)],
        {"t": FAR},
        EVERYWHERE,
    )
    assert [one.verdict for one in found] == [Verdict.REFUTED, Verdict.POSSIBLE]


def test_a_vantage_without_coordinates_is_refused() -> None:
    with pytest.raises(ValueError, match="each vantage must have coordinates"):
        judged(HERE, EVERYWHERE, {Vantage(name="nowhere"): 1.0})


points = st.tuples(st.floats(-85, 85), st.floats(-180, 180))


@settings(max_examples=60)
@given(
    vantages=st.lists(points, min_size=1, max_size=4),
    regions=st.lists(points, min_size=2, max_size=12),
    inflation=st.floats(1.0, 4.0),
    data=st.data(),
)
def test_no_honest_endpoint_is_refuted_or_called_anycast(
    vantages: list[tuple[float, float]],
    regions: list[tuple[float, float]],
    inflation: float,
    data: st.DataObject,
) -> None:
    made = tuple(
        region("aws", f"place-{place:03}", longitude, latitude)
        for place, (latitude, longitude) in enumerate(regions)
    )
    claimed = data.draw(st.sampled_from(made))
    rtts_ms: dict[Vantage, float | None] = {}
    for place, (latitude, longitude) in enumerate(vantages):
        km = great_circle_km(
            latitude, longitude, claimed.latitude_deg, claimed.longitude_deg
        )
        key = vantage(f"v-{place}", longitude, latitude)
        rtts_ms[key] = max(km * inflation / FIBRE_KM_PER_MS, 0.05)
    found = judged(claimed, made, rtts_ms)
    assert found.verdict in {Verdict.CONFIRMED, Verdict.POSSIBLE}
    assert found.fitting >= 1


def test_of_two_hundred_regions_only_the_moved_and_the_anycast_are_convicted() -> None:
    rng = np.random.default_rng(17)
    places = [(rng.uniform(-60, 65), rng.uniform(-180, 180)) for _ in range(200)]
    regions = tuple(
        region(f"cloud-{place % 6}", f"place-{place:03}", longitude, latitude)
        for place, (latitude, longitude) in enumerate(places)
    )
    sites = [
        vantage("sg", 103.8, 1.3),
        vantage("fra", 8.7, 50.1),
        vantage("iad", -77.5, 39),
    ]
    moved, anycast = regions[13], regions[57]
    # To the far side of the Earth from where it says it is.
    elsewhere = (-moved.latitude_deg, (moved.longitude_deg + 360) % 360 - 180)
    sightings = []
    for site in sites:
        rows = []
        for one in regions:
            at = elsewhere if one is moved else (one.latitude_deg, one.longitude_deg)
            km = great_circle_km(site.latitude_deg or 0, site.longitude_deg or 0, *at)
            rtt_ms = km * rng.uniform(1.3, 2.4) / FIBRE_KM_PER_MS + rng.uniform(0.3, 3)
            if one is anycast:
                rtt_ms = rng.uniform(1, 5)
            rows.append(
                Sighting(
                    target_id=one.region_id, address="192.0.2.1", n=9, rtt_ms=rtt_ms
                )
            )
        sightings.append(rows)
    found = locate(sightings, sites, {one.region_id: one for one in regions}, regions)
    convicted = {
        one.target_id: one.verdict
        for one in found
        if one.verdict in {Verdict.REFUTED, Verdict.ANYCAST, Verdict.UNKNOWN}
    }
    assert convicted == {
        moved.region_id: Verdict.REFUTED,
        anycast.region_id: Verdict.ANYCAST,
    }


def connect(rtt_us: int | None, **changes: str | int) -> Row:
    row: Row = {
        "remote_address": "192.0.2.1",
        "connect_rtt_us": rtt_us,
        "syn_retransmits": 0,
    }
    return {**row, **changes}


def test_the_second_smallest_round_trip_of_each_address_counts() -> None:
    rows: list[Row] = [
        connect(900),
        connect(8_000),
        connect(7_000),
        connect(300, remote_address="192.0.2.2"),
        connect(4_000, target_id="gcp/place-1:run"),
        connect(3_000, target_id="gcp/place-1:run"),
        # None of these says how far the address is.
        connect(100, failure="unexpected-status"),
        connect(100, syn_retransmits=1),
        connect(None),
        {"connect_rtt_us": 100, "syn_retransmits": 0},
    ]
    found = sightings_of(sample_columns(rows))
    assert [(one.target_id, one.address, one.n, one.rtt_ms) for one in found] == [
        ("aws/place-1:object-storage", "192.0.2.1", 3, 7.0),
        ("aws/place-1:object-storage", "192.0.2.2", 1, None),
        ("gcp/place-1:run", "192.0.2.1", 2, 4.0),
    ]
    assert sightings_of(sample_columns([connect(None)])) == ()
