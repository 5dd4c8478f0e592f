from dataclasses import replace
from typing import Any

import pytest

from cloudgauge.model.calibration import Calibration, DownloadCeiling, PhaseError
from cloudgauge.model.sample import ClockKind

LATE = PhaseError(
    phase="first-byte",
    clock=ClockKind.KERNEL,
    targets=50,
    delay_ns=20_000_000,
    count=400,
    low_ns=-5_000,
    median_ns=60_000,
    high_ns=110_000,
)


def test_a_bound_covers_the_larger_side() -> None:
    assert LATE.bound_ns == 110_000
    assert replace(LATE, low_ns=-200_000).bound_ns == 200_000


@pytest.mark.parametrize(
    ("field", "value"),
    [("phase", "second-byte"), ("targets", 0), ("count", 0)],
)
def test_a_row_that_no_calibration_has_is_refused(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match="phase must be one of connect, tls, first-"):
        replace(LATE, **{field: value})


@pytest.mark.parametrize("field", ["delay_ns", "low_ns", "median_ns", "high_ns"])
def test_errors_that_64_bits_cannot_hold_are_refused(field: str) -> None:
    changed: dict[str, Any] = {field: -(2**63)}
    with pytest.raises(ValueError, match=r"below 2\^63 ns"):
        replace(LATE, **changed)


@pytest.mark.parametrize(("streams", "bytes_per_s"), [(0, 1), (1, -1), (1, 2**63)])
def test_a_ceiling_that_no_machine_has_is_refused(
    streams: int, bytes_per_s: int
) -> None:
    with pytest.raises(ValueError, match="streams must be at least 1 and bytes_per_s"):
        DownloadCeiling(tls=True, streams=streams, bytes_per_s=bytes_per_s)


@pytest.mark.parametrize("made_wall_ns", [-1, 2**63])
def test_a_day_that_cannot_be_shown_is_refused(made_wall_ns: int) -> None:
    with pytest.raises(ValueError, match="made_wall_ns must be in"):
        Calibration(
            made_wall_ns=made_wall_ns,
            tool_version="0.1",
            machine="0" * 16,
            means="tun",
            errors=(LATE,),
            ceilings=(),
        )


def test_what_a_machine_can_have_is_taken() -> None:
    ceiling = DownloadCeiling(tls=True, streams=1, bytes_per_s=0)
    made = Calibration(
        made_wall_ns=0,
        tool_version="0.1",
        machine="0" * 16,
        means="tun",
        errors=(LATE,),
        ceilings=(ceiling,),
    )
    assert made.ceilings == (ceiling,)
