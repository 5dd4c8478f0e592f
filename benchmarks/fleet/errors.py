"""Measured errors with and without the engine beside the prober; pure.

Only what the kernel's clock ended is compared: what the program's own clock says of a
connect is no figure of ours where there is a kernel's.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.instrument.figures import percentile
from cloudgauge.analysis.known_errors import Reading
from cloudgauge.model.calibration import (
    CONNECT,
    FIRST_BYTE,
    FIRST_BYTE_COLD,
    TLS,
    Calibration,
)
from cloudgauge.model.sample import ClockKind

LABELS = {
    CONNECT: "connect",
    TLS: "TLS",
    FIRST_BYTE_COLD: "first byte, cold",
    FIRST_BYTE: "first byte, warm",
}
# The calibration's error is of 19 of 20 exchanges; the rest is shown, and not judged:
# it is what the machine's other work did.
_JUDGED = {"p50": 0.5, "p95": 0.95}
_SHARES = _JUDGED | {"p99": 0.99}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The errors of one phase, alone and beside the engine.

    Attributes:
        count_alone: Exchanges.
        alone_us: A quantile of the errors without the engine, microseconds.
        beside_us: The same with it.
        bound_us: What 19 of 20 single exchanges were within when this machine was
            calibrated at the next greater load; None if it was not, or if the
            quantile is beyond those 19.
    """

    phase: str
    quantile: str
    count_alone: int
    count_beside: int
    alone_us: float
    beside_us: float
    bound_us: float | None

    @property
    def overhead_us(self) -> float:
        """What the engine adds to the error."""
        return self.beside_us - self.alone_us

    @property
    def met(self) -> bool | None:
        """Whether that is less than the calibration's error; None without one."""
        return None if self.bound_us is None else abs(self.overhead_us) < self.bound_us


def compare(
    alone: Iterable[Reading],
    beside: Iterable[Reading],
    calibration: Calibration | None,
    targets: int,
) -> tuple[Compared, ...]:
    """Lay the errors of both side by side.

    Args:
        alone: What was read without the engine.
        beside: What was read with it.
        calibration: Of this machine; None for none.
        targets: The calibrated load that is no less than the one measured.
    """
    by_alone, by_beside = _errors_us(alone), _errors_us(beside)
    bounds = _bounds_us(calibration, targets)
    return tuple(
        Compared(
            phase=phase,
            quantile=name,
            count_alone=len(by_alone[phase]),
            count_beside=len(by_beside[phase]),
            alone_us=percentile(by_alone[phase], share),
            beside_us=percentile(by_beside[phase], share),
            bound_us=bounds.get(phase) if name in _JUDGED else None,
        )
        for phase in LABELS
        if by_alone.get(phase) and by_beside.get(phase)
        for name, share in _SHARES.items()
    )


def _errors_us(readings: Iterable[Reading]) -> dict[str, Sequence[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for reading in readings:
        if reading.clock is ClockKind.KERNEL:
            found[reading.phase].append(reading.error_ns / 1e3)
    return {phase: sorted(values) for phase, values in found.items()}


def _bounds_us(calibration: Calibration | None, targets: int) -> dict[str, float]:
    rows = () if calibration is None else calibration.errors
    return {
        row.phase: row.bound_ns / 1e3
        for row in rows
        if row.clock is ClockKind.KERNEL
        and row.targets == targets
        and row.delay_ns is None
    }
