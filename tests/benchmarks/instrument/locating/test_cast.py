from collections import Counter

import pytest

from benchmarks.instrument.locating.cast import (
    QUICK,
    VANTAGES,
    WHOLE,
    Role,
    Size,
    cast_of,
    of_role,
    plan_settings,
    scenario_of,
)
from cloudgauge.catalog.geography import great_circle_km
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.model.run import Vantage
from cloudgauge.model.target import Region
from cloudgauge.planning.files import parse_plan, write_plan
from cloudgauge.world.scenario import place_of
from cloudgauge.world.siting import sites_of

TARGETS = load_catalog(()).targets
CAST = cast_of(TARGETS, WHOLE)
REGIONS = {part.target.region.region_id: part.target.region for part in CAST}


def km(vantage: Vantage, region: Region) -> float:
    there = (region.latitude_deg, region.longitude_deg)
    return great_circle_km(*place_of(vantage), *there)


@pytest.mark.parametrize("size", [WHOLE, QUICK])
def test_every_role_is_played_as_often_as_wanted(size: Size) -> None:
    cast = cast_of(TARGETS, size)
    counts = Counter(part.role for part in cast)
    assert len(cast) == len({part.target.endpoint.host for part in cast})
    assert sum(counts.values()) == size.regions
    assert counts[Role.MOVED] == size.moved
    assert counts[Role.ANYCAST] == size.anycast
    assert counts[Role.HIDDEN] == size.hidden
    assert cast == cast_of(TARGETS, size)


def test_what_has_moved_is_near_to_a_vantage_that_it_claims_to_be_far_from() -> None:
    for part in CAST:
        if part.role is Role.MOVED:
            (place,) = part.places
            assert any(
                km(vantage, REGIONS[place]) < 1_000
                and km(vantage, part.target.region) > 5_000
                for vantage in VANTAGES
            )


def test_what_is_hidden_is_further_from_every_vantage_than_it_claims() -> None:
    for part in CAST:
        if part.role is Role.HIDDEN:
            (place,) = part.places
            for vantage in VANTAGES:
                assert km(vantage, REGIONS[place]) > km(vantage, part.target.region)


def test_anycast_is_played_from_a_place_near_to_each_vantage() -> None:
    for part in CAST:
        if part.role is Role.ANYCAST:
            assert len(part.places) == len(VANTAGES)


def test_the_scenario_moves_whoever_does_not_play_at_home() -> None:
    targets = tuple(part.target for part in CAST)
    sites = sites_of(scenario_of(CAST), targets, VANTAGES[0])
    away = {site.host for site in sites if site.places}
    assert away == {part.target.endpoint.host for part in CAST if part.places}


def test_the_plan_visits_the_whole_cast() -> None:
    settings = plan_settings(CAST, 5)
    assert parse_plan(write_plan(settings), "plan") == settings
    assert len(settings.selection.regions) == 200
    assert settings.round_ns == 2_500_000_000


def test_more_regions_than_there_are_cannot_be_cast() -> None:
    size = Size(regions=9_999, moved=1, anycast=1, hidden=1, rounds=1)
    with pytest.raises(ValueError, match="want 9999 of them, got "):
        cast_of(TARGETS, size)


def test_ids_of_a_role_are_those_of_its_endpoints() -> None:
    assert len(tuple(of_role(CAST, Role.HONEST))) == 178
