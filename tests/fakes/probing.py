"""Probers, sinks and gates that keep the contract without a network."""

from collections import deque
from collections.abc import Callable

from cloudgauge.errors import MachineError
from cloudgauge.measure.clock import Clock
from cloudgauge.measure.prober import Visit
from cloudgauge.model.plan import Ceilings, Slot
from cloudgauge.model.quantity import NS_PER_MS
from cloudgauge.model.sample import Connection, FailureKind, Sample, Timings
from cloudgauge.planning.spacing import Window, window_of


class ListSink:
    """Keeps samples in a list; full after *room* of them, if that is given."""

    def __init__(self, *, room: int | None = None) -> None:
        self.samples: list[Sample] = []
        self._room = room

    def append(self, sample: Sample) -> None:
        if self._room is not None and len(self.samples) >= self._room:
            msg = "results/x: no space left on device"
            raise MachineError(msg)
        self.samples.append(sample)


class FakeProber:
    """Answers every visit after *lasts_ns* as *script* says, by default well."""

    def __init__(
        self,
        clock: Clock,
        *,
        exchanges: int = 5,
        lasts_ns: int = 80 * NS_PER_MS,
        script: Callable[[Slot, int], Visit | None] = lambda _slot, _sent_ns: None,
    ) -> None:
        self._clock = clock
        self._exchanges = exchanges
        self._lasts_ns = lasts_ns
        self._script = script
        self.sent: list[tuple[int, Slot]] = []
        self.most_open = 0
        self._open = 0

    async def visit(self, slot: Slot, keep: Callable[[Sample], None]) -> Visit:
        sent_ns = self._clock.now_ns()
        self.sent.append((sent_ns, slot))
        self._open += 1
        self.most_open = max(self.most_open, self._open)
        try:
            await self._clock.sleep_until(sent_ns + self._lasts_ns)
        finally:
            self._open -= 1
        visit = self._script(slot, sent_ns) or Visit(
            samples=tuple(
                sample_of(slot, sent_ns, exchange=k) for k in range(self._exchanges)
            )
        )
        for sample in visit.samples:
            keep(sample)
        return visit


def sample_of(
    slot: Slot,
    sent_ns: int,
    *,
    exchange: int = 0,
    failure: FailureKind | None = None,
    body_bytes: int | None = 243,
) -> Sample:
    """An exchange that was answered, or failed."""
    return Sample(
        slot=slot,
        exchange=exchange,
        sent_ns=sent_ns,
        wall_ns=sent_ns,
        timings=Timings(),
        kernel=None,
        connection=Connection(),
        status=403,
        body_bytes=body_bytes,
        clock=None,
        wall_stepped=False,
        loop_lag_ns=0,
        failure=failure,
    )


class OpenGate:
    """Lets everything pass."""

    async def admit(self, provider: str, host: str) -> bool:  # noqa: ARG002  contract
        return False


class ClockGate:
    """The real gate's rule, in a clock's time; counts who had to wait."""

    def __init__(self, ceilings: Ceilings, clock: Clock) -> None:
        self._clock = clock
        self._windows = (
            window_of(ceilings.visits_per_s),
            window_of(ceilings.visits_per_s_provider),
            window_of(ceilings.visits_per_s_host),
        )
        self._logs: dict[tuple[int, str], deque[int]] = {}
        self.waits = 0

    async def admit(self, provider: str, host: str) -> bool:
        names = ("", provider, host)
        waited = False
        while not all(map(self._is_free, range(3), names, self._windows)):
            waited = True
            await self._clock.sleep_until(self._clock.now_ns() + 10 * NS_PER_MS)
        for level, name in enumerate(names):
            self._log(level, name).append(self._clock.now_ns())
        self.waits += waited
        return waited

    def _is_free(self, level: int, name: str, window: Window) -> bool:
        log = self._log(level, name)
        while log and self._clock.now_ns() - log[0] > window.span_ns:
            log.popleft()
        return len(log) < window.count

    def _log(self, level: int, name: str) -> deque[int]:
        return self._logs.setdefault((level, name), deque())
