"""Each slot to the prober of its kind."""

from collections.abc import Callable, Mapping

from cloudgauge.measure.prober import Prober, Record, Visit
from cloudgauge.model.plan import ProbeKind, Slot


class ProberByKind:
    """A `Prober` of several: a plan's latency and its downloads."""

    def __init__(self, probers: Mapping[ProbeKind, Prober]) -> None:
        """Take a prober for each kind that the plan's slots have."""
        self._probers = probers

    async def visit(self, slot: Slot, keep: Callable[[Record], None]) -> Visit:
        """Have the slot probed by whom its kind asks for."""
        return await self._probers[slot.kind].visit(slot, keep)
