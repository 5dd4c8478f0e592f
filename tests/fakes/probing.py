"""Probers, sinks and gates that keep the contract without a network."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace

from cloudgauge.errors import MachineError
from cloudgauge.measure.clock import Clock
from cloudgauge.measure.prober import Record, Visit
from cloudgauge.model.plan import Ceilings, Slot
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.sample import Connection, FailureKind, Part, Sample, Timings
from cloudgauge.model.transfer import BIN_NS, Bin
from cloudgauge.planning.spacing import Window, window_of


class ListSink:
    """Keeps records in lists; full after *room* of them, if that is given."""

    def __init__(self, *, room: int | None = None) -> None:
        self.samples: list[Sample] = []
        self.bins: list[Bin] = []
        self._room = room

    def append(self, record: Record) -> None:
        kept = len(self.samples) + len(self.bins)
        if self._room is not None and kept >= self._room:
            msg = "results/x: no space left on device"
            raise MachineError(msg)
        if isinstance(record, Bin):
            self.bins.append(record)
        else:
            self.samples.append(record)


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

    async def visit(self, slot: Slot, keep: Callable[[Record], None]) -> Visit:
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


class FakeDownloader:
    """Downloads for *lasts_ns*: idle looks, then bins, then the transfer's sample.

    As many round trips are looked at as there are bins, half of them before. Where
    *script* has a visit, that is all there is.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        bins: int = 4,
        bin_bytes: int = 10**6,
        lasts_ns: int = 8 * NS_PER_S,
        script: Callable[[Slot, int], Visit | None] = lambda _slot, _sent_ns: None,
    ) -> None:
        self._clock = clock
        self._bins = bins
        self._bin_bytes = bin_bytes
        self._lasts_ns = lasts_ns
        self._script = script
        self.sent: list[tuple[int, Slot]] = []
        self.most_open = 0
        self._open = 0

    async def visit(self, slot: Slot, keep: Callable[[Record], None]) -> Visit:
        sent_ns = self._clock.now_ns()
        self.sent.append((sent_ns, slot))
        self._open += 1
        self.most_open = max(self.most_open, self._open)
        try:
            visit = self._script(slot, sent_ns) or await self._pour(slot, sent_ns, keep)
        finally:
            self._open -= 1
        keep(visit.samples[0])
        return visit

    async def _pour(
        self, slot: Slot, sent_ns: int, keep: Callable[[Record], None]
    ) -> Visit:
        looks = []
        for index in range(2 * self._bins):
            step_ns = (index + 1) * self._lasts_ns // (2 * self._bins)
            await self._clock.sleep_until(sent_ns + step_ns)
            if index < self._bins:
                part = Part.IDLE if index < self._bins // 2 else Part.LOADED
                look = sample_of(slot, sent_ns, exchange=index + 1)
                looks.append(replace(look, part=part))
                keep(looks[-1])
            else:
                began_ns = self._clock.now_ns()
                keep(
                    bin_of(
                        slot,
                        index - self._bins,
                        body_bytes=self._bin_bytes,
                        began_ns=began_ns,
                    )
                )
        poured_bytes = self._bins * self._bin_bytes
        return Visit(
            samples=(sample_of(slot, sent_ns, body_bytes=poured_bytes), *looks)
        )


def bin_of(
    slot: Slot, index: int, *, body_bytes: int = 10**6, began_ns: int = 0
) -> Bin:
    """A tenth of a second of a transfer, with one answer that began in it."""
    return Bin(
        slot=slot,
        index=index,
        began_ns=began_ns,
        length_ns=BIN_NS,
        body_bytes=body_bytes,
        wire_bytes=None,
        requests=1,
        rtt_us=None,
        receive_rtt_us=None,
        receive_space_bytes=None,
        window_bytes=None,
        unread_bytes=None,
        drain_ns=0,
        cpu_ns=0,
        object_bytes=50 * 10**6,
    )


def sample_of(
    slot: Slot,
    sent_ns: int,
    *,
    exchange: int = 0,
    failure: FailureKind | None = None,
    body_bytes: int | None = 243,
) -> Sample:
    """An exchange that was answered, or failed; of a download, a loaded one."""
    part = None
    if slot.streams is not None:
        part = Part.LOADED if exchange else Part.TRANSFER
    return Sample(
        slot=slot,
        exchange=exchange,
        sent_ns=sent_ns,
        wall_ns=sent_ns,
        timings=Timings(),
        kernel=None,
        connection=Connection(),
        status=403,
        body_bytes=0 if part is Part.LOADED else body_bytes,
        clock=None,
        wall_stepped=False,
        loop_lag_ns=0,
        failure=failure,
        part=part,
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
