"""Errors with and without the engine, laid side by side."""

from collections.abc import Iterable

import pytest

from benchmarks.fleet.errors import Compared, compare
from cloudgauge.analysis.known_errors import Reading
from cloudgauge.model.calibration import CONNECT, FIRST_BYTE
from cloudgauge.model.sample import ClockKind
from tests.workflow.calibrations import calibration, row

KNOWN = calibration(
    row(CONNECT, ClockKind.KERNEL, 50, None, 0.1),
    row(CONNECT, ClockKind.KERNEL, 200, None, 9.0),
    row(CONNECT, ClockKind.USER, 50, None, 5.0),
)


def readings(
    errors_us: Iterable[float], clock: ClockKind = ClockKind.KERNEL
) -> list[Reading]:
    return [
        Reading(
            target_id="a",
            phase=CONNECT,
            clock=clock,
            reported_ns=5_000_000 + round(error_us * 1e3),
            true_ns=5_000_000,
        )
        for error_us in errors_us
    ]


def compared(beside_us: Iterable[float]) -> tuple[Compared, ...]:
    alone = [*readings([10, 20, 30]), *readings([900], ClockKind.USER)]
    return compare(alone, readings(beside_us), KNOWN, 50)


def test_the_overhead_is_what_a_quantile_is_greater_beside_the_engine() -> None:
    p50, p95, p99 = compared([40, 50, 60])
    assert (p50.quantile, p50.count_alone, p50.count_beside) == ("p50", 3, 3)
    assert (p50.alone_us, p50.beside_us, p50.overhead_us) == (20, 50, 30)
    assert (p95.overhead_us, p99.overhead_us) == pytest.approx((30, 30))


@pytest.mark.parametrize(("more_us", "met"), [(99, True), (101, False), (-101, False)])
def test_it_is_held_against_the_calibration_of_the_same_load(
    more_us: float, *, met: bool
) -> None:
    p50, p95, p99 = compared([10 + more_us, 20 + more_us, 30 + more_us])
    assert p50.bound_us == p95.bound_us == pytest.approx(100)
    assert (p50.met, p95.met) == (met, met)
    # One of twenty may be anything.
    assert p99.met is None


def test_what_was_not_calibrated_or_not_read_both_ways_is_not_judged() -> None:
    (p50, *_) = compare(readings([1]), readings([2]), None, 50)
    assert p50.met is None
    assert compare(readings([1]), [], KNOWN, 50) == ()
    assert FIRST_BYTE not in {one.phase for one in compared([1])}
