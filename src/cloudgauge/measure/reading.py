"""A transfer's thread, seen from the event loop."""

import asyncio
import concurrent.futures
from collections.abc import Callable, Sequence

from cloudgauge.measure.bulk_stream import BulkStream
from cloudgauge.measure.clock import Clock
from cloudgauge.measure.failure import Failure
from cloudgauge.measure.lookup_lane import LookupLane
from cloudgauge.measure.prober import Record
from cloudgauge.measure.transfer import Bounds, Transfer, TransferEnd
from cloudgauge.model.plan import Slot
from cloudgauge.model.sample import FailureKind
from cloudgauge.model.transfer import Bin

_GIVEN_UP = Failure(kind=FailureKind.OWN_MACHINE, detail="given up by the run")


class Reading:
    """Has a transfer read by a thread of its own. Made and used inside a running loop.

    Args:
        slot: Of the bins.
        streams: At least one; closed by their owner, when `run` is over.
        bounds: When it ends.
        clock: Of the run.
    """

    def __init__(
        self, slot: Slot, streams: Sequence[BulkStream], bounds: Bounds, clock: Clock
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._bins: asyncio.Queue[tuple[Bin, ...]] = asyncio.Queue()
        self._transfer = Transfer(slot, streams, bounds, clock, self._give)

    def stop(self, why: Failure) -> None:
        """Have it end now as failed."""
        self._transfer.stop(why)

    async def run(self, keep: Callable[[Record], None]) -> TransferEnd:
        """Read to the end; each bin is given to *keep* in this thread.

        However it is left, the thread has read its last when it is.
        """
        lane: LookupLane[TransferEnd] = LookupLane("transfer", threads=1)
        reading = lane.submit(self._work)
        lane.close()
        try:
            while some := await self._bins.get():
                for one in some:
                    keep(one)
        finally:
            # It looks at this within a few reads, so waiting for it is no wait.
            self._transfer.stop(_GIVEN_UP)
            concurrent.futures.wait((reading,))
        return reading.result()

    def _work(self) -> TransferEnd:
        try:
            return self._transfer.run()
        finally:
            self._give(())  # there are no more

    def _give(self, some: tuple[Bin, ...]) -> None:
        self._loop.call_soon_threadsafe(self._bins.put_nowait, some)
