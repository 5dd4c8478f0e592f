"""Figures of cells as rows have them, without pandas: in tables and frames alike."""

import math

from cloudgauge.analysis.engine_ends import CellQuantile, QuantileCell
from cloudgauge.model.sample import ClockKind


def quantile_name(share: float) -> str:
    """What columns of a quantile begin with, such as ``p95`` or ``p99_9``."""
    return f"p{100 * share:.10g}".replace(".", "_")


def clock_of(cell: QuantileCell) -> str | None:
    """Whose time a cell's values are; None without one."""
    if not cell.n:
        return None
    if not cell.by_kernel:
        return ClockKind.USER.value
    return ClockKind.KERNEL.value if cell.by_kernel == cell.n else "both"


def quantile_cells_of(
    cell: QuantileCell, found: CellQuantile
) -> tuple[float | None, ...]:
    """The cells of one quantile, an absent one beside what it is beyond."""
    bounded = []
    for value in (found.point_ms, found.low_ms, found.high_ms):
        beyond = value is not None and math.isinf(value)
        bounded += [None if beyond else value, cell.limit_ms if beyond else None]
    return (*bounded, found.effective)
