from pathlib import Path
from typing import Any

import pytest

from cloudgauge.analysis.placing import Within
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.errors import ConfigError
from cloudgauge.model.price import parse_money
from cloudgauge.placement.problem import Objective
from cloudgauge.workflow.choosing_regions_wish import Residency, Wish, effort_of


@pytest.mark.parametrize(
    ("k", "counts"),
    [("3", (3, 3)), (2, (2, 2)), ("1..4", (1, 4)), ("2..", (2, None))],
)
def test_a_count_is_one_number_or_two_or_at_least_one(
    k: int | str, counts: tuple[int, int | None]
) -> None:
    wish = Wish.of(k)
    assert (wish.least, wish.most) == counts


def test_words_mean_what_they_say(tmp_path: Path) -> None:
    users = tmp_path / "users.toml"
    users.write_text("[users]\nhere = 3\nthere = 0.5\n")
    wish = Wish.of(
        2,
        objective="cost",
        quantile="p90",
        within="80ms",
        budget="500 USD",
        providers=2,
        replication="40ms",
        weights=str(users),
    )
    assert wish.objective is Objective.COST
    assert wish.quantile == 0.9
    assert wish.within == Within(limit_ms=80, share=0.95, quantile=0.95)
    assert wish.budget == parse_money("500 USD")
    assert (wish.least_providers, wish.replication_ms) == (2, 40)
    assert wish.question.weights == {"here": 3, "there": 0.5}
    assert wish.wants_cost


def test_weights_and_a_promise_are_written_as_one_likes() -> None:
    wish = Wish.of(1, weights="a=2,b=1", within="1s", share="80%", at="p50")
    assert wish.question.weights == {"a": 2, "b": 1}
    assert wish.within == Within(limit_ms=1000, share=0.8, quantile=0.5)
    assert not wish.wants_cost


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"k": "0"}, r'^-k: want a count such as 3, 1\.\.3 or 2\.\., got "0"$'),
        ({"k": "3..1"}, r"^-k: want a count such as"),
        ({"k": "three"}, r"^-k: want a count such as"),
        (
            {"objective": "fame"},
            r'^--for: want one of latency, worst, cost, got "fame"',
        ),
        ({"metric": "throughput"}, r"^--metric: want a time that users wait for"),
        ({"quantile": "p100"}, r"^--quantile: want a quantile such as p50 or p95"),
        ({"quantile": "p0"}, r"^--quantile: want a quantile such as p50 or p95"),
        ({"within": "soon"}, r"^--within: "),
        ({"within": "0ms"}, r"^--within: want a time above 0, such as 80ms"),
        ({"share": "95%"}, r"^--share: says more of --within, which is not there$"),
        ({"at": "p95"}, r"^--at: says more of --within, which is not there$"),
        ({"within": "9ms", "share": "95"}, r'^--share: want a share .*, got "95"$'),
        ({"within": "9ms", "share": "0%"}, r"^--share: want a share of the users"),
        ({"within": "9ms", "share": "x%"}, r"^--share: want a share of the users"),
        ({"within": "9ms", "at": "best"}, r"^--at: want a quantile such as p50"),
        ({"budget": "much"}, r"^--budget: want an amount such as"),
        ({"providers": 0}, r"^--providers: want 1 to 3, got 0$"),
        ({"providers": 4}, r"^--providers: want 1 to 3, got 4$"),
        ({"k": "2..", "providers": 0}, r"^--providers: want 1 to as many as there"),
        ({"replication": "far"}, r"^--replication: "),
        ({"weights": "a=b"}, r"^--weights: want vantage=number"),
        ({"weights": "/nowhere/users.toml"}, r"^/nowhere/users.toml: cannot be read"),
    ],
)
def test_words_that_mean_nothing_are_refused_by_their_option(
    words: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        Wish.of(**({"k": "3"} | words))


def test_a_time_that_is_none_is_refused_as_the_limit_of_the_proof() -> None:
    assert effort_of("1m", draws=5, seed=7).time_limit_s == 60
    with pytest.raises(ConfigError, match=r"^--time-limit: "):
        effort_of("long", draws=5, seed=7)


@pytest.mark.parametrize(
    ("residency", "why"),
    [
        (Residency(), ""),
        (Residency(providers=("aws",), countries=("SG",)), ""),
        (Residency(areas=("south-east-asia",), not_areas=("gulf",)), ""),
        (Residency(providers=("gcp",)), "provider is not allowed"),
        (Residency(not_providers=("aws",)), "provider is not allowed"),
        (Residency(countries=("DE",)), "country is not allowed"),
        (Residency(not_countries=("SG",)), "country is not allowed"),
        (Residency(areas=("gulf",)), "area is not allowed"),
        (Residency(not_areas=("south-east-asia",)), "area is not allowed"),
    ],
)
def test_residency_says_where_a_region_may_be(residency: Residency, why: str) -> None:
    assert residency.why_not(load_catalog().region("aws/ap-southeast-1")) == why


@pytest.mark.parametrize("option", ["countries", "not_countries"])
def test_a_country_has_two_letters(option: str) -> None:
    with pytest.raises(ConfigError, match=r'country: want two letters .* got "GER"$'):
        Residency(**{option: ("GER",)})


def test_a_provider_that_is_none_is_refused_lest_it_slips_through() -> None:
    Residency(providers=("aws",), not_providers=("mine",)).check_providers(["mine"])
    with pytest.raises(
        ConfigError, match=r'^--not-provider: no provider "alibabba"; .*"alibaba"\?$'
    ):
        Residency(not_providers=("alibabba",)).check_providers([])


@pytest.mark.parametrize("option", ["areas", "not_areas"])
def test_an_area_that_is_none_is_refused_with_the_nearest(option: str) -> None:
    with pytest.raises(ConfigError, match=r'area: no area "golf".*mean "gulf"\?$'):
        Residency(**{option: ("golf",)})
    with pytest.raises(ConfigError, match=r'area: no area "xyz"; want one of [^?]*$'):
        Residency(**{option: ("xyz",)})
