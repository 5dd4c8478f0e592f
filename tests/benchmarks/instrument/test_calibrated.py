import pytest

from benchmarks.instrument.bounds import Held
from benchmarks.instrument.calibrated import Timed, calibration_findings, share
from cloudgauge.model.calibration import CONNECT, FIRST_BYTE
from tests.workflow.calibrations import calibration

TIMED = Timed(calibration=calibration(), seconds=51.0)


def held(phase: str, *errors_ms: float, bound_ms: float | None = 0.2) -> list[Held]:
    return [
        Held(phase=phase, target_id="t", error_ms=error_ms, bound_ms=bound_ms)
        for error_ms in errors_ms
    ]


def test_bounds_of_every_load_count_alike_for_each_phase() -> None:
    found = calibration_findings(
        TIMED,
        {
            "60 targets, 12 visits/s, 4 warm": held(CONNECT, *[0.1] * 19, 0.3),
            "200 targets, 25 visits/s, 4 warm": [
                *held(CONNECT, *[0.1] * 20),
                *held(FIRST_BYTE, 0.1, -0.3),
            ],
        },
    )
    took, connects, first_bytes = found.rows
    assert (took.value, took.met) == (51.0, True)
    assert connects.value == pytest.approx(39 / 40)
    assert connects.met is True
    assert (first_bytes.value, first_bytes.met) == (0.5, False)
    assert connects.load == "60 targets, 200 targets"
    first = found.details[0].records()[0]
    assert (first["targets"], first["held"], first["worst error ms"]) == (20, 0.95, 0.3)


def test_a_calibration_that_takes_longer_than_a_minute_misses_its_goal() -> None:
    slow = Timed(calibration=calibration(), seconds=60.1)
    assert calibration_findings(slow, {}).rows[0].met is False


def test_without_a_median_no_bound_holds_anything() -> None:
    assert share([]) is None
    assert share(held(CONNECT, 0.1, bound_ms=None)) == 0
    rows = calibration_findings(TIMED, {}).rows
    assert [row.met for row in rows[1:]] == [False, False]
