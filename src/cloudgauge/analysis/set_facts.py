"""What a set's samples say of its clocks and of what was measured."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.columns import Columns

Counts = NDArray[np.int64]

FACT_COLUMNS = (
    "exchange",
    "sent_ns",
    "wall_offset_ns",
    "connect_ns",
    "connect_rtt_us",
    "wall_stepped",
    "part",
)
"""The columns that the facts are made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFacts:
    """Clocks and phases of one set.

    Attributes:
        first_ns: First send after the run's start, by the monotonic clock; this and
            the next are 0 without a sample.
        last_ns: Last send likewise.
        moved_ns: How far the wall clock moved against the monotonic one, most minus
            least.
        backward_ns: How far it once ran behind what it had said before, from one send
            to a later one; 0 if it never did.
        stepped: Exchanges during which it stepped.
        connect_clock: Whose time the connect phase of latency is: ``kernel``,
            ``user``, or None where no visit came so far.
        has_latency: There is a sample of a visit of latency.
        has_downloads: There is a sample of a download.
    """

    first_ns: int
    last_ns: int
    moved_ns: int
    backward_ns: int
    stepped: int
    connect_clock: str | None
    has_latency: bool
    has_downloads: bool


def facts_of(columns: Columns) -> SetFacts:
    """Read the facts off the columns of `FACT_COLUMNS`."""
    numbers = columns.numbers
    sent, offset = numbers["sent_ns"].cells, numbers["wall_offset_ns"].cells
    latency = columns.words["part"].absent
    by_kernel = bool(np.any(latency & ~numbers["connect_rtt_us"].absent))
    by_program = bool(np.any(latency & ~numbers["connect_ns"].absent))
    some = columns.count > 0
    return SetFacts(
        first_ns=int(sent.min()) if some else 0,
        last_ns=int(sent.max()) if some else 0,
        moved_ns=int(offset.max() - offset.min()) if some else 0,
        backward_ns=_backward_ns(sent, offset) if some else 0,
        stepped=int(np.count_nonzero(numbers["wall_stepped"].cells)),
        connect_clock="kernel" if by_kernel else "user" if by_program else None,
        has_latency=bool(latency.any()),
        has_downloads=bool(some and not latency.all()),
    )


def _backward_ns(sent: Counts, offset: Counts) -> int:
    walls = (sent + offset)[np.argsort(sent, kind="stable")]
    return int((np.maximum.accumulate(walls) - walls).max())
