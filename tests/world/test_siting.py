"""Hosts, their links and their conduct, from a scenario and the targets of a world."""

from dataclasses import replace

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.model.run import Vantage
from cloudgauge.model.target import Target
from cloudgauge.world.scenario import (
    Geography,
    Override,
    Scenario,
    geographic_rtt_ns,
)
from cloudgauge.world.site import OBJECT_BYTES, Fault, address_of, remote_id_of
from cloudgauge.world.siting import sites_of
from tests.world.places import FRANKFURT, place

_BERLIN = Vantage(name="berlin", latitude_deg=52.52, longitude_deg=13.40)
_TOKYO = Vantage(name="tokyo", latitude_deg=35.68, longitude_deg=139.69)
_OSAKA = (34.69, 135.50)
# Nothing is drawn: a round trip is its geography.
_PLAIN = Geography(inflation=1.5, inflation_spread=0, access_ns=0)


def _object_of(target: Target, path: str = "/agent", host: str | None = None) -> Target:
    host = host or target.endpoint.host
    endpoint = replace(
        target.endpoint, service="agent", url=f"https://{host}{path}", expect=(200,)
    )
    return replace(target, endpoint=endpoint)


def test_later_overrides_win_field_by_field() -> None:
    scenario = Scenario(
        overrides=(
            Override(match="lab/*", link=(("rtt_ns", 5), ("loss", 0.1))),
            Override(match="lab/x", link=(("rtt_ns", 7),)),
            Override(match="lab/x:object-storage", conduct=(("status", 404),)),
        )
    )
    site = sites_of(scenario, [place("x")], _BERLIN)[0]
    assert (site.link.rtt_ns, site.link.loss) == (7, 0.1)
    assert site.conduct.status == 404
    assert site.link.jitter_ns == Scenario().link.jitter_ns


def test_an_override_can_hold_for_one_vantage_only() -> None:
    scenario = Scenario(
        vantages=(_BERLIN, _TOKYO),
        overrides=(Override(match="lab/x", vantage="tokyo", link=(("rtt_ns", 9),)),),
    )
    assert sites_of(scenario, [place("x")], _TOKYO)[0].link.rtt_ns == 9
    assert sites_of(scenario, [place("x")], _BERLIN)[0].link.rtt_ns > 1_000_000


def test_targets_that_share_a_host_share_a_site() -> None:
    sites = sites_of(
        Scenario(),
        [place("a", host="one.example"), place("b", host="one.example")],
        _BERLIN,
    )
    assert [site.host for site in sites] == ["one.example"]
    assert sites[0].region_id == "lab/a"


def test_every_address_is_of_one_site() -> None:
    scenario = Scenario(overrides=(Override(match="lab/b", addresses=3),))
    sites = sites_of(scenario, [place(code) for code in "abc"], _BERLIN)
    addresses = [text for site in sites for text in (*site.ipv4, *site.ipv6)]
    assert len(addresses) == len(set(addresses)) == 10
    assert all(address_of(remote_id_of(text)) == text for text in addresses)


def test_an_object_stands_at_its_host_with_the_scenarios_length() -> None:
    x = place("x")
    objects = [_object_of(x), _object_of(place("y"), "/a?b", "files.example")]
    files, own = sites_of(Scenario(), [x], _BERLIN, objects=objects)
    assert (own.objects, own.expected) == ((("/agent", OBJECT_BYTES),), (("/", 403),))
    assert (files.objects, files.expected) == ((("/a?b", OBJECT_BYTES),), ())
    assert (files.region_id, files.primary, files.ports) == ("lab/y", False, (80, 443))


def test_the_length_of_an_object_can_be_set_for_all_and_for_one() -> None:
    scenario = Scenario(
        object_bytes=7,
        overrides=(Override(match="lab/y:agent", object_bytes=9),),
    )
    objects = [_object_of(place(code)) for code in "xy"]
    tool = replace(objects[1].endpoint, service="tool", url="https://y.lab.example/t")
    objects.append(replace(objects[1], endpoint=tool))
    x, y = sites_of(scenario, [], _BERLIN, objects=objects)
    assert x.objects == (("/agent", 7),)
    assert y.objects == (("/agent", 9), ("/t", 7))


def test_an_override_of_one_of_the_targets_of_a_host_holds_for_the_host() -> None:
    x = place("x")
    scenario = Scenario(overrides=(Override(match="*:agent", link=(("rtt_ns", 9),)),))
    (site,) = sites_of(scenario, [x], _BERLIN, objects=[_object_of(x)])
    assert site.link.rtt_ns == 9


def test_a_name_can_be_played_from_another_regions_place() -> None:
    targets = [place("x"), place("y", at=_OSAKA)]
    scenario = Scenario(
        geography=_PLAIN, overrides=(Override(match="lab/x", places=("lab/y",)),)
    )
    x, y = sites_of(scenario, targets, _BERLIN)
    assert (x.places, y.places) == (("lab/y",), ())
    assert x.region_id == "lab/x"
    osaka_ns = geographic_rtt_ns(_PLAIN, _BERLIN, targets[1].region, seed=1)
    assert x.link.rtt_ns == y.link.rtt_ns == osaka_ns


def test_a_name_with_several_places_is_near_everybody() -> None:
    targets = [place("x", at=(0, 0)), place("y", at=_OSAKA), place("z", at=FRANKFURT)]
    scenario = Scenario(
        geography=_PLAIN,
        overrides=(Override(match="lab/x", places=("lab/y", "lab/z")),),
    )
    from_berlin = sites_of(scenario, targets, _BERLIN)[0]
    from_tokyo = sites_of(scenario, targets, _TOKYO)[0]
    assert from_berlin.places == ("lab/z", "lab/y")
    assert from_tokyo.places == ("lab/y", "lab/z")
    # Both disks are far too small to meet.
    assert from_berlin.link.rtt_ns < 10e6
    assert from_tokyo.link.rtt_ns < 10e6


def test_a_moved_name_has_a_draw_of_its_own_that_the_seed_repeats() -> None:
    targets = [place("x"), place("y", at=_OSAKA)]
    scenario = Scenario(overrides=(Override(match="lab/x", places=("lab/y",)),))
    x, y = sites_of(scenario, targets, _BERLIN)
    assert x.link.rtt_ns != y.link.rtt_ns
    assert sites_of(scenario, targets, _BERLIN) == (x, y)


def test_ports_of_guests_are_known_at_every_site() -> None:
    sites = sites_of(Scenario(guest_ports=(5201,)), [place("x")], _BERLIN)
    assert [site.guest_ports for site in sites] == [(5201,)]


def test_every_place_must_be_in_the_world() -> None:
    scenario = Scenario(overrides=(Override(match="lab/x", places=("lab/osaca",)),))
    with pytest.raises(ConfigError) as caught:
        sites_of(scenario, [place("x"), place("osaka")], _BERLIN)
    assert caught.value.problem == (
        'place "lab/osaca" is no region of this world; did you mean "lab/osaka"?'
    )


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        (
            Override(match="lab/frankfort"),
            'matches no region or target of this world; did you mean "lab/frankfurt"?',
        ),
        (
            Override(match="lab/*", vantage="bern"),
            'no vantage "bern"; want one of singapore',
        ),
        (
            Override(
                match="lab/*",
                conduct=(("fault", Fault.UNREACHABLE), ("fault_share", 0.5)),
            ),
            'fault "unreachable" is a route: it has no fault_share',
        ),
    ],
)
def test_an_override_that_cannot_be_is_refused(
    override: Override, problem: str
) -> None:
    scenario = Scenario(overrides=(override,))
    with pytest.raises(ConfigError) as caught:
        sites_of(scenario, [place("frankfurt")], _BERLIN)
    assert caught.value.where == f"scenario default: region {override.match}"
    assert caught.value.problem == problem
