"""Runs of a made-up world on the equator, where a degree of longitude is 111.195 km.

Light in fibre covers 99.93 km of distance in a millisecond of round trip, light in
vacuum 149.9; 1 ms, 60 km of the region, 50 of the vantage and 0.6 % are allowed for.
"""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudgauge.analysis.credibility import credibility_caveats
from cloudgauge.analysis.places import FIBRE_KM_PER_MS
from cloudgauge.catalog.geography import great_circle_km
from cloudgauge.model.run import Vantage
from cloudgauge.model.target import Reach, Target
from cloudgauge.stats.caveat import Caveat, Weight
from cloudgauge.store.schema import Cell
from tests.analysis.rows import Row, sample_columns
from tests.store.synthetic import make_target

VANTAGE = Vantage(name="v", latitude_deg=0.0, longitude_deg=0.0)
NOWHERE = Vantage(name="nowhere")


def target(
    code: str,
    longitude: float,
    *,
    latitude: float = 0.0,
    reach: Reach = Reach.IN_REGION,
) -> Target:
    made = make_target("aws", code)
    region = replace(made.region, latitude_deg=latitude, longitude_deg=longitude)
    return replace(made, region=region, endpoint=replace(made.endpoint, reach=reach))


def visit(
    one: Target, rtt_ms: float, warm_ms: float | None = None, /, **changes: Cell
) -> list[Row]:
    """A cold exchange and a warm one, each phase one round trip."""
    rtt_ns = round(rtt_ms * 1e6)
    cold: Row = {
        "target_id": one.target_id,
        "connect_rtt_us": round(rtt_ms * 1e3),
        "connect_ns": rtt_ns,
        "tls_ns": rtt_ns,
        "tls_version": "TLSv1.3",
        "first_byte_ns": rtt_ns,
        "syn_retransmits": 0,
        "clock": "kernel",
    }
    warm_ns = rtt_ns if warm_ms is None else round(warm_ms * 1e6)
    warm: Row = {
        "target_id": one.target_id,
        "exchange": 1,
        "first_byte_ns": warm_ns,
        "clock": "kernel",
    }
    return [{**cold, **changes}, warm]


def caveats(
    visits: Sequence[list[Row]], targets: Sequence[Target], vantage: Vantage = VANTAGE
) -> dict[str, Caveat]:
    rows = [row for each in visits for row in each]
    by_id = {one.target_id: one for one in targets}
    found = credibility_caveats(sample_columns(rows), by_id, vantage)
    weights = [caveat.weight for caveat in found]
    assert weights == sorted(weights, reverse=True)
    assert len({caveat.name for caveat in found}) == len(found)
    return {caveat.name: caveat for caveat in found}


def judged(
    rtts_ms: dict[Target, float], vantage: Vantage = VANTAGE
) -> dict[str, Caveat]:
    """Three visits to each target, all alike."""
    visits = [visit(one, rtt_ms) for one, rtt_ms in rtts_ms.items() for _ in range(3)]
    return caveats(visits, list(rtts_ms), vantage)


def test_a_run_in_which_all_is_well_has_no_caveat() -> None:
    assert judged({target("a", 60): 110.0, target("b", 10): 20.0}) == {}
    assert credibility_caveats(sample_columns([]), {}, VANTAGE) == ()


def test_what_light_in_vacuum_could_not_do_is_a_proof() -> None:
    # 60 degrees are 6,671.7 km, less 0.6 % and 110 km: 6,521.6. In vacuum 43.51 ms, in
    # fibre 65.26, of which 1 ms is allowed for.
    far = target("far", 60)
    assert set(judged({far: 42.4})) == {"below light"}
    assert set(judged({far: 42.6})) == {"below fibre"}
    assert set(judged({far: 64.2})) == {"below fibre"}
    assert judged({far: 64.3}) == {}
    proof = judged({far: 42.4})["below light"]
    assert proof.weight is Weight.PROOF
    assert proof.text == (
        "1 endpoint (worst: aws/far:object-storage, 42.4 ms over at least 6,522 km) "
        "answered sooner than light in vacuum could have come from the claimed place: "
        "this endpoint or this vantage is not where it says, or something nearer "
        "answered (1 ms, the region's own uncertainty and 50 km assumed for the "
        "vantage are allowed for)"
    )


def test_a_vantage_that_knows_its_place_better_is_taken_at_its_word() -> None:
    far = target("far", 60)
    known = replace(VANTAGE, uncertainty_km=1.0)
    # 49 km less are 0.49 ms more of fibre.
    text = judged({far: 64.7}, known)["below fibre"].text
    assert "1 km for the vantage are allowed for" in text
    assert judged({far: 64.7}) == {}


def test_one_glitch_of_a_clock_convicts_nobody() -> None:
    far = target("far", 60)
    good, glitch = visit(far, 100.0), visit(far, 1.0)
    assert caveats([good, good, glitch], [far]) == {}
    assert "below light" in caveats([good, glitch, glitch], [far])
    assert caveats([glitch], [far]) == {}


def test_a_syn_sent_again_and_a_failure_say_nothing_of_a_place() -> None:
    far = target("far", 60)
    failed = visit(far, 1.0, failure="unexpected-status")
    resent = visit(far, 1.0, syn_retransmits=1)
    found = caveats([failed] * 3 + [resent] * 3, [far])
    assert set(found) == {"syn sent again"}


def test_without_the_kernels_connect_nothing_is_said_of_a_place() -> None:
    far = target("far", 60)
    by_program = visit(far, 1.0, connect_rtt_us=None, syn_retransmits=None)
    assert caveats([by_program] * 3, [far]) == {}


def test_a_known_edge_is_expected_to_be_near() -> None:
    edge = target("edge", 60, reach=Reach.EDGE)
    found = judged({edge: 2.0, target("a", 10): 20.0})
    assert set(found) == {"edge"}
    assert found["edge"].weight is Weight.NOTE
    assert "it is known as an edge" in found["edge"].text


def test_an_endpoint_too_near_to_two_others_is_told_without_any_vantage() -> None:
    # Two true neighbours at 5 and 8 degrees, and one that claims to be at 90: with
    # 5 ms and 6 ms no place is near to both it and them.
    targets = {target("a", 5): 6.0, target("b", 8): 9.0, target("liar", 90): 5.0}
    found = judged(targets, NOWHERE)
    assert set(found) == {"pair below fibre"}
    assert found["pair below fibre"].text == (
        "no one place could have had these round trips: aws/liar:object-storage in "
        "5.0 ms and aws/a:object-storage in 6.0 ms; at least one endpoint is not where "
        "it says, most likely aws/liar:object-storage"
    )


def test_of_one_pair_either_may_be_the_liar() -> None:
    # 90 degrees are 10,007.6 km, less 0.6 % and 120 km: 9,827.5 km, 98.35 ms in all.
    a, b = target("a", 0), target("b", 90)
    found = judged({a: 40.0, b: 56.2}, NOWHERE)
    assert found["pair below fibre"].text.endswith(
        "at least one endpoint is not where it says"
    )
    assert judged({a: 40.0, b: 56.5}, NOWHERE) == {}


def test_a_proxy_before_the_vantage_is_told_without_any_place_of_it() -> None:
    targets = {target(f"p-{at}", at * 30.0 - 150): 4.0 + at / 10 for at in range(11)}
    found = judged(targets, NOWHERE)
    assert set(found) == {"proxy"}
    assert found["proxy"].weight is Weight.PROOF
    assert (
        "10 of 11 endpoints answered sooner than any one place" in found["proxy"].text
    )
    assert "a transparent proxy it may be" in found["proxy"].text


def test_a_far_proxy_shows_by_answers_that_are_all_alike() -> None:
    # Behind a satellite: 600 ms to everywhere, which light has no objection to.
    targets = {target(f"p-{at}", at * 30.0 - 150): 600.0 + at for at in range(11)}
    found = judged(targets, NOWHERE)
    assert set(found) == {"all alike"}
    assert found["all alike"].text == (
        "all 11 endpoints answered within 600.0 to 610.0 ms, though up to 20,015 km "
        "lie between their regions: something before this vantage may answer for them"
    )
    # Twice as far apart as two in a hundred, four regions, or a small area: no doubt.
    assert judged({one: 600 + 3 * (ms - 600) for one, ms in targets.items()}) == {}
    assert judged(dict(list(targets.items())[:4]), NOWHERE) == {}
    near = {target(f"p-{at}", at * 1.0): 600.0 for at in range(11)}
    assert judged(near, NOWHERE) == {}


def test_a_handshake_out_of_proportion_to_the_connect_is_told() -> None:
    near, fine = target("near", 1), target("fine", 2)
    slow = [visit(near, 10.0, tls_ns=45_000_000) for _ in range(3)]
    others = [visit(fine, 12.0, tls_ns=31_000_000) for _ in range(6)]
    found = caveats(slow + others, [near, fine])
    assert set(found) == {"tls longer"}
    assert found["tls longer"].text == (
        "in 1 of 2 series a round trip of the handshake does not fit the connect "
        "(worst: aws/near:object-storage, 45.0 ms after a connect of 10.0 ms): "
        "something nearer takes the connection, or the service is slow"
    )


def test_handshakes_that_a_busy_machine_held_up_now_and_then_convict_nobody() -> None:
    near = target("near", 5)
    held, fine = visit(near, 10.0, tls_ns=500_000_000), visit(near, 10.0)
    assert caveats([held, held, held, fine, fine], [near]) == {}
    assert set(caveats([held, held, held, fine], [near])) == {"tls longer"}


def test_a_handshake_of_tls_1_2_has_two_round_trips() -> None:
    near = target("near", 1)
    changes: Row = {"tls_ns": 58_000_000, "tls_version": "TLSv1.2"}
    assert caveats([visit(near, 10.0, **changes)] * 3, [near]) == {}
    changes["tls_version"] = "TLSv1.3"
    assert "tls longer" in caveats([visit(near, 10.0, **changes)] * 3, [near])


def test_connects_that_something_takes_before_the_vantage_are_told_as_such() -> None:
    targets = [target(f"p-{at}", at * 2.0) for at in range(4)]
    visits = [visit(one, 22.0, 180.0, tls_ns=170 * 10**6) for one in targets]
    found = caveats(visits * 3, targets)
    assert set(found) == {"tls longer", "answer longer"}
    for caveat in found.values():
        assert caveat.text.startswith("in 4 of 4 series")
        assert caveat.text.endswith("before this vantage takes the connections")


def test_an_edge_that_asks_its_region_first_is_said_as_that() -> None:
    edge = target("edge", 1, reach=Reach.EDGE)
    found = caveats([visit(edge, 5.0, 200.0)] * 3, [edge])
    assert set(found) == {"answer behind edge"}
    assert found["answer behind edge"].weight is Weight.NOTE


@pytest.mark.parametrize(("warm_ms", "is_told"), [(88.0, True), (91.0, False)])
def test_an_answer_sooner_than_any_connect_is_told(
    warm_ms: float, *, is_told: bool
) -> None:
    one = target("a", 1)
    found = caveats([visit(one, 100.0, warm_ms)] * 3, [one])
    assert ("answer sooner" in found) == is_told


def test_a_series_with_few_values_is_not_judged_by_its_phases() -> None:
    one = target("a", 1)
    assert caveats([visit(one, 10.0, 500.0)] * 2, [one]) == {}
    cold, warm = visit(one, 100.0, 88.0)
    assert caveats([[cold, *[warm] * 4]], [one]) == {}


def test_the_share_of_syns_sent_again_decides_how_much_it_weighs() -> None:
    one = target("a", 1)
    good, resent = visit(one, 10.0), visit(one, 1_010.0, syn_retransmits=1)
    few = caveats([good] * 199 + [resent], [one])["syn sent again"]
    assert few.text.startswith("1 of 200 visits (0.5 %) had to send their SYN again")
    assert few.weight is Weight.NOTE
    many = caveats([good] * 9 + [resent], [one])["syn sent again"]
    assert many.text.startswith("1 of 10 visits (10 %)")
    assert many.weight is Weight.DOUBT


@pytest.mark.parametrize(
    "changes", [{"loop_lag_ns": 2_510_000}, {"sent_ns": 2_510_000}]
)
def test_a_busy_machine_is_told_by_its_lag_and_its_lateness(changes: Row) -> None:
    one = target("a", 1)
    good, busy = visit(one, 50.0), visit(one, 50.0, **changes)
    found = caveats([good] * 9 + [busy], [one])["busy machine"]
    assert found.weight is Weight.NOTE
    assert found.text == (
        "1 of 10 visits began later, or saw the event loop lag more, than 5 % of "
        "their round trip and 2 ms: this machine was busy; the kernel's times are not "
        "touched by it"
    )
    # One in twenty is let pass.
    assert caveats([good] * 19 + [busy], [one]) == {}


@pytest.mark.parametrize("lag_ns", [1_900_000, 2_100_000])
def test_a_timer_s_own_lateness_is_no_busy_machine_where_the_kernel_took_the_times(
    lag_ns: int,
) -> None:
    near = target("a", 1)
    late = visit(near, 10.0, loop_lag_ns=lag_ns)
    assert ("busy machine" in caveats([late], [near])) is (lag_ns > 2_000_000)


def test_a_busy_machine_weighs_more_where_the_program_read_the_clock() -> None:
    one = target("a", 1)
    busy = visit(one, 10.0, loop_lag_ns=600_000, clock="user")
    found = caveats([busy], [one])["busy machine"]
    assert found.weight is Weight.DOUBT
    assert found.text == (
        "1 of 1 visits began later, or saw the event loop lag more, than 5 % of their "
        "round trip: this machine was busy; it is in the times that the program read"
    )


def test_of_a_download_its_connects_alone_are_held_against_light() -> None:
    one, other = target("far", 60), target("farther", 70)
    download: Row = {"part": "transfer", "streams": 1, "kind": "download"}
    # A handshake and an answer that would be told of a visit of latency.
    late: Row = {"tls_ns": 10**9, "loop_lag_ns": 10**9}
    rows = [{**visit(one, 1.0)[0], **download, **late}] * 3
    assert set(caveats([rows], [one])) == {"below light"}
    assert set(caveats([rows, *[visit(other, 120.0)] * 3], [one, other])) == {
        "below light"
    }
    honest = [{**visit(one, 110.0)[0], **download, **late}] * 3
    assert caveats([honest], [one]) == {}


def test_small_requests_beside_a_download_are_not_judged() -> None:
    one = target("far", 60)
    beside: Row = {"part": "loaded", "streams": 1, "kind": "download"}
    rows = [{**row, **beside} for row in visit(one, 1.0)] * 3
    assert caveats([rows], [one]) == {}


points = st.tuples(st.floats(-85, 85), st.floats(-180, 180))


@settings(max_examples=60)
@given(
    here=points,
    regions=st.lists(points, min_size=1, max_size=10),
    inflation=st.floats(1.02, 4.0),
)
def test_no_honest_endpoint_is_below_any_floor(
    here: tuple[float, float], regions: list[tuple[float, float]], inflation: float
) -> None:
    vantage = Vantage(name="v", latitude_deg=here[0], longitude_deg=here[1])
    rtts_ms = {
        target(f"p-{place}", longitude, latitude=latitude): max(
            great_circle_km(*here, latitude, longitude) * inflation / FIBRE_KM_PER_MS,
            0.1,
        )
        for place, (latitude, longitude) in enumerate(regions)
    }
    found = judged(rtts_ms, vantage)
    # Equally far from everywhere is not below a floor; nor is it likely.
    assert set(found) <= {"all alike"}
