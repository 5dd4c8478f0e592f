from dataclasses import replace

from cloudgauge.model.calibration import PhaseError
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
