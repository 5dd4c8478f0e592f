"""Regions that are shown to be worse than the best leave the schedule.

In every round the order of two regions is a fair coin of ours, so the evidence of
`stats.sequential` holds however often one looks, and whatever depends on what. A look
is taken after every complete round, in a process of its own: the one that probes loads
no library of numbers, and its event loop waits for nobody.
"""

import asyncio
import math
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from cloudgauge.errors import ConfigError
from cloudgauge.measure.prober import Record
from cloudgauge.model.coverage import QUARTER_NS, full_quarters, is_burst
from cloudgauge.model.plan import Plan, Slot
from cloudgauge.model.run import Decision, Departure
from cloudgauge.model.sample import FailureKind, Sample

_OPTION = "--until-decided"
_US_PER_MS = 1e3
_NS_PER_MS = 1e6
# Share of the regions sent away that may be so wrongly, on average.
ALPHA = 0.05
# Beyond this nobody needs to know how sure it is, and JSON has no infinity.
_MOST_EVIDENCE = 1e300

Series = tuple[str, str]
Row = tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRule:
    """When regions may leave.

    Attributes:
        snapshot: Also before the rounds have covered three quarters of a day: what
            is decided then is decided for these minutes.
    """

    snapshot: bool = False


def check_rule(plan: Plan, rule: DecisionRule) -> None:
    """Refuse a plan that the rule cannot decide.

    Raises:
        ConfigError: Saying what is in the way.
    """
    if plan.download is not None:
        problem = "is of latency, and the plan downloads as well"
        raise ConfigError(_OPTION, problem)
    if len(plan.targets) < 2:
        problem = "wants at least two targets to decide between"
        raise ConfigError(_OPTION, problem)
    if not rule.snapshot and plan.duration_ns <= QUARTER_NS:
        problem = (
            "the run is too short to cover three quarters of a day, before which "
            "nothing is decided; make it longer than 6 h, or say --snapshot"
        )
        raise ConfigError(_OPTION, problem)


class Decider:
    """Knows which series are still visited; is a sink and a `Roster`."""

    def __init__(
        self,
        plan: Plan,
        rule: DecisionRule,
        *,
        executor: Executor,
        skipped: Callable[[Slot], None],
    ) -> None:
        self._rule = rule
        self._executor = executor
        self._told = skipped
        self._in = {
            family.value: [target.target_id for target in plan.targets]
            for family in plan.probe.families
        }
        self._columns = {family: tuple(ids) for family, ids in self._in.items()}
        self._open: dict[int, dict[Series, float]] = {}
        self._began_ns: dict[int, int] = {}
        self._closed: dict[int, dict[Series, float]] = {}
        self._departures: list[Departure] = []
        self._looks = 0
        self._looking = False
        self._is_stale = False

    def append(self, record: Record) -> None:
        """Take the first exchange of a visit."""
        if not isinstance(record, Sample) or record.exchange or record.slot.replica:
            return
        slot = record.slot
        index = slot.round_index
        here = self._open.setdefault(index, {})
        here[slot.target_id, slot.family.value] = _value_ms(record)
        self._began_ns.setdefault(index, record.wall_ns)
        self._close_rounds()

    def has(self, slot: Slot) -> bool:
        """Whether the slot's series is visited; a control leaves with its target."""
        if slot.target_id in self._in[slot.family.value]:
            return True
        self._told(slot)
        return False

    @property
    def is_decided(self) -> bool:
        """Whether of every IP version one target is left."""
        return all(len(ids) == 1 for ids in self._in.values())

    def decision(self) -> Decision:
        """What was decided so far."""
        return Decision(
            snapshot=self._rule.snapshot,
            looks=self._looks,
            departures=tuple(self._departures),
        )

    def _close_rounds(self) -> None:
        wanted = {
            (target_id, family) for family, ids in self._in.items() for target_id in ids
        }
        for index in [i for i, seen in self._open.items() if wanted <= seen.keys()]:
            self._closed[index] = self._open.pop(index)
            self._is_stale = True
        self._look()

    def _look(self) -> None:
        if self._looking or not self._is_stale or self.is_decided:
            return
        begins_ns = [self._began_ns[index] for index in self._closed]
        if is_burst(full_quarters(begins_ns)) and not self._rule.snapshot:
            return
        self._looking, self._is_stale = True, False
        matrices = [self._matrix(family) for family in self._in]
        loop = asyncio.get_running_loop()
        looked = loop.run_in_executor(self._executor, worse_than_best, matrices)
        looked.add_done_callback(self._judge)

    def _matrix(self, family: str) -> list[Row]:
        """A row a closed round; NaN for what had left or was not answered."""
        ids = self._columns[family]
        return [
            tuple(
                self._closed[i].get((target_id, family), math.nan) for target_id in ids
            )
            for i in sorted(self._closed)
        ]

    def _judge(self, looked: "asyncio.Future[list[list[float]]]") -> None:
        if looked.cancelled():
            return
        self._looking = False
        self._looks += 1
        for family, evidence in zip(self._in, looked.result(), strict=True):
            self._send_away(family, evidence)
        self._close_rounds()

    def _send_away(self, family: str, evidence: Sequence[float]) -> None:
        """Those against whom there is evidence leave, but for the last one."""
        known = dict(zip(self._columns[family], evidence, strict=True))
        here = self._in[family]
        leaving = [target_id for target_id in here if known[target_id] > 0]
        for target_id in leaving[: len(here) - 1]:
            here.remove(target_id)
            self._departures.append(
                Departure(
                    target_id=target_id,
                    family=family,
                    rounds=len(self._closed),
                    evidence=min(known[target_id], _MOST_EVIDENCE),
                )
            )


@contextmanager
def judging() -> Iterator[Executor]:
    """A process that judges; it leaves interrupts to the one that probes."""
    pool = ProcessPoolExecutor(
        max_workers=1,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_ignore_interrupts,
    )
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def worse_than_best(matrices: Sequence[Sequence[Row]]) -> list[list[float]]:
    """Of each target of each matrix, the e-value against it; 0 for who may be best."""
    # The process that probes only names this function, and so loads none of it.
    from cloudgauge.stats.sequential import still_in  # noqa: PLC0415  see above

    found = []
    for matrix in matrices:
        standing = still_in(matrix, alpha=ALPHA)
        pairs = zip(standing.evidence, standing.still, strict=True)
        found.append([0.0 if still else evidence for evidence, still in pairs])
    return found


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _value_ms(sample: Sample) -> float:
    """As `analysis.run_rounds` has it: infinity for a timeout, NaN for no value."""
    if sample.failure is FailureKind.CONNECT_TIMEOUT:
        return math.inf
    kernel = sample.kernel
    if sample.failure is not None or (kernel and kernel.syn_retransmits):
        return math.nan
    if kernel is not None and kernel.connect_rtt_us is not None:
        return kernel.connect_rtt_us / _US_PER_MS
    connect_ns = sample.timings.connect_ns
    return math.nan if connect_ns is None else connect_ns / _NS_PER_MS
