import math
from dataclasses import replace

import numpy as np
import pytest

from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.rounds import Attempts, Line, Rounds
from cloudgauge.analysis.series import Spread
from cloudgauge.analysis.standing import Standing, standing_of
from cloudgauge.analysis.summary import SeriesSummary

LINE = Line(target_id="aws/place-1:object-storage", family="ipv4")


def standing(values: list[float]) -> Standing:
    """What stands behind one series that has one visit a round."""
    known = [value for value in values if math.isfinite(value)]
    rounds = Rounds(
        metric=Metric.CONNECT,
        lines=(LINE,),
        runs=np.zeros(len(values), dtype=np.int64),
        wall_ns=np.arange(len(values), dtype=np.int64),
        values=np.array(values, dtype=np.float64)[:, np.newaxis],
        attempts=(Attempts(made=len(values), answered=len(known)),),
    )
    return standing_of(rounds, series(len(known), len(values) - len(known)))


def series(known: int, timed_out: int) -> SeriesSummary:
    nothing = Spread(
        n=0, min_ms=None, p50_ms=None, p95_ms=None, p99_ms=None, max_ms=None
    )
    return SeriesSummary(
        run_id="0" * 32,
        target_id=LINE.target_id,
        family=LINE.family,
        replica=0,
        visits=known + timed_out,
        samples=known + timed_out,
        failures=(),
        connect=replace(nothing, n=known, timed_out=timed_out, limit_ms=1_000.0),
        connect_by_kernel=True,
        first_byte_cold=nothing,
        first_byte_warm=nothing,
        kernel_min_rtt_ms=None,
        lateness=nothing,
        syn_retransmitted=0,
        clocks=(),
        wall_stepped=0,
    )


def test_an_end_that_timeouts_reach_is_told_from_one_that_is_open() -> None:
    order = np.random.default_rng(2).permutation(40)
    values = np.array([*range(1, 24), *[math.inf] * 17])
    reached = standing(values[order].tolist())
    low_ms, high_ms = reached.ends_ms()
    assert low_ms is not None
    assert 5 < low_ms < 20
    assert high_ms is None
    assert reached.endless() == (False, True)
    few = standing([1.0, 2.0, 3.0])
    assert few.ends_ms() == (None, None)
    assert few.endless() == (False, False)


def test_a_series_that_always_timed_out_is_beyond_at_both_ends() -> None:
    silent = standing([math.inf] * 40)
    assert silent.ends_ms() == (None, None)
    assert silent.endless() == (True, True)
    assert silent.answered is not None
    assert silent.answered.point == 0


def test_values_that_follow_one_another_count_for_less() -> None:
    rng = np.random.default_rng(1)
    alone = standing(rng.normal(20, 1, 400).tolist())
    assert alone.effective_n == pytest.approx(400, rel=0.3)
    assert not alone.is_dependent
    states = np.repeat(rng.normal(20, 1, 8), 50)
    held = standing((states + rng.normal(0, 0.01, 400)).tolist())
    assert held.effective_n is not None
    assert held.effective_n < 40
    assert held.is_dependent
    assert held.connect_n == 400


def test_without_rounds_nothing_stands_behind_a_series() -> None:
    assert standing_of(None, series(3, 0)) == Standing()
    assert Standing().ends_ms() == (None, None)
    assert Standing().endless() == (False, False)
    assert not Standing().is_dependent


def test_of_a_phase_that_was_not_measured_only_the_answers_are_known() -> None:
    rounds = Rounds(
        metric=Metric.CONNECT,
        lines=(LINE,),
        runs=np.zeros(1, dtype=np.int64),
        wall_ns=np.zeros(1, dtype=np.int64),
        values=np.array([[math.inf]]),
        attempts=(Attempts(made=1, answered=0),),
    )
    found = standing_of(rounds, series(0, 0))
    assert found.connect_p50 is None
    assert found.answered is not None
