"""Sureties by rounds, held against `round_interval`, which has the values at hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.statistics.noise import autocorrelated
from cloudgauge.stats.ranks import end_ranks
from cloudgauge.stats.strata import Stratum, Surety, sureties
from cloudgauge.stats.summary import quantile_of, round_interval

Floats = NDArray[np.float64]


def with_parts(
    parts: list[tuple[Floats, NDArray[np.int64]]], p: float
) -> list[Stratum]:
    """Places whose shares below their common quantile come to *p* together."""
    every = np.concatenate([values for values, _ in parts])
    at = quantile_of(np.sort(every), p)
    equal = (every == at).mean()
    part = (p - (every < at).mean()) / equal if equal else 0.0
    found = []
    for values, rounds in parts:
        _, places = np.unique(rounds, return_inverse=True)
        shares = (values < at) + part * (values == at)
        found.append(
            Stratum(
                sizes=np.bincount(places).astype(np.float64),
                below=np.bincount(places, weights=shares)[None, :].astype(np.float64),
            )
        )
    return found


def interval(values: Floats, surety: Surety, p: float) -> tuple[float, float]:
    """The two values of its ranks; infinite for an end that is open."""
    ordered = np.sort(values)
    low, high = surety.ranks(p)
    return (
        float(ordered[low - 1]) if low else -math.inf,
        float(ordered[high - 1]) if high else math.inf,
    )


@pytest.mark.parametrize("p", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("correlation", [0.0, 0.7])
@pytest.mark.parametrize("each", [1, 4])
def test_one_place_is_as_sure_as_its_values_are(
    p: float, correlation: float, each: int
) -> None:
    rng = np.random.default_rng(1)
    values = autocorrelated(rng, 400 * each, 1, correlation)[:, 0]
    rounds = np.repeat(np.arange(400), each)
    (found,) = sureties(with_parts([(values, rounds)], p), (p,))
    wanted = round_interval(values, rounds, p)
    assert (found.count, found.rounds) == (400 * each, 400)
    if wanted.is_bounded and found.stretch * found.effective >= found.effective:
        low, high = interval(values, found, p)
        assert low in (wanted.low, -math.inf)
        assert high in (wanted.high, math.inf)


@given(
    st.lists(st.integers(0, 5), min_size=2, max_size=60),
    st.integers(1, 3),
    st.sampled_from([0.1, 0.5, 0.95]),
)
def test_few_and_equal_values_are_as_sure_as_by_themselves(
    drawn: list[int], each: int, p: float
) -> None:
    values = np.repeat(np.array(drawn, dtype=np.float64), each)
    rounds = np.repeat(np.arange(len(drawn)), each)
    (found,) = sureties(with_parts([(values, rounds)], p), (p,))
    if len(drawn) < 6 and each * min(p, 1 - p) >= 1:
        return  # Student's interval, for which the values are wanted.
    wanted = round_interval(values, rounds, p)
    point = quantile_of(np.sort(values), p)
    low, high = interval(values, found, p)
    if math.isfinite(low):
        assert min(low, point) == wanted.low
    if math.isfinite(high):
        assert max(high, point) == wanted.high


def test_one_round_says_nothing_of_other_rounds_and_is_not_stretched() -> None:
    one = Stratum(sizes=np.array([9.0]), below=np.array([[4.5]]))
    (found,) = sureties([one], (0.5,))
    assert found == Surety(count=9, effective=9, unlike=9, in_rounds=False, rounds=1)
    assert found.stretch == 1


def test_rounds_that_are_all_alike_are_not_credited_for_it() -> None:
    alike = Stratum(sizes=np.full(50, 4.0), below=np.full((1, 50), 2.0))
    (found,) = sureties([alike], (0.5,))
    assert found.effective == found.unlike == 200


def test_what_differs_between_places_takes_no_surety_from_the_whole() -> None:
    # Two places far apart: which of the two a value is of is no chance.
    rng = np.random.default_rng(2)
    near = (rng.normal(10, 1, 300), np.arange(300))
    far = (rng.normal(90, 1, 300), np.arange(300))
    (apart,) = sureties(with_parts([near, far], 0.25), (0.25,))
    mixed = np.concatenate([near[0], far[0]])
    order = rng.permutation(600)
    (as_one,) = sureties(with_parts([(mixed[order], np.arange(600))], 0.25), (0.25,))
    assert apart.effective > 1.3 * min(as_one.effective, 400)


def test_places_of_one_round_each_are_taken_together() -> None:
    singles = [
        Stratum(sizes=np.array([10.0]), below=np.array([[below]]))
        for below in (2.0, 8.0, 5.0, 5.0)
    ]
    (found,) = sureties(singles, (0.5,))
    # 4 excesses of -3, 3, 0, 0: 0.25 * 40^2 / 18, less what 3 degrees leave open.
    assert found.unlike == pytest.approx(0.25 * 40**2 / 18)
    assert found.effective == pytest.approx(found.unlike * (1.959964 / 3.182446) ** 2)
    long = Stratum(sizes=np.ones(30), below=np.tile([[0.0, 1.0]], 15))
    (both,) = sureties([long, *singles], (0.5,))
    assert both.rounds == 34
    assert both.count == 70


def test_a_lone_round_beside_a_long_series_counts_with_one_degree() -> None:
    long = Stratum(sizes=np.ones(30), below=np.tile([[0.0, 1.0]], 15))
    lone = Stratum(sizes=np.array([2.0]), below=np.array([[1.5]]))
    (found,) = sureties([long, lone], (0.5,))
    assert 1 <= found.effective <= found.unlike <= 32


def test_an_end_that_few_values_do_not_bound_has_no_rank() -> None:
    few = Surety(count=5, effective=5, unlike=5, in_rounds=False, rounds=5)
    assert few.ranks(0.5) == (0, 0)
    assert few.ranks(0.99)[1] == 0


def test_ends_of_dependent_rounds_are_stretched() -> None:
    dependent = Surety(count=100, effective=25, unlike=100, in_rounds=False, rounds=100)
    assert dependent.stretch == 2
    assert dependent.loose_ranks(0.95) == end_ranks(100, 0.95, 100, 0.95)
    assert dependent.ranks(0.95)[1] == 0


def test_few_values_that_are_alike_in_rounds_have_whole_ranks() -> None:
    given_parts = Surety(count=400, effective=15.5, unlike=16, in_rounds=True, rounds=4)
    low, high = given_parts.ranks(0.5)
    # Of 15 independent values the interval is from the 4th on: of 400 the 103rd.
    whole = end_ranks(400, 0.5, 15.5, 0.95, whole=True)
    assert (low, high) == whole != end_ranks(400, 0.5, 15.5, 0.95)


def test_a_tail_is_at_least_as_dependent_as_the_middle() -> None:
    rng = np.random.default_rng(4)
    values = autocorrelated(rng, 300, 1, 0.9)[:, 0]
    rounds = np.arange(300)
    (alone,) = sureties(with_parts([(values, rounds)], 0.95), (0.95,))
    both = [with_parts([(values, rounds)], p)[0] for p in (0.5, 0.95)]
    together = Stratum(
        sizes=both[0].sizes, below=np.concatenate([one.below for one in both])
    )
    middle, tail = sureties([together], (0.5, 0.95))
    assert tail.effective < alone.effective
    assert tail.stretch == pytest.approx(middle.stretch)
    assert (middle,) == sureties([both[0]], (0.5,))
    assert sureties([together], ()) == ()


def test_a_level_that_is_none_is_refused() -> None:
    one = Stratum(sizes=np.array([9.0]), below=np.array([[4.5]]))
    with pytest.raises(ValueError, match="confidence must be between 0 and 1"):
        sureties([one], (0.5,), confidence=1)


@pytest.mark.parametrize("places", [1, 3])
@pytest.mark.parametrize("p", [0.5, 0.95])
@pytest.mark.parametrize("correlation", [0.0, 0.7])
def test_intervals_hold_at_ninety_five_per_cent(
    places: int, p: float, correlation: float
) -> None:
    # Places that differ, 300 rounds each; 200 replicates, less three standard errors.
    rng = np.random.default_rng(20261122)
    shifts = 2.0 * np.arange(places)
    many = np.concatenate([rng.normal(shift, 1, 400_000) for shift in shifts])
    truth = float(np.quantile(many, p))
    held = 0
    for _ in range(200):
        parts = [
            (autocorrelated(rng, 300, 1, correlation)[:, 0] + shift, np.arange(300))
            for shift in shifts
        ]
        levels = (0.5, p)
        each = zip(*(with_parts(parts, level) for level in levels), strict=True)
        strata = [
            Stratum(sizes=one.sizes, below=np.concatenate([one.below, other.below]))
            for one, other in each
        ]
        (_, found) = sureties(strata, levels)
        values = np.concatenate([values for values, _ in parts])
        low, high = interval(values, found, p)
        held += low <= truth <= high
    assert held / 200 >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / 200)
