"""Regions that are shown to be worse than the best leave the schedule.

In every round the order of two regions is a fair coin of ours, so the evidence of
`stats.sequential` holds however often one looks, and whatever depends on what. A look
is taken after every complete round, in a process of its own: the one that probes loads
no library of numbers, and its event loop waits for nobody.
"""

import asyncio
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from cloudgauge.errors import ConfigError
from cloudgauge.measure.prober import Record
from cloudgauge.model.coverage import (
    QUARTER_NS,
    QUARTERS_WANTED,
    full_quarters,
    is_burst,
)
from cloudgauge.model.plan import Plan, Slot
from cloudgauge.model.run import Decision, Departure, Remaining
from cloudgauge.model.sample import FailureKind, Sample
from cloudgauge.workflow.looks import (
    LEAST_ROUNDS,
    Look,
    Row,
    Standing,
    look_line,
    standings_of,
)

_OPTION = "--until-decided"
_US_PER_MS = 1e3
_NS_PER_MS = 1e6
# Beyond this nobody needs to know how sure it is, and JSON has no infinity.
_MOST_EVIDENCE = 1e300

Series = tuple[str, str]


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
    if plan.pacing.rounds < LEAST_ROUNDS:
        problem = (
            f"nobody leaves before {LEAST_ROUNDS} rounds, and the plan has "
            f"{plan.pacing.rounds}; take more, such as with -n 100"
        )
        raise ConfigError(_OPTION, problem)
    if not rule.snapshot and plan.duration_ns <= QUARTER_NS:
        problem = (
            "the run is too short to cover three quarters of a day, before which "
            "nothing is decided; make it longer than 6 h, or say --snapshot"
        )
        raise ConfigError(_OPTION, problem)


def _nobody(line: str) -> None:
    """Where nobody is told."""


class Decider:
    """Knows which series are still visited; is a sink and a `Roster`."""

    def __init__(
        self,
        plan: Plan,
        rule: DecisionRule,
        *,
        executor: Executor,
        skipped: Callable[[Slot], None],
        told: Callable[[str], None] = _nobody,
    ) -> None:
        self._rule = rule
        self._executor = executor
        self._skipped = skipped
        self._told = told
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
        self._standings: dict[Series, Standing] = {}
        self._quarters_told = -1
        # How many rounds were closed when the last look began.
        self._looked_at = 0

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
        self._skipped(slot)
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
            remaining=tuple(
                self._remaining(target_id, family)
                for family, ids in self._in.items()
                for target_id in sorted(ids)
            ),
        )

    async def conclude(self) -> None:
        """Bound by how much those that are left differ, at the end."""
        if len(self._closed) < LEAST_ROUNDS or not self._looks or self.is_decided:
            return
        matrices = [self._matrix(family) for family in self._in]
        fastest = [self._fastest(family) for family in self._in]
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._executor, standings_of, matrices, fastest
        )
        self._keep(found)

    def _fastest(self, family: str) -> int:
        """The column of the one with the least median of those that are left."""
        rows, columns = self._matrix(family), self._columns[family]
        places = [columns.index(one) for one in self._in[family]]
        seen = {
            at: [row[at] for row in rows if not math.isnan(row[at])] for at in places
        }
        return min(places, key=lambda at: statistics.median(seen[at] or [math.inf]))

    def _remaining(self, target_id: str, family: str) -> Remaining:
        known = self._standings.get((target_id, family))
        behind = (known and known.behind) or (None, None, None)
        return Remaining(
            target_id=target_id,
            family=family,
            rounds=len(self._closed),
            evidence=min(known.evidence, _MOST_EVIDENCE) if known else 0.0,
            behind_ms=behind[0],
            behind_low_ms=behind[1],
            behind_high_ms=behind[2],
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
        quarters = full_quarters(begins_ns)
        if is_burst(quarters) and not self._rule.snapshot:
            self._tell_of_hours(len(quarters))
            return
        self._looking, self._is_stale = True, False
        self._looked_at = len(self._closed)
        matrices = [self._matrix(family) for family in self._in]
        loop = asyncio.get_running_loop()
        nothing = [None] * len(matrices)
        looked = loop.run_in_executor(self._executor, standings_of, matrices, nothing)
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

    def _tell_of_hours(self, quarters: int) -> None:
        if quarters == self._quarters_told:
            return
        self._quarters_told = quarters
        self._told(
            f"no look yet: {quarters} of the {QUARTERS_WANTED} quarters of a day that "
            "are wanted have two rounds"
        )

    def _judge(self, looked: "asyncio.Future[list[list[Standing]]]") -> None:
        if looked.cancelled():
            return
        self._looking = False
        self._looks += 1
        self._keep(looked.result())
        for family in self._in:
            self._send_away(family)
        self._close_rounds()

    def _keep(self, found: Sequence[Sequence[Standing]]) -> None:
        for (family, ids), standings in zip(self._columns.items(), found, strict=True):
            for target_id, one in zip(ids, standings, strict=True):
                self._standings[target_id, family] = one

    def _send_away(self, family: str) -> None:
        """Those against whom there is evidence leave, but for the last one."""
        here = self._in[family]
        known = {one: self._standings[one, family] for one in here}
        leaving = [one for one in here if known[one].leaves][: len(here) - 1]
        for target_id in leaving:
            here.remove(target_id)
            self._departures.append(
                Departure(
                    target_id=target_id,
                    family=family,
                    rounds=self._looked_at,
                    evidence=min(known[target_id].evidence, _MOST_EVIDENCE),
                )
            )
        if len(known) > 1:
            self._told(look_line(self._look_of(family, leaving, known)))

    def _look_of(
        self, family: str, leaving: Sequence[str], known: Mapping[str, Standing]
    ) -> Look:
        still = sorted(self._in[family], key=lambda one: -known[one].evidence)
        return Look(
            number=self._looks,
            family=family,
            rounds=self._looked_at,
            still=tuple(still),
            left=tuple(leaving),
            gone=len(self._columns[family]) - len(known),
            evidence=known[still[0]].evidence,
        )


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
