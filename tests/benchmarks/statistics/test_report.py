import math
from dataclasses import replace

from benchmarks.statistics.alarms import Alarms
from benchmarks.statistics.anytime import WORLDS, Excluded
from benchmarks.statistics.asking import Outcome
from benchmarks.statistics.noise import CORRELATED
from benchmarks.statistics.report import Goal, Results, Times, goals, to_markdown
from benchmarks.statistics.size import Reading
from benchmarks.statistics.speed import Speed, measure

OURS = Outcome(
    question="every pair",
    series="independent",
    way="cloudgauge",
    rounds=300,
    replicates=500,
    coverage=0.95,
    width=1.2,
)
RIVAL = replace(OURS, way="order statistics", width=1.0)
WRONG = replace(OURS, way="student", coverage=0.4, width=0.1)
FEW = replace(OURS, rounds=60)
SHARP = replace(OURS, series="heavy tail")
ALARMS = Alarms(
    noise="independent",
    targets=20,
    rounds=300,
    replicates=500,
    pair=0.05,
    by_holm=0.01,
    by_ranks=0.04,
    power=0.9,
    power_holm=0.7,
    power_ranks=0.8,
)
SHORT = replace(ALARMS, rounds=10, power=0.3)
EXCLUDED = Excluded(world=WORLDS[0], replicates=500, ever=0.02, median_round=None)
SPEED = Speed(
    targets=200,
    rounds=1000,
    pairs=19_900,
    rank_s=5.0,
    pairs_s=4.0,
    reduced_to=4000,
    loop_s=200.0,
    looped=60,
    shifted=20_000,
    shift_s=0.1,
)
READING = Reading(
    name="cloudgauge show",
    samples=10_000_000,
    wall_s=9.0,
    processor_s=12.0,
    peak_bytes=2**30,
)
TIMES = Times(simulated_s=300.0, speed=SPEED, readings=(READING,))
RESULTS = Results(
    outcomes=((OURS, RIVAL, WRONG), (FEW,), (SHARP,)),
    alarms=(ALARMS, SHORT),
    excluded=(EXCLUDED,),
)


def by_name(results: Results, times: Times) -> dict[str, Goal]:
    return {goal.what: goal for goal in goals(results, times)}


def missed(results: Results, times: Times = TIMES) -> list[str]:
    return [goal.what for goal in goals(results, times) if not goal.is_met]


def test_figures_within_their_bounds_meet_their_goals() -> None:
    assert missed(RESULTS) == []
    page = to_markdown(RESULTS, TIMES)
    assert "| 50 times faster | 20 times | met |" in page
    assert "student 40.0% 0.1, not valid" in page
    assert "MISSED" not in page


def test_a_way_that_does_not_hold_sets_no_width() -> None:
    found = by_name(RESULTS, TIMES)

    width = found["width to that of the best valid way, at worst of 300 rounds"]
    assert width.found == "1.20 (every pair, independent, 300 rounds)"


def test_each_figure_out_of_its_bound_misses_its_goal() -> None:
    low = replace(OURS, coverage=0.9)
    wide = replace(OURS, width=1.4)
    alarms = replace(ALARMS, pair=0.11, by_holm=0.09, by_ranks=0.09, power=0.7)
    often = replace(EXCLUDED, ever=0.09)

    assert missed(replace(RESULTS, outcomes=((low,), (FEW,), (SHARP,)))) == [
        "share of 95 % intervals that hold, at worst"
    ]
    assert missed(replace(RESULTS, outcomes=((wide, RIVAL), (FEW,), (SHARP,)))) == [
        "width to that of the best valid way, at worst of 300 rounds"
    ]
    assert len(missed(replace(RESULTS, alarms=(alarms, SHORT)))) == 4
    short = replace(SHORT, pair=0.11, by_holm=0.09)
    assert len(missed(replace(RESULTS, alarms=(ALARMS, short)))) == 2
    assert len(missed(replace(RESULTS, excluded=(often,)))) == 1
    slow = replace(SPEED, rank_s=11.0, pairs_s=31.0, shift_s=0.6)
    late = replace(READING, wall_s=11.0)
    assert len(missed(RESULTS, replace(TIMES, speed=slow, readings=(late,)))) == 5


def test_few_rounds_in_a_row_that_depend_are_shown_and_not_judged() -> None:
    dependent = replace(SHORT, noise=CORRELATED.name, pair=0.3, by_holm=0.9)

    results = replace(RESULTS, alarms=(ALARMS, SHORT, dependent))

    assert missed(results) == []
    assert "| 30.0% | 90.0% |" in to_markdown(results, TIMES)


def test_targets_that_are_slower_are_no_false_alarms() -> None:
    slower = replace(EXCLUDED.world, shift_ms=2.5)
    found = replace(EXCLUDED, world=slower, ever=1.0, median_round=40.0)
    results = replace(RESULTS, excluded=(EXCLUDED, found))

    assert missed(results) == []
    assert "| 100.0% | 40 |" in to_markdown(results, TIMES)


def test_endless_intervals_of_all_ways_are_as_wide_as_each_other() -> None:
    endless = replace(FEW, width=math.inf)

    results = replace(RESULTS, outcomes=((OURS, RIVAL), (endless,), (SHARP,)))

    assert missed(results) == []


def test_survival_curves_are_not_judged_where_values_depend() -> None:
    survival = replace(OURS, question="p50 with a limit", coverage=0.4)
    dependent = replace(survival, series="AR(1) 0.7")

    kept = replace(RESULTS, outcomes=(*RESULTS.outcomes, (dependent,)))
    judged = replace(RESULTS, outcomes=(*RESULTS.outcomes, (survival,)))

    assert missed(kept) == []
    assert len(missed(judged)) == 1


def test_times_are_taken_of_all_pairs_and_of_a_loop_over_some() -> None:
    found = measure(targets=4, rounds=150, looped=2, shifted=300)

    assert (found.pairs, found.looped, found.targets, found.rounds) == (6, 2, 4, 150)
    assert min(found.rank_s, found.pairs_s, found.loop_s, found.shift_s) > 0
    assert found.times_faster == found.loop_s / found.pairs_s
