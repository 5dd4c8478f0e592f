import math
from dataclasses import replace

import numpy as np
import pytest

from cloudgauge.analysis.flips import flips
from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.ranking import (
    Ranking,
    common_lines,
    rank_rounds,
    rank_together,
)
from cloudgauge.analysis.rounds import Line, Rounds
from cloudgauge.stats.pairs import all_pairs
from cloudgauge.stats.rankset import rank_sets
from tests.analysis.values import line, noise, rounds_with

NAMES = ("a", "b", "c", "d")
LINES = {name: line(f"aws/{name}") for name in NAMES}
COUNT = 120


def lab(
    *means: float, metric: Metric = Metric.CONNECT, seed: int = 1, spread: float = 1.0
) -> Rounds:
    """Lines a, b, … about these means, with what they share in each round."""
    shared = np.array(noise(COUNT, at=0, seed=seed, spread=5))
    values = {
        LINES[name]: list(
            shared + noise(COUNT, at=mean, seed=seed + 10 + at, spread=spread)
        )
        for at, (name, mean) in enumerate(zip(NAMES, means, strict=False))
    }
    return rounds_with(values, metric=metric)


def ranked(rounds: Rounds, *, vantage: str = "lab", is_paired: bool = True) -> Ranking:
    return rank_rounds(rounds, vantage=vantage, is_paired=is_paired)


def name_of(one: Line) -> str:
    return one.target_id.split("/")[1].split(":")[0]


def places(found: Ranking) -> dict[str, tuple[int | None, int | None, str]]:
    return {
        name_of(one.line): (one.low_rank, one.high_rank, one.letters)
        for one in found.places
    }


def caveats(found: Ranking) -> list[str]:
    return [caveat.name for caveat in found.caveats]


def test_regions_that_differ_have_their_places_and_equal_ones_share_theirs() -> None:
    found = ranked(lab(50, 50.1, 70, 30))
    assert places(found) == {
        "d": (1, 1, "a"),
        "a": (2, 3, "b"),
        "b": (2, 3, "b"),
        "c": (4, 4, "c"),
    }
    assert found.best == ("aws/d:object-storage",)
    assert name_of(found.places[0].line) == "d"


def test_the_leader_is_behind_nobody_and_others_behind_it_with_an_interval() -> None:
    found = ranked(lab(50, 60))
    first, second = found.places
    assert first.behind is None
    assert second.behind is not None
    assert second.behind.low < 10 < second.behind.high
    assert second.behind.low > 8
    assert first.p50 is not None
    assert first.p50.low < 50 < first.p50.high


def test_of_rates_the_greatest_is_first() -> None:
    found = ranked(lab(50, 90, metric=Metric.THROUGHPUT))
    assert places(found) == {"b": (1, 1, "a"), "a": (2, 2, "b")}
    assert found.places[1].behind is not None
    assert found.places[1].behind.low > 38


def test_the_second_series_of_a_control_has_no_place_of_its_own() -> None:
    rounds = lab(50, 60)
    again = replace(LINES["a"], replica=1)
    both = rounds_with(
        {
            LINES["a"]: list(rounds.of(LINES["a"])),
            LINES["b"]: list(rounds.of(LINES["b"])),
            again: list(rounds.of(LINES["a"])),
        }
    )
    assert len(ranked(both).places) == 2


def test_what_was_never_seen_is_last_and_in_no_place() -> None:
    values = {LINES["a"]: [1.0] * 9, LINES["b"]: [math.nan] * 9}
    values |= {LINES["c"]: [2.0] * 9}
    found = ranked(rounds_with(values))
    last = found.places[-1]
    assert name_of(last.line) == "b"
    assert (last.low_rank, last.high_rank, last.p50, last.letters) == (
        None,
        None,
        None,
        "",
    )
    assert not last.may_be_best


def test_one_region_alone_is_not_ranked() -> None:
    found = ranked(lab(50))
    assert places(found) == {"a": (1, 1, "a")}
    assert caveats(found) == ["no order"]


def test_nothing_at_all_is_an_empty_ranking() -> None:
    found = ranked(rounds_with({LINES["a"]: [math.nan]}))
    assert [one.low_rank for one in found.places] == [None]


@pytest.mark.parametrize(
    "values",
    [([1.0], [9.0]), ([1.0, math.nan], [math.nan, 9.0])],
)
def test_one_round_leaves_every_place_open(
    values: tuple[list[float], list[float]],
) -> None:
    found = ranked(rounds_with({LINES["a"]: values[0], LINES["b"]: values[1]}))
    assert places(found) == {"a": (1, 2, "a"), "b": (1, 2, "a")}
    assert found.is_burst


def test_identical_values_are_tied() -> None:
    found = ranked(rounds_with({LINES["a"]: [5.0] * 20, LINES["b"]: [5.0] * 20}))
    assert places(found) == {"a": (1, 2, "a"), "b": (1, 2, "a")}


def test_a_region_that_times_out_half_the_time_is_not_better_for_it() -> None:
    slow = [math.inf if at % 2 else 5.0 for at in range(COUNT)]
    found = ranked(rounds_with({LINES["a"]: [6.0] * COUNT, LINES["b"]: slow}))
    assert places(found)["a"][0] == 1


@pytest.mark.parametrize("metric", [Metric.CONNECT, Metric.THROUGHPUT])
def test_imports_without_rounds_are_ranked_by_their_heaps_with_a_caveat(
    metric: Metric,
) -> None:
    found = ranked(lab(50, 51, 90, metric=metric), is_paired=False)
    first, last = ("a", "c") if metric is Metric.CONNECT else ("c", "a")
    known = places(found)
    assert known[last][1] == 3
    assert known[first][0] == 1
    # What a round shares is noise here, so a ms is not seen.
    assert known["a"][2] == known["b"][2]
    assert known["a"][2] != known["c"][2]
    assert caveats(found) == ["unpaired"]
    behind = {name_of(one.line): one.behind for one in found.places}
    far = behind["c" if metric is Metric.CONNECT else "b"]
    assert far is not None
    assert far.low > 30


@pytest.mark.parametrize("is_paired", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_who_is_surely_worse_than_the_leader_is_behind_it_by_more_than_0(
    seed: int, *, is_paired: bool
) -> None:
    # About as far apart as can just be told: by the step in one, by spreads in other.
    far = 3.2 if not is_paired else 0.4
    rounds = lab(50, 50 + far, 50 + 1.2 * far, 60, seed=seed, spread=1 + seed % 3)
    found = ranked(rounds, is_paired=is_paired)
    leader = next(one for one in found.places if one.behind is None)

    for place in found.places:
        if place.behind is not None:
            pair = (leader.line.target_id, place.line.target_id)
            shares = bool(set(place.letters) & set(leader.letters))
            assert (pair in found.better) is (place.behind.low > 0)
            assert shares is (place.behind.low <= 0 <= place.behind.high)


@pytest.mark.parametrize("is_paired", [True, False])
def test_of_two_that_never_answered_in_time_none_is_better(*, is_paired: bool) -> None:
    endless = [math.inf] * COUNT
    found = ranked(
        rounds_with({LINES["a"]: endless, LINES["b"]: endless}), is_paired=is_paired
    )
    assert places(found) == {"a": (1, 2, "a"), "b": (1, 2, "a")}
    assert all(place.behind is None for place in found.places)


def test_what_never_answered_at_one_vantage_is_counted_over_all() -> None:
    near = lab(50, 55, 60)
    dead = {LINES[name]: list(near.of(LINES[name])) for name in "ac"}
    far = rounds_with(dead | {LINES["b"]: [math.inf] * COUNT})
    found = rank_together([near, far], [0.5, 0.5])
    (place,) = (one for one in found.places if name_of(one.line) == "b")
    assert place.p50 is None
    assert place.rounds == 2 * COUNT
    # Its mean has no bound, so nothing is shown of it.
    assert (place.low_rank, place.high_rank) == (1, 3)


@pytest.mark.parametrize(("rounds", "is_said"), [(2, True), (12, True), (13, False)])
def test_places_over_all_vantages_say_on_how_few_rounds_they_rest(
    rounds: int, *, is_said: bool
) -> None:
    near, far = lab(10, 30), lab(30, 10, seed=2)
    few = near.where(np.arange(COUNT) < rounds)

    found = rank_together([few, far], [0.5, 0.5])

    said = [one.text for one in found.caveats if one.name == "few rounds"]
    assert bool(said) is is_said
    assert all(f"has {rounds} rounds" in text for text in said)


def test_over_all_vantages_a_region_counts_by_weight() -> None:
    near_a, near_b = lab(10, 30, 50), lab(30, 10, 50, seed=2)

    found = rank_together([near_a, near_b], [0.9, 0.1])

    assert places(found) == {"a": (1, 1, "a"), "b": (2, 2, "b"), "c": (3, 3, "c")}
    assert found.vantage == ""
    assert found.rounds == 2 * COUNT
    assert found.places[0].p50 is not None
    # 0.9 of 10 ms and 0.1 of 30 ms.
    assert found.places[0].p50.point == pytest.approx(12, abs=1.5)
    assert found.places[0].attempts.made == 2 * COUNT
    tied = rank_together([near_a, near_b], [0.5, 0.5])
    assert places(tied)["a"][:2] == places(tied)["b"][:2] == (1, 2)


def test_what_one_vantage_never_saw_is_not_ranked_over_all() -> None:
    one, other = lab(10, 30, 50), lab(10, 30)
    assert [name_of(each) for each in common_lines([one, other])] == ["a", "b"]
    assert set(places(rank_together([one, other], [0.5, 0.5]))) == {"a", "b"}
    with pytest.raises(ValueError, match="want at least two common lines, got 1"):
        rank_together([one, lab(10)], [0.5, 0.5])


def test_of_rates_the_greatest_is_first_over_all_vantages() -> None:
    rates = [lab(50, 90, metric=Metric.THROUGHPUT, seed=seed) for seed in (1, 2)]
    found = rank_together(rates, [0.5, 0.5])
    assert places(found) == {"b": (1, 1, "a"), "a": (2, 2, "b")}


def test_pairs_that_change_places_with_the_vantage_are_found_once() -> None:
    here = ranked(lab(10, 30, 50), vantage="here")
    there = ranked(lab(30, 10, 50, seed=2), vantage="there")
    beyond = ranked(lab(30, 10, 50, seed=3), vantage="beyond")

    (flip,) = flips([here, there, beyond])

    assert (flip.one, flip.other) == ("aws/a:object-storage", "aws/b:object-storage")
    assert (flip.one_better_at, flip.other_better_at) == ("here", "there")
    assert flips([here]) == ()


def test_the_same_rounds_give_the_same_ranking() -> None:
    assert ranked(lab(50, 50.4, 51)) == ranked(lab(50, 50.4, 51))


def test_of_few_rounds_no_order_is_surer_than_by_holms_correction() -> None:
    cells = np.random.default_rng(12).normal(50, 1, (12, 10))
    sure = rank_sets(cells, rng=np.random.default_rng(1)).pairs
    assert (sure.p_adjusted >= all_pairs(cells).p_adjusted).all()
