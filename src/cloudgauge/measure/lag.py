"""How late the event loop is, measured by itself."""

import asyncio

from cloudgauge.measure.clock import Clock
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S

# Twenty turns a second cost less than a thousandth of one processor.
PERIOD_NS = 50 * NS_PER_MS
# Loop timers count whole milliseconds, so one is up to this late on an idle machine.
_ROUNDING_NS = NS_PER_MS


class LagMeter:
    """Asks the running loop, again and again, how long it lets others wait.

    The lag is the longer of two: how long one turn of the loop takes, which is what
    an answer that comes in now would wait; and how much later than due the meter's own
    timer fired, beyond the rounding of timers, which shows a loop that was blocked.

    Use it as a context manager inside a running loop.

    Attributes:
        last_ns: The lag last measured; 0 before the first time.
    """

    def __init__(self, clock: Clock, *, period_ns: int = PERIOD_NS) -> None:
        self.last_ns = 0
        self._clock = clock
        self._period_ns = period_ns
        self._due_ns = 0
        self._fired_ns = 0
        self._handle: asyncio.Handle | None = None

    def __enter__(self) -> "LagMeter":
        self._set()
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _set(self) -> None:
        self._due_ns = self._clock.now_ns() + self._period_ns
        loop = asyncio.get_running_loop()
        self._handle = loop.call_later(self._period_ns / NS_PER_S, self._fire)

    def _fire(self) -> None:
        self._fired_ns = self._clock.now_ns()
        self._handle = asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        turn_ns = self._clock.now_ns() - self._fired_ns
        late_ns = self._fired_ns - self._due_ns - _ROUNDING_NS
        self.last_ns = max(turn_ns, late_ns)
        self._set()
