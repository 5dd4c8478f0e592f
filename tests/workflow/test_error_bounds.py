"""Which rows of a calibration bound a figure's error, and that they hold the truth."""

import random
import statistics
from dataclasses import replace
from pathlib import Path

import pytest

from cloudgauge.analysis.known_errors import Reading, phase_errors
from cloudgauge.analysis.series import Spread, WordCount
from cloudgauge.analysis.summary import SeriesSummary
from cloudgauge.model.calibration import (
    CONNECT,
    FIRST_BYTE,
    FIRST_BYTE_COLD,
    Calibration,
)
from cloudgauge.model.plan import Pacing, Plan
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.sample import ClockKind
from cloudgauge.report.document import Document
from cloudgauge.report.render import shown_columns
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from cloudgauge.workflow.error_bounds import NO_BOUNDS, bounds_of, load_of
from cloudgauge.workflow.keeping import show_sets
from cloudgauge.workflow.known_delays import DELAYS_NS, stages_of, targets_of
from tests.store.synthetic import (
    make_outcome,
    make_plan,
    make_run_info,
    make_samples,
)
from tests.workflow.calibrations import calibration, row

KERNEL, BOUND, USER = ClockKind.KERNEL, ClockKind.KERNEL_BOUND, ClockKind.USER
NOTHING = Spread(n=0, min_ms=None, p50_ms=None, p95_ms=None, p99_ms=None, max_ms=None)


def spread(p50_ms: float) -> Spread:
    return Spread(
        n=10, min_ms=p50_ms, p50_ms=p50_ms, p95_ms=p50_ms, p99_ms=p50_ms, max_ms=p50_ms
    )


def series(
    *,
    connect_ms: float | None = None,
    first_byte_ms: float | None = None,
    by_kernel: bool = True,
    clocks: tuple[tuple[ClockKind, int], ...] = ((KERNEL, 40),),
) -> SeriesSummary:
    return SeriesSummary(
        run_id="0" * 32,
        target_id="known/a:object-storage",
        family="ipv4",
        replica=0,
        visits=10,
        samples=50,
        failures=(),
        connect=NOTHING if connect_ms is None else spread(connect_ms),
        connect_by_kernel=by_kernel,
        first_byte_cold=NOTHING,
        first_byte_warm=NOTHING if first_byte_ms is None else spread(first_byte_ms),
        kernel_min_rtt_ms=None,
        lateness=NOTHING,
        syn_retransmitted=0,
        clocks=tuple(WordCount(word=word.value, count=n) for word, n in clocks),
        wall_stepped=0,
    )


def plan_of(targets: int, *, round_s: float) -> Plan:
    some = next(stage.plan for stage in stages_of(25) if stage.targets > 1)
    pacing = Pacing(rounds=2, round_ns=round(round_s * NS_PER_S))
    return replace(some, targets=targets_of(targets), pacing=pacing)


CALM = plan_of(50, round_s=10)


def connect_ms(
    known: Calibration, at_ms: float, plan: Plan = CALM, *, by_kernel: bool = True
) -> float | None:
    seen = series(connect_ms=at_ms, by_kernel=by_kernel)
    return bounds_of(known, plan, seen).connect_ms


def test_without_a_calibration_there_is_no_bound() -> None:
    seen = series(connect_ms=5, first_byte_ms=6)
    assert bounds_of(None, CALM, seen) == NO_BOUNDS


def test_a_figure_that_is_not_there_has_no_bound() -> None:
    known = calibration(row(CONNECT, KERNEL, 50, None, 0.1))
    assert bounds_of(known, CALM, series()) == NO_BOUNDS


@pytest.mark.parametrize(
    ("at_ms", "bound_ms"),
    [
        (0.2, 0.3),  # below all: the first
        (0.5, 0.3),
        (3, 0.4),  # between two: the worse of them
        (5, 0.4),
        (12, 0.4),
        (20, 0.2),
        (900, 0.2),  # beyond all: the last
    ],
)
def test_the_delays_around_a_figure_count(at_ms: float, bound_ms: float) -> None:
    known = calibration(
        row(CONNECT, KERNEL, 50, 0.5, 0.3),
        row(CONNECT, KERNEL, 50, 5, 0.4),
        row(CONNECT, KERNEL, 50, 20, 0.2),
    )
    assert connect_ms(known, at_ms) == bound_ms


def test_all_delays_together_count_wherever_the_figure_lies() -> None:
    known = calibration(
        row(CONNECT, KERNEL, 50, 5, 0.1), row(CONNECT, KERNEL, 50, None, 0.25)
    )
    assert connect_ms(known, 5) == 0.25


def test_the_least_load_that_is_no_less_than_the_runs_counts() -> None:
    known = calibration(
        row(CONNECT, KERNEL, 1, None, 0.1),
        row(CONNECT, KERNEL, 50, None, 0.2),
        row(CONNECT, KERNEL, 200, None, 0.3),
    )
    assert connect_ms(known, 5, plan_of(1, round_s=10)) == 0.1
    assert connect_ms(known, 5, plan_of(50, round_s=2)) == 0.2
    assert connect_ms(known, 5, plan_of(50, round_s=1.9)) == 0.3
    assert connect_ms(known, 5, plan_of(200, round_s=8)) == 0.2
    assert connect_ms(known, 5, plan_of(200, round_s=4)) == 0.3
    assert connect_ms(known, 5, plan_of(200, round_s=3.9)) is None


def test_a_heavier_load_stands_in_for_one_that_was_not_calibrated() -> None:
    known = calibration(row(CONNECT, USER, 200, None, 0.9))
    assert connect_ms(known, 5, by_kernel=False) == 0.9


def test_a_lighter_load_does_not_stand_in() -> None:
    known = calibration(row(CONNECT, KERNEL, 1, None, 0.1))
    assert connect_ms(known, 5) is None


def test_a_control_makes_two_series_of_one_target() -> None:
    alone = plan_of(1, round_s=10)
    assert load_of(alone) == 1
    controls = (alone.targets[0].target_id,)
    assert load_of(replace(alone, controls=controls)) == 50


def test_the_clock_of_the_figure_counts() -> None:
    known = calibration(
        row(CONNECT, KERNEL, 50, None, 0.1), row(CONNECT, USER, 50, None, 2.0)
    )
    assert connect_ms(known, 5) == 0.1
    assert connect_ms(known, 5, by_kernel=False) == 2.0


@pytest.mark.parametrize(
    ("clocks", "bound_ms"),
    [
        (((KERNEL, 40),), 0.1),
        (((KERNEL, 40), (USER, 10)), 3.0),
        # Too few to move the median.
        (((KERNEL, 40), (USER, 1)), 0.1),
        # An upper bound is off by no more than the program's own clock.
        (((KERNEL, 40), (BOUND, 10)), 3.0),
        ((), None),
    ],
)
def test_of_several_clocks_the_worst_counts(
    clocks: tuple[tuple[ClockKind, int], ...], bound_ms: float | None
) -> None:
    known = calibration(
        row(FIRST_BYTE, KERNEL, 50, None, 0.1), row(FIRST_BYTE, USER, 50, None, 3.0)
    )
    seen = series(first_byte_ms=7, clocks=clocks)
    assert bounds_of(known, CALM, seen).first_byte_ms == bound_ms


def test_a_clock_that_was_not_calibrated_has_no_bound() -> None:
    known = calibration(row(FIRST_BYTE, KERNEL, 50, None, 0.1))
    seen = series(first_byte_ms=7, clocks=((KERNEL, 30), (USER, 20)))
    assert bounds_of(known, CALM, seen).first_byte_ms is None


def test_a_phase_has_its_own_rows() -> None:
    known = calibration(
        row(FIRST_BYTE, KERNEL, 50, None, 0.1),
        row(FIRST_BYTE_COLD, KERNEL, 50, None, 0.7),
    )
    found = bounds_of(known, CALM, series(connect_ms=5, first_byte_ms=6))
    assert found.first_byte_ms == 0.1
    assert found.connect_ms is None


def test_the_bound_holds_the_true_median_of_19_in_20_targets() -> None:
    """Errors drawn as they come on a busy machine: skewed, with a heavy tail.

    Calibrated and used under one law, a bound that 19 of 20 single errors keep holds
    the median of ten of nearly every target. Fixed seed; no clock is involved.
    """
    rng = random.Random(7)

    def error_ns() -> int:
        tail_ns = rng.expovariate(1 / 5e6) if rng.random() < 0.02 else 0
        return round(60_000 + rng.expovariate(1 / 40_000) + tail_ns)

    def reading(delay_ns: int) -> Reading:
        return Reading(
            target_id=str(delay_ns),
            phase=CONNECT,
            clock=KERNEL,
            reported_ns=delay_ns + error_ns(),
            true_ns=delay_ns,
        )

    drawn = [reading(delay_ns) for delay_ns in DELAYS_NS for _ in range(40)]
    known = calibration(*phase_errors(drawn, targets=50, delay_of=int))
    held = 0
    for number in range(200):
        true_ms = [1 + number + rng.random() for _ in range(10)]
        seen_ms = [true + error_ns() / NS_PER_MS for true in true_ms]
        seen = statistics.median(seen_ms)
        bound_ms = connect_ms(known, seen)
        assert bound_ms is not None
        held += abs(seen - statistics.median(true_ms)) <= bound_ms
    assert held >= 190
    # And it is no wider than it has to be: the tail is in none of these medians.
    assert max(error.bound_ns for error in known.errors) < NS_PER_MS * 5


def shown(
    tmp_path: Path, *known: Calibration | None, rate_per_s: float = 20
) -> Document:
    """A set of each calibration, all in one folder."""
    plan = make_plan(targets=6, rounds=4)
    round_ns = round(plan.series_count / rate_per_s * NS_PER_S)
    plan = replace(plan, pacing=replace(plan.pacing, round_ns=round_ns))
    samples = list(make_samples(plan, failing=0))
    for number, one in enumerate(known):
        info = replace(make_run_info(plan), run_id=f"{number:032x}", calibration=one)
        folder = new_folder(tmp_path, info)
        with (
            FolderLock.take(folder) as lock,
            Journal.create(lock, info, plan) as journal,
        ):
            for sample in samples:
                journal.append(sample)
            journal.finish(make_outcome(plan))
    return show_sets([tmp_path])


def names_in(document: Document) -> list[str]:
    return [column.name for column in document.tables[0].columns]


KNOWN = calibration(
    row(CONNECT, KERNEL, 50, None, 0.125), row(FIRST_BYTE, KERNEL, 50, None, 0.25)
)
NOT_CALIBRATED = (
    "not calibrated; cloudgauge calibrate, on the machine that measures, gives later "
    "runs an error bound beside each p50"
)


def test_a_bound_stands_beside_each_p50(tmp_path: Path) -> None:
    document = shown(tmp_path, KNOWN)
    names = names_in(document)
    for p50, bound, wanted_ms in (
        ("connect_p50_ms", "connect_bound_ms", 0.125),
        ("first_byte_p50_ms", "first_byte_bound_ms", 0.25),
    ):
        shown_names = [c.name for c in shown_columns(document.tables[0])]
        assert shown_names.index(bound) == shown_names.index(p50) + 1
        cells = {row[names.index(bound)] for row in document.tables[0].rows}
        assert cells == {wanted_ms}
    assert (
        "± is the error bound by the calibration of 2026-11-18 11:06:40 UTC: under "
        "such a load 19 of 20 single exchanges were no further from the truth"
    ) in document.notes
    assert NOT_CALIBRATED not in document.notes


def test_what_a_calibration_cannot_show_is_said_beside_its_bounds(
    tmp_path: Path,
) -> None:
    limited = replace(KNOWN, means="loopback", limits="the first byte alone")
    assert "calibration: the first byte alone" in shown(tmp_path, limited).notes


def test_without_a_calibration_there_are_no_such_columns(tmp_path: Path) -> None:
    document = shown(tmp_path, None)
    assert not [name for name in names_in(document) if "bound" in name]
    assert NOT_CALIBRATED in document.notes


def test_of_several_sets_those_that_are_not_calibrated_are_counted(
    tmp_path: Path,
) -> None:
    document = shown(tmp_path, KNOWN, None)
    at = names_in(document).index("connect_bound_ms")
    assert {row[at] for row in document.tables[0].rows} == {0.125, None}
    assert f"1 of 2 sets: {NOT_CALIBRATED}" in document.notes


def test_visits_that_came_faster_than_was_calibrated_have_no_bound(
    tmp_path: Path,
) -> None:
    document = shown(tmp_path, KNOWN, rate_per_s=51)
    at = names_in(document).index("connect_bound_ms")
    assert {row[at] for row in document.tables[0].rows} == {None}
    assert (
        "visits came faster than the 50 a second that a calibration has: no error "
        "bound for made-up"
    ) in document.notes
