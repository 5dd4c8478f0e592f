"""A calibration from its stages to its rows, in a private network of its own."""

import sys
from pathlib import Path

import pytest

from cloudgauge.measure.vantage import machine_key
from cloudgauge.model.calibration import (
    CONNECT,
    FIRST_BYTE,
    FIRST_BYTE_COLD,
    PHASES,
    Calibration,
)
from cloudgauge.model.sample import ClockKind
from cloudgauge.workflow.calibrating import (
    CalibrationOutcome,
    CalibrationRequest,
    calibrate,
)
from cloudgauge.workflow.known_delays import DELAYS_NS
from cloudgauge.world.description import Means
from tests.workflow.few_stages import command, few_steps

pytestmark = pytest.mark.private_network

KERNEL, USER = ClockKind.KERNEL, ClockKind.USER


def calibrated(means: Means | None, *places: int) -> CalibrationOutcome:
    request = CalibrationRequest(
        programme=few_steps(*places), command=command(*places), means=means
    )
    return calibrate(request)


@pytest.fixture(scope="module")
def by_tun() -> Calibration:
    outcome = calibrated(None)
    assert (outcome.exit_code, outcome.fallback) == (0, "")
    assert outcome.calibration is not None
    return outcome.calibration


def counts(known: Calibration, targets: int) -> dict[tuple[str, ClockKind], int]:
    """Exchanges of all delays together."""
    return {
        (row.phase, row.clock): row.count
        for row in known.errors
        if row.targets == targets and row.delay_ns is None
    }


def test_it_says_what_was_calibrated_and_by_which_means(by_tun: Calibration) -> None:
    assert by_tun.means == "tun"
    assert by_tun.limits == ""
    assert by_tun.machine == machine_key()


def test_every_phase_has_its_errors_by_the_kernels_clock(by_tun: Calibration) -> None:
    seen = counts(by_tun, 50)
    assert {phase for phase, clock in seen if clock is not USER} == set(PHASES)
    # Twenty visits; the kernel's view of a SYN that was sent again is left out.
    assert 0 < seen[CONNECT, KERNEL] <= 20
    assert seen[CONNECT, USER] == seen[CONNECT, KERNEL]
    firsts = sum(n for (phase, _), n in seen.items() if phase == FIRST_BYTE_COLD)
    assert firsts == 20


def test_without_stamps_there_is_the_programs_clock_alone(by_tun: Calibration) -> None:
    stamped = {phase for phase, clock in counts(by_tun, 200) if clock is not USER}
    # The kernel's round trip of the SYN needs no stamp.
    assert stamped == {CONNECT}
    assert counts(by_tun, 200)[FIRST_BYTE, USER] == 20


def test_each_delay_stands_by_itself(by_tun: Calibration) -> None:
    def delays_ns(targets: int) -> set[int | None]:
        return {row.delay_ns for row in by_tun.errors if row.targets == targets}

    assert delays_ns(1) == {*DELAYS_NS[:2], None}
    assert delays_ns(50) == delays_ns(200) == {*DELAYS_NS, None}


def test_an_honest_instrument_measures_a_little_more_than_the_truth(
    by_tun: Calibration,
) -> None:
    for row in by_tun.errors:
        assert row.low_ns <= row.median_ns <= row.high_ns
        # The kernel counts whole microseconds.
        assert row.low_ns > -1_000
        # No phase of another exchange was taken for its truth.
        if row.delay_ns is not None and row.clock is not USER:
            assert row.low_ns < 200_000_000


def test_the_machine_has_downloaded_from_itself(by_tun: Calibration) -> None:
    (ceiling,) = by_tun.ceilings
    assert (ceiling.tls, ceiling.streams) == (True, 8)
    assert ceiling.bytes_per_s > 0


def test_by_loopback_servers_the_first_byte_alone_is_calibrated() -> None:
    outcome = calibrated(Means.LOOPBACK, 0)
    known = outcome.calibration
    assert known is not None
    assert known.means == "loopback"
    assert known.limits.endswith("so that connect and TLS are not calibrated")
    assert {row.phase for row in known.errors} == {FIRST_BYTE, FIRST_BYTE_COLD}
    assert known.ceilings == ()


def test_a_step_that_there_is_no_time_for_is_left_out_and_said() -> None:
    programme = few_steps(0, 2)
    first, second = programme.steps
    assert first.length_ns < second.length_ns
    request = CalibrationRequest(
        programme=programme,
        # When the first is over, some of the second one's time is gone.
        command=command(0, 2, limit_ns=second.length_ns),
        means=Means.LOOPBACK,
    )
    known = calibrate(request).calibration
    assert known is not None
    assert {row.targets for row in known.errors} == {1}
    told = "; the machine was too busy: left out 50 targets, kernel clock"
    assert known.limits.endswith(told)


def test_an_interrupt_at_the_end_of_a_step_ends_all_of_them() -> None:
    request = CalibrationRequest(
        programme=few_steps(0, 1),
        command=command(0, 1, interrupted=True),
        means=Means.LOOPBACK,
    )
    # The script says so, and holds what it has told against what was begun.
    assert calibrate(request) == CalibrationOutcome(calibration=None, exit_code=3)


def test_stages_that_were_not_carried_out_leave_no_calibration(tmp_path: Path) -> None:
    script = "import sys; sys.exit(130)"
    request = CalibrationRequest(
        programme=few_steps(0), command=(sys.executable, "-c", script)
    )
    outcome = calibrate(request)
    assert outcome == CalibrationOutcome(calibration=None, exit_code=130)
    assert list(tmp_path.iterdir()) == []
