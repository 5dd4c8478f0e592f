"""Calibrations made up for tests, row by row."""

from cloudgauge.model.calibration import Calibration, DownloadCeiling, PhaseError
from cloudgauge.model.quantity import NS_PER_MS
from cloudgauge.model.sample import ClockKind


def row(
    phase: str,
    clock: ClockKind,
    targets: int,
    delay_ms: float | None,
    high_ms: float,
) -> PhaseError:
    """A row whose errors are up to *high_ms*, and none below zero."""
    return PhaseError(
        phase=phase,
        clock=clock,
        targets=targets,
        delay_ns=None if delay_ms is None else round(delay_ms * NS_PER_MS),
        count=100,
        low_ns=0,
        median_ns=round(high_ms * NS_PER_MS / 2),
        high_ns=round(high_ms * NS_PER_MS),
    )


def calibration(*errors: PhaseError, means: str = "tun") -> Calibration:
    """A calibration with these rows."""
    return Calibration(
        made_wall_ns=1_795_000_000_000_000_000,
        tool_version="0.1.0",
        machine="0123456789abcdef",
        means=means,
        errors=errors,
        ceilings=(DownloadCeiling(tls=True, streams=8, bytes_per_s=500_000_000),),
    )
