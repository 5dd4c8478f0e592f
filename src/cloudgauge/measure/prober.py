"""What the runner asks of whoever probes, and of whoever keeps what was seen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cloudgauge.model.plan import Slot
from cloudgauge.model.sample import Sample
from cloudgauge.model.transfer import Bin

# What a probe gives away as soon as it is known.
Record = Sample | Bin


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What one visit came to.

    Attributes:
        samples: One for each exchange that was tried, in their order from
            exchange 0, at least one; of a visit of latency the last may hold a
            failure, after which nothing more was tried. A 429, and a 503 with a
            Retry-After, is ``FailureKind.THROTTLED``; a 503 without one is an
            unexpected status. Of a transfer exchange 0 is the transfer itself, the
            others are the small requests beside it.
        retry_after_ns: How long the server asked us to stay away, counted from
            the end of the visit, at least 0; None if no sample is ``THROTTLED``
            or the header was absent or unreadable. A date in the header has
            been turned into a span already. Not bounded: the runner does that.
    """

    samples: tuple[Sample, ...]
    retry_after_ns: int | None = None

    def __post_init__(self) -> None:
        if not self.samples:
            msg = "a visit has at least one sample"
            raise ValueError(msg)
        if self.retry_after_ns is not None and self.retry_after_ns < 0:
            msg = f"retry_after_ns must be >= 0, got {self.retry_after_ns}"
            raise ValueError(msg)


class Prober(Protocol):
    """Carries out visits, many at once."""

    async def visit(self, slot: Slot, keep: Callable[[Record], None]) -> Visit:
        """Visit a slot's target now, or download from it.

        Gives each sample to *keep* as soon as its exchange has ended, so that a kill
        loses none because its visit went on; returns them all once more. The bins of
        a transfer go to *keep* alone, each when it ends, in the order of their index;
        the sample of exchange 0 comes when the transfer is over.

        Called when the slot is due and its throttles let it pass: the first
        thing it does is to read the clock for ``sent_ns`` of exchange 0. Expected
        failures are in the samples; what it raises is a bug and stops the run.
        It ends by itself, by the probe's timeouts. When it is cancelled it closes
        what it opened and lets the cancellation pass.
        """
        ...


class SampleSink(Protocol):
    """Takes samples, and bins of transfers, as they come."""

    def append(self, record: Record) -> None:
        """Take what was seen; quick, and without waiting for a disk.

        Raises:
            MachineError: It cannot be kept; the run stops.
        """
        ...


class Roster(Protocol):
    """Knows which series are still visited."""

    def has(self, slot: Slot) -> bool:
        """Whether the visit of a slot that is due now is still wanted; quick."""
        ...

    @property
    def is_decided(self) -> bool:
        """Whether nothing more needs to be measured."""
        ...


class Everybody:
    """The roster of a run in which nobody leaves."""

    is_decided = False

    def has(self, slot: Slot) -> bool:  # noqa: ARG002  the contract's
        """Say yes."""
        return True
