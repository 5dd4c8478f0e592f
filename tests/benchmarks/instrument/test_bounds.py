"""How a bound is held against the truth."""

import pytest

from benchmarks.instrument.bounds import Held, held, row
from benchmarks.instrument.load import Load, plan_of
from cloudgauge.analysis.known_errors import Reading
from cloudgauge.analysis.series import Spread, WordCount
from cloudgauge.analysis.summary import SeriesSummary
from cloudgauge.model.calibration import CONNECT, FIRST_BYTE
from cloudgauge.model.sample import ClockKind
from tests.workflow.calibrations import calibration
from tests.workflow.calibrations import row as error_row

LOAD = Load(targets=60, visits_per_s=12, warm_requests=4, seconds=20)
KNOWN = calibration(
    error_row(CONNECT, ClockKind.KERNEL, 50, None, 0.1),
    error_row(CONNECT, ClockKind.USER, 50, None, 2.0),
    error_row(FIRST_BYTE, ClockKind.KERNEL, 50, None, 0.2),
)


def spread(p50_ms: float) -> Spread:
    return Spread(
        n=3, min_ms=p50_ms, p50_ms=p50_ms, p95_ms=p50_ms, p99_ms=p50_ms, max_ms=p50_ms
    )


def series(*, connect_ms: float, by_kernel: bool = True) -> SeriesSummary:
    return SeriesSummary(
        run_id="0" * 32,
        target_id="a",
        family="ipv4",
        replica=0,
        visits=3,
        samples=15,
        failures=(),
        connect=spread(connect_ms),
        connect_by_kernel=by_kernel,
        first_byte_cold=spread(7),
        first_byte_warm=spread(6.25),
        kernel_min_rtt_ms=5,
        lateness=spread(1),
        syn_retransmitted=0,
        clocks=(WordCount(word="kernel", count=15),),
        wall_stepped=0,
    )


def reading(phase: str, clock: ClockKind, true_ms: float) -> Reading:
    return Reading(
        target_id="a",
        phase=phase,
        clock=clock,
        reported_ns=0,
        true_ns=round(true_ms * 1e6),
    )


READINGS = [
    *(reading(CONNECT, ClockKind.KERNEL, true_ms) for true_ms in (5.0, 5.1, 9.0)),
    *(reading(CONNECT, ClockKind.USER, true_ms) for true_ms in (4.0, 4.1, 9.0)),
    *(reading(FIRST_BYTE, ClockKind.KERNEL, true_ms) for true_ms in (6.0, 6.5)),
    reading(FIRST_BYTE, ClockKind.KERNEL_BOUND, 6.0),
]


@pytest.mark.parametrize(("connect_ms", "held_count"), [(5.19, 1), (5.21, 0)])
def test_medians_are_held_against_those_of_the_truth(
    connect_ms: float, held_count: int
) -> None:
    seen = series(connect_ms=connect_ms)
    connect, first_byte = held([seen], READINGS, KNOWN, plan_of(LOAD))
    assert connect.error_ms == pytest.approx(connect_ms - 5.1)
    assert connect.bound_ms == 0.1
    assert int(connect.holds) == held_count
    assert first_byte.error_ms == pytest.approx(0.25)
    assert not first_byte.holds


def test_the_programs_connect_has_a_truth_of_its_own() -> None:
    seen = series(connect_ms=5.9, by_kernel=False)
    connect, _ = held([seen], READINGS, KNOWN, plan_of(LOAD))
    assert connect.error_ms == pytest.approx(1.8)
    assert connect.holds


def test_a_series_without_a_truth_is_not_counted() -> None:
    assert list(held([series(connect_ms=5)], [], KNOWN, plan_of(LOAD))) == []


def test_the_line_says_how_many_are_held_and_whether_the_goal_is_met() -> None:
    one = Held(phase=CONNECT, target_id="a", error_ms=-0.05, bound_ms=0.1)
    other = Held(phase=CONNECT, target_id="b", error_ms=0.3, bound_ms=None)
    assert row(LOAD, CONNECT, [one]) == (
        "| 60 targets, 12 visits/s, 4 warm | connect | 1 | 100.0% | yes | 0.100 ms | "
        "0.050 ms |"
    )
    assert "| 2 | 50.0% | **no** | 0.100 ms | 0.300 ms |" in row(
        LOAD, CONNECT, [one, other]
    )
