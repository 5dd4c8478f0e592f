"""Values by round: the blocks that every comparison is made of.

A round visits every series once, in an order drawn anew, so two series of one round saw
the same minute. A value is what one series saw in one round: NaN where there is none,
infinity where it is only known to be longer than the program waited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.series import Floats
from cloudgauge.model.coverage import full_quarters, is_burst
from cloudgauge.model.run import Part

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Line:
    """What has one value a round: a target over one IP version.

    Attributes:
        replica: 1 for the second series of an A/A control.
        streams: Connections of a download; 0 for a visit of latency.
    """

    target_id: str
    family: str
    replica: int = 0
    streams: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """What became of the visits, or transfers, of a line.

    Attributes:
        made: Those that were tried, without what our own side held back.
        answered: That did not fail at their first exchange.
        timed_out: That failed by a timeout that the metric counts as longer.
        resent: Whose SYN was sent again.
        unsettled: Downloads without a settled rate.
        clocks: Whose time the values are: ``kernel``, ``user`` or both.
        protocols: Versions of TLS and HTTP that were spoken.
    """

    made: int = 0
    answered: int = 0
    timed_out: int = 0
    resent: int = 0
    unsettled: int = 0
    clocks: frozenset[str] = frozenset()
    protocols: frozenset[str] = frozenset()

    @property
    def failed(self) -> int:
        """Those that were not answered, timeouts too."""
        return self.made - self.answered

    def __add__(self, other: "Attempts") -> "Attempts":
        return Attempts(
            made=self.made + other.made,
            answered=self.answered + other.answered,
            timed_out=self.timed_out + other.timed_out,
            resent=self.resent + other.resent,
            unsettled=self.unsettled + other.unsettled,
            clocks=self.clocks | other.clocks,
            protocols=self.protocols | other.protocols,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """When rounds were: what they can speak for.

    Attributes:
        rounds: With at least one sample.
        begin_ns: The first one's first send by the wall clock, UTC.
        end_ns: The last one's.
        quarters: Quarters of the day, UTC from midnight, that have two rounds or more.
    """

    rounds: int
    begin_ns: int
    end_ns: int
    quarters: tuple[int, ...]

    @property
    def is_burst(self) -> bool:
        """Whether they say nothing of other hours: fewer than three quarters."""
        return is_burst(self.quarters)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Rounds:
    """The values of one metric, a row a round, a column a line.

    Attributes:
        lines: Sorted.
        runs: Shape (n,): which run a round is of, from 0.
        wall_ns: Shape (n,): the round's first send by the wall clock, UTC.
        values: Shape (n, lines), in the metric's unit; NaN and infinity as above.
        attempts: One a line.
        limit: How long was waited at least, in the metric's unit: what an infinite
            value is beyond; None where nothing is.
    """

    metric: Metric
    lines: tuple[Line, ...]
    runs: Codes
    wall_ns: Codes
    values: Floats
    attempts: tuple[Attempts, ...]
    limit: float | None = None
    _places: Mapping[Line, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        places = {line: at for at, line in enumerate(self.lines)}
        object.__setattr__(self, "_places", places)

    @property
    def has_value(self) -> bool:
        """Whether anything was answered in time."""
        return bool(np.isfinite(self.values).any())

    def __contains__(self, line: Line) -> bool:
        """Whether it is one of the lines."""
        return line in self._places

    def of(self, line: Line) -> Floats:
        """The values of one line, shape (n,)."""
        found: Floats = self.values[:, self._places[line]]
        return found

    def attempts_of(self, line: Line) -> Attempts:
        """What became of a line's visits."""
        return self.attempts[self._places[line]]

    def some(self, lines: Sequence[Line]) -> "Rounds":
        """These lines alone."""
        places = [self._places[line] for line in lines]
        return replace(
            self,
            lines=tuple(lines),
            values=self.values[:, places],
            attempts=tuple(self.attempts[place] for place in places),
        )

    def where(self, kept: NDArray[np.bool_]) -> "Rounds":
        """These rounds alone, shape (n,); the attempts stay those of all."""
        return replace(
            self,
            runs=self.runs[kept],
            wall_ns=self.wall_ns[kept],
            values=self.values[kept],
        )

    def answered(self) -> "Rounds":
        """The same without what is only known to be longer: as if it were not there."""
        return replace(
            self, values=np.where(np.isinf(self.values), np.nan, self.values)
        )

    def coverage(self) -> Coverage:
        """When the rounds were; at least one is wanted."""
        return Coverage(
            rounds=len(self.wall_ns),
            begin_ns=int(self.wall_ns.min()),
            end_ns=int(self.wall_ns.max()),
            quarters=full_quarters(self.wall_ns.tolist()),
        )


def joined(parts: Sequence[Rounds], runs: Sequence[int] | None = None) -> Rounds:
    """The rounds of several runs, one run after the other; all of one metric.

    Args:
        parts: At least one.
        runs: Which run each is of, never falling; None where each is one of its own.
    """
    lines = tuple(sorted({line for part in parts for line in part.lines}))
    place = {line: at for at, line in enumerate(lines)}
    values, attempts = [], dict[Line, Attempts]()
    for part in parts:
        made = np.full((len(part.values), len(lines)), np.nan)
        made[:, [place[line] for line in part.lines]] = part.values
        values.append(made)
        for line, one in zip(part.lines, part.attempts, strict=True):
            attempts[line] = attempts[line] + one if line in attempts else one
    of_runs = range(len(parts)) if runs is None else runs
    numbers = [
        np.full(len(part.values), run) for run, part in zip(of_runs, parts, strict=True)
    ]
    return Rounds(
        metric=parts[0].metric,
        lines=lines,
        runs=np.concatenate(numbers),
        wall_ns=np.concatenate([part.wall_ns for part in parts]),
        values=np.concatenate(values),
        attempts=tuple(attempts[line] for line in lines),
    )


def run_numbers(parts: Sequence[Part | None]) -> list[int]:
    """Which run each of several sets from one vantage is of, from 0.

    Parts of one campaign that followed one another on time are one run.

    Args:
        parts: Of the sets in the order in which they were begun; None for a run of its
            own.
    """
    found: list[int] = []
    before: Part | None = None
    for part in parts:
        goes_on = (
            part is not None
            and before is not None
            and not (part.is_rest or before.is_rest)
            and part.campaign == before.campaign
            and part.first_round == before.first_round + before.rounds
        )
        last = found[-1] if found else -1
        found.append(last if goes_on else last + 1)
        before = part
    return found
