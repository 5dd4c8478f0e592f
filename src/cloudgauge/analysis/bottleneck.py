"""Whether our own machine, and not the path, decided how fast a transfer was."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.transfers import BinFigures, Transfer
from cloudgauge.model.calibration import Calibration, DownloadCeiling
from cloudgauge.stats.caveat import Caveat
from cloudgauge.stats.settling import Settled

Mask = NDArray[np.bool_]

# A window that is used to this share leaves the sender waiting for us.
WINDOW_SHARE = 0.9
# Of one processor, which a thread cannot pass; the rest is the system's own.
CPU_SHARE = 0.85
# Of what this machine received from itself.
CEILING_SHARE = 0.7


def bottleneck_caveats(
    transfers: Sequence[Transfer], calibration: Calibration | None, *, tls: bool = True
) -> tuple[Caveat, ...]:
    """Say where the client may have been the bottleneck, in how many transfers.

    Args:
        transfers: Of one target, family and number of streams.
        calibration: Of the machine that measured; without one nothing is said of
            its ceiling.
        tls: Whether the transfers were encrypted.
    """
    judged = [
        _Judged(bins=_counted(one.bins, one.settled), settled=one.settled)
        for one in transfers
        if one.bins is not None and one.settled is not None
    ]
    ceiling = None
    if calibration is not None and judged:
        ceiling = _ceiling(calibration, transfers[0].streams, tls=tls)
    return tuple(_caveats(judged, ceiling))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """A transfer that did not fail.

    Attributes:
        bins: Those that its rate is made of, or all where none is.
    """

    bins: BinFigures
    settled: Settled


def _caveats(
    judged: Sequence[_Judged], ceiling: DownloadCeiling | None
) -> Iterator[Caveat]:
    def found(test: Callable[[_Judged], bool]) -> str | None:
        count = sum(test(one) for one in judged)
        return f"in {count} of {len(judged)} tests" if count else None

    if where := found(_window_full):
        yield Caveat(
            name="window full",
            text=(
                f"{where} the receive window was full: our own machine's buffer, not "
                "the path, was the bound"
            ),
        )
    if where := found(_processor_busy):
        yield Caveat(
            name="cpu busy",
            text=(
                f"{where} our own processor was busy for more than "
                f"{100 * CPU_SHARE:g} % of the time: it may have been the bound"
            ),
        )
    if ceiling is None:
        return
    bound = CEILING_SHARE * ceiling.bytes_per_s
    streams = "1 stream" if ceiling.streams == 1 else f"{ceiling.streams} streams"
    if where := found(lambda one: _rate(one) > bound):
        yield Caveat(
            name="near ceiling",
            text=(
                f"{where} the rate was above {100 * CEILING_SHARE:g} % of the "
                f"{ceiling.bytes_per_s * 8 / 1e6:,.0f} Mbit/s that this machine "
                f"received from itself over {streams}"
            ),
        )


def _window_full(judged: _Judged) -> bool:
    """Whether in most bins the bytes under way, or unread, fill the window."""
    bins = judged.bins
    # What the kernel does not say is NaN, which fills nothing.
    rate = np.where(
        np.isnan(bins.wire_bytes_per_s), bins.body_bytes_per_s, bins.wire_bytes_per_s
    )
    under_way = rate * bins.rtt_s >= WINDOW_SHARE * bins.window_bytes
    waiting = bins.unread_bytes > 0
    unread = waiting & (bins.unread_bytes >= WINDOW_SHARE * bins.window_bytes)
    return _most(under_way | unread)


def _processor_busy(judged: _Judged) -> bool:
    busy = np.fmax(judged.bins.cpu_share, judged.bins.drain_share)
    return bool(np.mean(busy) > CPU_SHARE)


def _rate(judged: _Judged) -> float:
    """The settled rate, or the highest level where there is none."""
    settled = judged.settled
    return (settled.point if settled.point is not None else settled.high) or 0.0


def _most(mask: Mask) -> bool:
    return bool(2 * np.count_nonzero(mask) > len(mask))


def _counted(bins: BinFigures, settled: Settled) -> BinFigures:
    # By its middle, so that a rounded end neither takes a bin in nor leaves it out.
    middle_s = bins.ends_s - np.diff(bins.ends_s, prepend=0.0) / 2
    kept = middle_s >= settled.from_s
    return bins.part(kept) if kept.any() else bins


def _ceiling(
    calibration: Calibration, streams: int, *, tls: bool
) -> DownloadCeiling | None:
    """What was calibrated for as many streams, or else the nearest number of them."""
    like = [one for one in calibration.ceilings if one.tls == tls]
    return min(
        like, key=lambda one: (abs(one.streams - streams), one.streams), default=None
    )
