import pytest

from benchmarks.instrument.throughput.rates import (
    GIB,
    Rate,
    Standing,
    Turn,
    standings,
    summarise,
)


def turn(client: str, seconds: float, cpu_s: float, *, scheme: str = "http") -> Turn:
    return Turn(
        client=client, scheme=scheme, body_bytes=2 * GIB, seconds=seconds, cpu_s=cpu_s
    )


def rate(client: str, scheme: str, gbit_per_s: float, cost: float) -> Rate:
    return Rate(
        client=client,
        scheme=scheme,
        gbit_per_s=gbit_per_s,
        cpu_s_per_gib=cost,
        turns=3,
    )


def test_a_clients_figure_is_the_median_of_its_turns() -> None:
    turns = [
        turn("curl", 2, 1),
        turn("cloudgauge", 4, 3),
        turn("curl", 1, 2),
        turn("curl", 8, 9),
    ]
    curl, ours = summarise(turns)
    assert (curl.client, curl.turns) == ("curl", 3)
    assert curl.gbit_per_s == pytest.approx(2 * GIB * 8 / 2 / 1e9)
    assert curl.cpu_s_per_gib == 1
    assert (ours.client, ours.cpu_s_per_gib) == ("cloudgauge", 1.5)


def test_schemes_are_summarised_apart() -> None:
    rates = summarise([turn("curl", 1, 1), turn("curl", 2, 1, scheme="https")])
    assert [one.scheme for one in rates] == ["http", "https"]


def test_we_stand_beside_curl_over_each_scheme_that_both_were_measured_over() -> None:
    rates = [
        rate("cloudgauge", "http", 9, 0.5),
        rate("curl", "http", 10, 1.0),
        rate("httpx", "http", 1, 9.0),
        rate("curl", "https", 4, 1.0),
    ]
    (standing,) = standings(rates)
    assert standing == Standing(scheme="http", rate_ratio=0.9, cpu_ratio=0.5)


@pytest.mark.parametrize(
    ("rate_ratio", "cpu_ratio", "is_met"),
    [(0.9, 1.3, True), (0.89, 1.0, False), (1.0, 1.31, False)],
)
def test_both_goals_must_be_met(
    rate_ratio: float, cpu_ratio: float, *, is_met: bool
) -> None:
    standing = Standing(scheme="https", rate_ratio=rate_ratio, cpu_ratio=cpu_ratio)
    assert standing.is_met == is_met
